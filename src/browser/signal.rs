//! An `AbortSignal` as a future.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use web_sys::{AbortSignal, EventTarget};

use super::listener::Listener;

/// Resolves when `signal` aborts, at once if it has.
pub(crate) fn aborted(signal: &AbortSignal) -> Aborted {
    let waker: Rc<Cell<Option<Waker>>> = Rc::default();
    let shared = Rc::clone(&waker);
    let target: &EventTarget = signal.as_ref();
    let listener = Listener::new(target, &["abort"], move |_| {
        if let Some(waker) = shared.take() {
            waker.wake();
        }
    });
    Aborted { signal: signal.clone(), _listener: listener, waker }
}

/// The future of [`aborted`].
pub(crate) struct Aborted {
    signal: AbortSignal,
    _listener: Listener,
    waker: Rc<Cell<Option<Waker>>>,
}

impl Future for Aborted {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.signal.aborted() {
            return Poll::Ready(());
        }
        self.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}
