//! The one loop that tries again. The waits are those of `proto::backoff`.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use web_sys::AbortSignal;

use crate::browser::clock;
use crate::browser::signal::aborted;
use crate::browser::timer::sleep;
use crate::error::{AbortedBy, Error, Result};
use crate::proto::backoff::Backoff;

/// What to do about an outcome.
pub(crate) enum Verdict {
    /// It stands.
    Done,
    /// Try again, after the policy's wait or the one that the server asks for.
    Again(Option<Duration>),
}

/// What bounds all attempts together.
pub(crate) struct Bounds<'a> {
    /// The moment after which nothing is begun, since the Unix epoch.
    pub(crate) deadline: Option<Duration>,
    pub(crate) signal: Option<&'a AbortSignal>,
}

/// Tries until `judge` lets an outcome stand, the policy has no more attempts, or no wait fits before the deadline: then
/// the last outcome stands. Gives the number of attempts with it.
pub(crate) async fn attempts<T, F: Future<Output = Result<T>>>(
    mut backoff: Backoff,
    bounds: Bounds<'_>,
    mut attempt: impl FnMut() -> F,
    judge: impl Fn(&Result<T>) -> Verdict,
) -> (Result<T>, u32) {
    loop {
        let outcome = attempt().await;
        let tries = backoff.attempts() + 1;
        let Verdict::Again(asked) = judge(&outcome) else { return (outcome, tries) };
        if let Some(asked) = asked {
            backoff.ask(asked);
        }
        let Some(wait) = backoff.next_delay(clock::random()) else { return (outcome, tries) };
        if bounds.deadline.is_some_and(|deadline| clock::now().saturating_add(wait) >= deadline) {
            return (outcome, tries);
        }
        if wait_or_abort(wait, bounds.signal).await.is_err() {
            return (Err(Error::aborted(AbortedBy::Caller)), tries);
        }
    }
}

/// Waits, unless `signal` aborts first.
async fn wait_or_abort(wait: Duration, signal: Option<&AbortSignal>) -> Result<(), ()> {
    let mut wait = pin!(sleep(wait));
    let Some(signal) = signal else {
        wait.await;
        return Ok(());
    };
    let mut aborted = pin!(aborted(signal));
    std::future::poll_fn(|context| {
        if aborted.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(()));
        }
        wait.as_mut().poll(context).map(Ok)
    })
    .await
}
