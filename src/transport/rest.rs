//! Attempts that wait while the page, or the network, is to be left alone.

use std::future::Future;
use std::time::Duration;

use web_sys::AbortSignal;

use super::race::unless;
use super::retry::is_passing;
use crate::browser::clock;
use crate::browser::lifecycle::{Lifecycle, Pause};
use crate::browser::signal::aborted;
use crate::browser::timer::sleep;
use crate::error::{AbortedBy, Error, Phase, Result};

/// When to ask nothing, and what ends the waiting meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a> {
    pub(crate) lifecycle: &'a Lifecycle,
    pub(crate) pause: Pause,
    /// Since the Unix epoch.
    pub(crate) deadline: Option<Duration>,
    pub(crate) signal: Option<&'a AbortSignal>,
}

impl Rest<'_> {
    pub(crate) fn is_now(&self) -> bool {
        self.lifecycle.rests(self.pause)
    }

    /// Makes an attempt once there is no rest. `None` if a rest was its end: if it `is_held`, as soon as the rest begins,
    /// otherwise if it fails by itself during one. That is no failure to be counted.
    pub(crate) async fn attempt<T, F: Future<Output = Result<T>>>(
        self,
        begin: impl FnOnce() -> F,
        is_held: bool,
    ) -> Option<Result<T>> {
        if let Err(error) = self.over().await {
            return Some(Err(error));
        }
        let begun = if is_held { self.pause } else { Pause::default() };
        let outcome = unless(self.lifecycle.until(begun, true), begin()).await?;
        let is_no_failure = self.is_now() && outcome.as_ref().is_err_and(is_passing);
        (!is_no_failure).then_some(outcome)
    }

    async fn over(self) -> Result<()> {
        if !self.is_now() {
            return Ok(());
        }
        let late = async {
            match self.deadline {
                Some(deadline) => sleep(deadline.saturating_sub(clock::now())).await,
                None => std::future::pending().await,
            }
        };
        let back = async {
            let back = self.lifecycle.until(self.pause, false);
            unless(late, back).await.ok_or_else(|| Error::timeout(Phase::Total))
        };
        or_aborted(self.signal, back).await?
    }
}

/// What is aborted already is not begun.
pub(crate) fn not_aborted(signal: Option<&AbortSignal>) -> Result<()> {
    match signal.is_some_and(AbortSignal::aborted) {
        true => Err(Error::aborted(AbortedBy::Caller)),
        false => Ok(()),
    }
}

/// `work`, unless the signal aborts first.
pub(crate) async fn or_aborted<T>(signal: Option<&AbortSignal>, work: impl Future<Output = T>) -> Result<T> {
    match signal {
        Some(signal) => unless(aborted(signal), work).await.ok_or_else(|| Error::aborted(AbortedBy::Caller)),
        None => Ok(work.await),
    }
}
