//! One question: sent again after a failure, with a URL of its own, ended by the caller or by the page's going away.

use std::future::Future;
use std::time::Duration;

use crate::browser::clock;
use crate::browser::global::require_browser;
use crate::browser::lifecycle::{Lifecycle, Pause};
use crate::browser::signal::aborted;
use crate::error::{AbortedBy, Error, ErrorKind, Result};
use crate::proto::backoff::Backoff;
use crate::transport::http::{Request, Response, Retry};
use crate::transport::race::unless;
use crate::transport::retry::{Bounds, Verdict, attempts};
use crate::transport::unique::made_unique;

/// What both ways of polling have.
pub(super) struct Asking {
    pub(super) request: Request,
    pub(super) retry: Retry,
    pub(super) unique: Option<String>,
    pub(super) pause: Pause,
    running: Option<Running>,
}

/// What exists from the first question on.
struct Running {
    lifecycle: Lifecycle,
    backoff: Backoff,
}

impl Asking {
    pub(super) fn new(mut request: Request) -> Self {
        // One loop and not two: a policy of the request's own is that of the polling.
        let own = request.options.retry.take().map(|(retry, _)| retry);
        let retry = || Retry::new().forever().backoff(Duration::from_secs(1), Duration::from_secs(30));
        Asking {
            request,
            retry: own.unwrap_or_else(retry),
            unique: Some("_".to_owned()),
            pause: Pause::default(),
            running: None,
        }
    }

    /// Asks until there is an answer that `stands`, or whose status is not one to try again after. With `is_held`, the page's
    /// going away ends the question: then there is no answer.
    pub(super) async fn ask(
        &mut self,
        prepare: impl Fn(Request) -> Request,
        stands: impl Fn(&Response) -> bool,
        is_held: bool,
    ) -> Result<Option<Response>> {
        self.begin()?;
        let Asking { request, retry, unique, pause, running: Some(running) } = self else { return Ok(None) };
        let Running { lifecycle, backoff } = running;
        let signal = request.options.signal.as_ref();
        or_aborted(signal, lifecycle.until(*pause, false)).await?;
        let attempt = || made_unique(prepare(request.repeat()), unique.as_deref()).into_future();
        let judge = |outcome: &Result<Response>| match outcome {
            Ok(response) if stands(response) => Verdict::Done,
            Ok(response) => {
                retry.judge_status(response.status(), |name| response.header(name).map(str::to_owned))
            }
            Err(error) if matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout(_)) => {
                Verdict::Again(None)
            }
            Err(_) => Verdict::Done,
        };
        let bounds = Bounds { deadline: None, signal, lifecycle: Some(lifecycle) };
        let asked = attempts(backoff, bounds, attempt, judge);
        let gone = lifecycle
            .until(Pause { hidden: pause.hidden && is_held, offline: pause.offline && is_held }, true);
        let Some((outcome, tries)) = unless(gone, asked).await else { return Ok(None) };
        let response =
            outcome.map_err(|error| error.with_attempts(tries).with_url(&request.context.sent.url))?;
        if stands(&response) {
            backoff.succeeded();
            return Ok(Some(response));
        }
        response.error_for_status().map(Some).map_err(|error| error.with_attempts(tries))
    }

    /// Waits until `moment`, since the Unix epoch.
    pub(super) async fn wait_until(&self, moment: Duration) -> Result<()> {
        let left = moment.saturating_sub(clock::now());
        if left.is_zero() {
            return Ok(());
        }
        or_aborted(self.request.options.signal.as_ref(), crate::browser::timer::sleep(left)).await
    }

    fn begin(&mut self) -> Result<()> {
        if self.request.options.engine.is_none() {
            require_browser()?;
        }
        if self.running.is_none() {
            let backoff = self.retry.backoff_for(self.request.method());
            self.running = Some(Running { lifecycle: Lifecycle::watch(), backoff });
        }
        Ok(())
    }
}

async fn or_aborted<T>(signal: Option<&web_sys::AbortSignal>, work: impl Future<Output = T>) -> Result<T> {
    match signal {
        Some(signal) => unless(aborted(signal), work).await.ok_or_else(|| Error::aborted(AbortedBy::Caller)),
        None => Ok(work.await),
    }
}
