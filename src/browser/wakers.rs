//! The tasks that wait for one thing: a list and not a slot, so that two that wait on clones are both woken.

use std::cell::RefCell;
use std::task::{Context, Waker};

/// Everybody who waits.
#[derive(Default)]
pub(crate) struct Wakers(RefCell<Vec<Waker>>);

impl Wakers {
    /// Wakes this task the next time.
    pub(crate) fn register(&self, context: &Context<'_>) {
        let mut wakers = self.0.borrow_mut();
        if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            wakers.push(context.waker().clone());
        }
    }

    /// Wakes all of them, once.
    pub(crate) fn wake(&self) {
        // Taken first: a waker is foreign code and may come back here.
        for waker in self.0.take() {
            waker.wake();
        }
    }
}
