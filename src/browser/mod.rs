//! RAII over the browser's objects. The only layer that makes a `Closure`.
//!
//! Everything here gives back what it took when it is dropped, at any moment and without a sound.

pub(crate) mod address;
pub(crate) mod callback;
pub(crate) mod clock;
pub(crate) mod element;
pub(crate) mod global;
pub(crate) mod lifecycle;
pub(crate) mod listener;
pub(crate) mod outcome;
pub(crate) mod policy;
pub(crate) mod queue;
pub(crate) mod send;
pub(crate) mod signal;
pub(crate) mod socket;
pub(crate) mod text;
pub(crate) mod timer;
pub(crate) mod timing;
pub(crate) mod value;
pub(crate) mod wakers;

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
