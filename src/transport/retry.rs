//! The one loop that tries again. The waits are those of `proto::backoff`.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use web_sys::AbortSignal;

use super::race::unless;
use super::rest::or_aborted;
use crate::browser::clock;
use crate::browser::lifecycle::Lifecycle;
use crate::browser::timer::sleep;
use crate::error::{AbortedBy, Error, ErrorKind, Phase, Result};
use crate::proto::backoff::{Backoff, Wait};

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
    /// Cuts a wait short when the network, or the page, is back; not what the server asked for.
    pub(crate) lifecycle: Option<&'a dyn Rouse>,
}

/// A [`Lifecycle`] to who does not make one: an app whose waits nothing cuts short does not carry its code.
pub(crate) trait Rouse {
    /// Passes when `wait` has, or early.
    fn pass(&self, wait: Wait) -> Passing<'_>;
}

type Passing<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Why there is no next attempt.
pub(crate) enum Stop {
    /// There have been enough.
    Enough,
    /// There is no time for one.
    Deadline,
    Aborted,
}

impl Stop {
    /// The end of an operation whose last attempt came to `outcome`.
    pub(crate) fn or<T>(self, outcome: Result<T>) -> Result<T> {
        match self {
            Stop::Enough | Stop::Deadline => outcome,
            Stop::Aborted => Err(Error::aborted(AbortedBy::Caller)),
        }
    }
}

/// Whether another attempt may fare better. The browser ends what runs when the page is left, or put aside.
pub(crate) fn is_passing(error: &Error) -> bool {
    use ErrorKind::{Aborted, Network, Timeout};
    matches!(error.kind(), Network | Timeout(Phase::FirstByte | Phase::Idle) | Aborted(AbortedBy::Browser))
}

/// Tries until `judge` lets an outcome stand, the policy has no more attempts, or no wait fits before the deadline: then
/// the last outcome stands. Gives the number of attempts with it. One without an outcome does not count.
pub(crate) async fn attempts<T, F: Future<Output = Option<Result<T>>>>(
    backoff: &mut Backoff,
    bounds: Bounds<'_>,
    mut attempt: impl FnMut() -> F,
    judge: impl Fn(&Result<T>) -> Verdict,
) -> (Result<T>, u32) {
    loop {
        let Some(outcome) = attempt().await else { continue };
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
    let wait = backoff.next_wait(clock::random()).ok_or(Stop::Enough)?;
    if bounds.deadline.is_some_and(|deadline| clock::now().saturating_add(wait.whole) >= deadline) {
        return Err(Stop::Deadline);
    }
    let passing: Passing<'_> = match bounds.lifecycle {
        Some(lifecycle) => lifecycle.pass(wait),
        None => Box::pin(sleep(wait.whole)),
    };
    or_aborted(bounds.signal, passing).await.map_err(|_| Stop::Aborted)
}

impl Rouse for Lifecycle {
    fn pass(&self, wait: Wait) -> Passing<'_> {
        Box::pin(async move {
            // From now on: a return during what is kept cuts the rest.
            let returned = self.returned();
            if !wait.kept.is_zero() {
                sleep(wait.kept).await;
            }
            // Either way it is time to try.
            unless(returned, sleep(wait.whole.saturating_sub(wait.kept))).await;
        })
    }
}
