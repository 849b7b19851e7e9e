//! The browser layer in a page.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../../tests/shared/guard.rs"]
mod guard;
mod guards;
mod queue;
mod timer;
mod value;
