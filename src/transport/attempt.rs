//! One thing waited for: whichever comes first, its outcome, its time limit or its signal.

use std::cell::RefCell;
use std::task::{Context, Poll};
use std::time::Duration;

use web_sys::{AbortSignal, EventTarget};

use super::rest::not_aborted;
use crate::browser::listener::Listener;
use crate::browser::outcome::Outcome;
use crate::browser::timer::Timer;
use crate::error::{AbortedBy, Error, Phase, Result};

/// What can end an attempt from this side.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) timeout: Option<Duration>,
    pub(super) signal: Option<AbortSignal>,
}

/// A running attempt. Dropping it ends the wait; what it waits for has owners of its own.
pub(super) struct Attempt<T> {
    outcome: Outcome<Result<T>>,
    _timer: Option<Timer>,
    _signal: Option<Listener>,
}

impl<T: 'static> Attempt<T> {
    /// # Errors
    /// When the signal has aborted already.
    pub(super) fn new(ends: &Ends) -> Result<Self> {
        not_aborted(ends.signal.as_ref())?;
        let outcome = Outcome::new();
        let late = outcome.clone();
        let timer = ends
            .timeout
            .map(|after| Timer::new(after, move || late.settle(Err(Error::timeout(Phase::Total)))));
        let aborted = outcome.clone();
        let signal = ends.signal.as_ref().map(|signal| {
            let target: &EventTarget = signal.as_ref();
            let abort = move |_| aborted.settle(Err(Error::aborted(AbortedBy::Caller)));
            Listener::new(target, &["abort"], abort)
        });
        Ok(Attempt { outcome, _timer: timer, _signal: signal })
    }

    /// Where the outcome is told.
    pub(super) fn outcome(&self) -> Outcome<Result<T>> {
        self.outcome.clone()
    }

    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<Result<T>> {
        self.outcome.poll(context)
    }
}

/// How long a report may come behind the failure that it explains. It takes a task; a frame may be slow.
const REPORT: Duration = Duration::from_millis(20);

/// A failure that waits for its explanation: WebKit at times tells first that an element did not load, and then that the
/// page's policy stopped it.
#[derive(Default)]
pub(super) struct Unexplained(RefCell<Option<Timer>>);

impl Unexplained {
    /// Settles `outcome` unless something else does so meanwhile. Dropping this drops the failure.
    pub(super) fn settle<T: 'static>(&self, outcome: &Outcome<Result<T>>, failure: Result<T>) {
        let outcome = outcome.clone();
        self.0.replace(Some(Timer::new(REPORT, move || outcome.settle(failure))));
    }
}
