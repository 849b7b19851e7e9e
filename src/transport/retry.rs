//! The one loop that tries again. The waits are those of `proto::backoff`.

use std::future::Future;
use std::time::Duration;

use web_sys::AbortSignal;

use super::race::unless;
use crate::browser::clock;
use crate::browser::lifecycle::Lifecycle;
use crate::browser::signal::aborted;
use crate::browser::timer::sleep;
use crate::error::{AbortedBy, Error, Result};
use crate::proto::backoff::Backoff;

/// What to do about an outcome.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict {
    /// It stands.
    Done,
    /// Try again, after the policy's wait or the one that the server asks for.
    Again(Option<Duration>),
}

/// What bounds all attempts together.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bounds<'a> {
    /// The moment after which nothing is begun, since the Unix epoch.
    pub(crate) deadline: Option<Duration>,
    pub(crate) signal: Option<&'a AbortSignal>,
    /// Ends a wait early when the network, or the page, is back.
    pub(crate) lifecycle: Option<&'a Lifecycle>,
}

/// Why there is no next attempt.
pub(crate) enum Stop {
    /// There have been enough, or there is no time for one.
    Enough,
    Aborted,
}

impl Stop {
    /// The end of an operation whose last attempt came to `outcome`.
    pub(crate) fn or<T>(self, outcome: Result<T>) -> Result<T> {
        match self {
            Stop::Enough => outcome,
            Stop::Aborted => Err(Error::aborted(AbortedBy::Caller)),
        }
    }
}

/// Tries until `judge` lets an outcome stand, the policy has no more attempts, or no wait fits before the deadline: then
/// the last outcome stands. Gives the number of attempts with it.
pub(crate) async fn attempts<T, F: Future<Output = Result<T>>>(
    backoff: &mut Backoff,
    bounds: Bounds<'_>,
    mut attempt: impl FnMut() -> F,
    judge: impl Fn(&Result<T>) -> Verdict,
) -> (Result<T>, u32) {
    loop {
        let outcome = attempt().await;
        let tries = backoff.attempts() + 1;
        let Verdict::Again(asked) = judge(&outcome) else { return (outcome, tries) };
        if let Err(stop) = pause(backoff, bounds, asked).await {
            return (stop.or(outcome), tries);
        }
    }
}

/// Waits as long as the policy says, or as it `asked` for.
pub(crate) async fn pause(
    backoff: &mut Backoff,
    bounds: Bounds<'_>,
    asked: Option<Duration>,
) -> Result<(), Stop> {
    if let Some(asked) = asked {
        backoff.ask(asked);
    }
    let wait = backoff.next_delay(clock::random()).ok_or(Stop::Enough)?;
    if bounds.deadline.is_some_and(|deadline| clock::now().saturating_add(wait) >= deadline) {
        return Err(Stop::Enough);
    }
    wait_or_abort(wait, bounds).await
}

async fn wait_or_abort(wait: Duration, bounds: Bounds<'_>) -> Result<(), Stop> {
    let wait = async {
        match bounds.lifecycle {
            // Either way it is time to try.
            Some(lifecycle) => unless(lifecycle.returned(), sleep(wait)).await.unwrap_or_default(),
            None => sleep(wait).await,
        }
    };
    match bounds.signal {
        Some(signal) => unless(aborted(signal), wait).await.ok_or(Stop::Aborted),
        None => {
            wait.await;
            Ok(())
        }
    }
}
