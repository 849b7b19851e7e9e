//! The browser layer in a page.

#[path = "../../../tests/shared/guard.rs"]
mod guard;
mod guards;
mod queue;
mod timer;
mod value;
