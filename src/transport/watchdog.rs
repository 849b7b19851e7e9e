//! Runs an exchange's time limits on a real timer: the rules are in `proto::deadline`.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use crate::browser::clock;
use crate::browser::timer::Timer;
use crate::error::Phase;
use crate::proto::deadline::{Deadlines, Limits, Verdict};

/// Calls back, once, with the limit that passed: always from a timer, never from within a call. Dropping the last
/// clone ends the watch.
#[derive(Clone)]
pub(crate) struct Watchdog(Rc<Inner>);

struct Inner {
    deadlines: Cell<Deadlines>,
    timer: RefCell<Option<Timer>>,
    /// When the timer is to ring.
    due: Cell<Duration>,
    expire: Box<dyn Fn(Phase)>,
}

impl Watchdog {
    /// Starts counting now. `expire` may drop the watchdog.
    pub(crate) fn new(limits: Limits, uploading: bool, expire: impl Fn(Phase) + 'static) -> Self {
        let deadlines = Deadlines::new(limits, clock::now(), uploading);
        let inner = Rc::new(Inner {
            deadlines: Cell::new(deadlines),
            timer: RefCell::new(None),
            due: Cell::new(Duration::ZERO),
            expire: Box::new(expire),
        });
        arm(&inner);
        Watchdog(inner)
    }

    pub(crate) fn progressed(&self) {
        self.change(Deadlines::progressed);
    }

    /// Nobody waits for bytes until [`asked`](Watchdog::asked).
    pub(crate) fn rested(&self) {
        self.change(Deadlines::rested);
    }

    /// Bytes are waited for again, from now on.
    pub(crate) fn asked(&self) {
        self.change(Deadlines::progressed);
        // The idle limit was not running, so the timer may be set to a later moment, or not at all.
        arm(&self.0);
    }

    pub(crate) fn uploaded(&self) {
        self.change(Deadlines::uploaded);
        // The first-byte limit starts here and may come before the moment the timer is set to.
        arm(&self.0);
    }

    pub(crate) fn answered(&self) {
        self.change(Deadlines::answered);
    }

    fn change(&self, step: fn(&mut Deadlines, Duration)) {
        let mut deadlines = self.0.deadlines.get();
        step(&mut deadlines, clock::now());
        self.0.deadlines.set(deadlines);
    }
}

/// Sets the timer to the next limit. Progress only moves limits away, so it need not be set again for that.
fn arm(inner: &Rc<Inner>) {
    match decide(inner, Deadlines::check) {
        Verdict::Never => drop(inner.timer.take()),
        Verdict::Expired(_) => ring_after(inner, Duration::ZERO),
        Verdict::Wait(wait) => ring_after(inner, wait),
    }
}

fn ring_after(inner: &Rc<Inner>, wait: Duration) {
    let weak = Rc::downgrade(inner);
    inner.due.set(clock::now().saturating_add(wait));
    inner.timer.replace(Some(Timer::new(wait, move || look(&weak))));
}

fn look(inner: &Weak<Inner>) {
    let Some(inner) = inner.upgrade() else { return };
    let due = inner.due.get();
    match decide(&inner, |deadlines, now| deadlines.look(due, now)) {
        Verdict::Never => drop(inner.timer.take()),
        Verdict::Wait(wait) => ring_after(&inner, wait),
        Verdict::Expired(phase) => {
            inner.timer.take();
            (inner.expire)(phase);
        }
    }
}

fn decide(inner: &Inner, ask: impl FnOnce(&mut Deadlines, Duration) -> Verdict) -> Verdict {
    let mut deadlines = inner.deadlines.get();
    let verdict = ask(&mut deadlines, clock::now());
    inner.deadlines.set(deadlines);
    verdict
}
