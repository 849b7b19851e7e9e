//! One outcome, told by whichever event comes first and waited for by one future.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Clones share it.
pub(crate) struct Outcome<T>(Rc<Inner<T>>);

struct Inner<T> {
    value: Cell<Option<T>>,
    settled: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl<T> Outcome<T> {
    pub(crate) fn new() -> Self {
        Outcome(Rc::new(Inner { value: Cell::new(None), settled: Cell::new(false), waker: Cell::new(None) }))
    }

    /// The first value stands, later ones are dropped.
    pub(crate) fn settle(&self, value: T) {
        if self.0.settled.replace(true) {
            return;
        }
        self.0.value.set(Some(value));
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }

    /// The value, once.
    pub(crate) fn poll(&self, context: &Context<'_>) -> Poll<T> {
        match self.0.value.take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.0.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl<T> Clone for Outcome<T> {
    fn clone(&self) -> Self {
        Outcome(Rc::clone(&self.0))
    }
}
