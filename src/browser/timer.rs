//! Timers that stop when dropped and can wait longer than `setTimeout` can.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::Event;

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
    leg: Cell<JsValue>,
    callback: Cell<Option<Box<dyn FnOnce()>>>,
    // It is called without an event; as it has the type of a listener's, there is the code of one closure and not of two.
    expired: Closure<dyn Fn(Event)>,
}

impl Timer {
    pub(crate) fn new(after: Duration, callback: impl FnOnce() + 'static) -> Self {
        Timer::of(after, Box::new(callback))
    }

    // Apart, because its code is the same for every callback.
    fn of(after: Duration, callback: Box<dyn FnOnce()>) -> Self {
        let inner = Rc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = Weak::clone(inner);
            Inner {
                delay: Cell::new(Delay::new(after, now())),
                leg: Cell::default(),
                callback: Cell::new(Some(callback)),
                expired: Closure::new(move |_| expire(&inner)),
            }
        });
        arm(&inner);
        Timer(inner)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.callback.take();
        clear_timeout(&self.0.leg.take());
    }
}

fn arm(inner: &Inner) {
    let leg = set_timeout(inner.expired.as_ref(), inner.delay.get().leg());
    inner.leg.set(leg);
}

fn expire(inner: &Weak<Inner>) {
    let Some(inner) = inner.upgrade() else { return };
    let mut delay = inner.delay.get();
    let left = delay.left_after_leg(now());
    inner.delay.set(delay);
    if left > 0 {
        return arm(&inner);
    }
    if let Some(callback) = inner.callback.take() {
        callback();
    }
}

/// In milliseconds.
fn now() -> u64 {
    clock::timestamp() as u64
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

#[wasm_bindgen]
extern "C" {
    // What it gives is a number in a browser, and an object in Node.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: u32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timeout: &JsValue);
}
