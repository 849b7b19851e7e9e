//! Timers that stop when dropped and can wait longer than `setTimeout` can.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gloo_timers::callback::Timeout;

use super::clock;
use crate::proto::delay::Delay;

/// Runs a callback once, `after` a wall-clock delay of any length; dropping it stops it.
///
/// `setTimeout` keeps its delay in 31 bits: 30 days wrap round and fire at once. So a long delay is split into legs,
/// and the clock, not the number of legs, says when it is over.
#[must_use = "dropping a Timer stops it"]
pub(crate) struct Timer(Rc<Inner>);

struct Inner {
    delay: Cell<Delay>,
    leg: RefCell<Option<Timeout>>,
    callback: Cell<Option<Box<dyn FnOnce()>>>,
}

impl Timer {
    pub(crate) fn new(after: Duration, callback: impl FnOnce() + 'static) -> Self {
        let inner = Rc::new(Inner {
            delay: Cell::new(Delay::new(after, clock::now())),
            leg: RefCell::new(None),
            callback: Cell::new(Some(Box::new(callback))),
        });
        arm(&inner);
        Timer(inner)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.callback.take();
        self.0.leg.take();
    }
}

fn arm(inner: &Rc<Inner>) {
    let weak = Rc::downgrade(inner);
    let leg = Timeout::new(inner.delay.get().leg(), move || expire(&weak));
    inner.leg.replace(Some(leg));
}

fn expire(inner: &Weak<Inner>) {
    let Some(inner) = inner.upgrade() else { return };
    let mut delay = inner.delay.get();
    let left = delay.left_after_leg(clock::now());
    inner.delay.set(delay);
    if !left.is_zero() {
        return arm(&inner);
    }
    if let Some(callback) = inner.callback.take() {
        callback();
    }
}

/// Resolves `after` a wall-clock delay of any length; at once on a target without a browser, which has no clock.
pub(crate) fn sleep(after: Duration) -> Sleep {
    let state = Rc::new(SleepState::default());
    if !cfg!(target_arch = "wasm32") {
        state.done.set(true);
        return Sleep { _timer: None, state };
    }
    let shared = Rc::clone(&state);
    let timer = Timer::new(after, move || {
        shared.done.set(true);
        if let Some(waker) = shared.waker.take() {
            waker.wake();
        }
    });
    Sleep { _timer: Some(timer), state }
}

/// The future of [`sleep`].
#[must_use = "futures do nothing unless awaited"]
pub(crate) struct Sleep {
    _timer: Option<Timer>,
    state: Rc<SleepState>,
}

#[derive(Default)]
struct SleepState {
    done: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.state.done.get() {
            return Poll::Ready(());
        }
        self.state.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}
