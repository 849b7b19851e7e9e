//! One question: sent again after a failure, with a URL of its own, ended by the caller or by the page's going away.

use std::future::IntoFuture;
use std::time::Duration;

use crate::browser::clock;
use crate::browser::global::require_browser;
use crate::browser::lifecycle::{Lifecycle, Pause};
use crate::browser::timer::sleep;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::backoff::Backoff;
use crate::transport::http::{Request, Response, Retry};
use crate::transport::rest::{Rest, or_aborted};
use crate::transport::retry::{Bounds, Verdict, attempts, is_passing};
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

    /// Asks until there is an answer that `stands`, or whose status is not one to try again after. Nothing is asked while
    /// it is time to rest; with `is_held`, a rest ends the question that is on its way too. `prepare` is called as each
    /// question is asked.
    pub(super) async fn ask(
        &mut self,
        prepare: impl Fn(Request) -> Request,
        stands: impl Fn(&Response) -> bool,
        is_held: bool,
    ) -> Result<Response> {
        let Asking { request, retry, unique, pause, running } = self;
        let Running { lifecycle, backoff } = match running {
            Some(running) => running,
            None => running.insert(begin(request, *retry, *pause, is_held)?),
        };
        let signal = request.options.signal.as_ref();
        let rest = Rest { lifecycle, pause: *pause, deadline: None, signal };
        let question = || made_unique(prepare(request.repeat()), unique.as_deref()).into_future();
        let judge = |outcome: &Result<Response>| match outcome {
            Ok(response) if stands(response) => Verdict::Done,
            Ok(response) => {
                retry.judge_status(response.status(), |name| response.header(name).map(str::to_owned))
            }
            Err(error) if is_passing(error) || matches!(error.kind(), ErrorKind::Timeout(_)) => {
                Verdict::Again(None)
            }
            Err(_) => Verdict::Done,
        };
        let bounds = Bounds { deadline: None, signal, lifecycle: Some(lifecycle) };
        let (outcome, tries) = attempts(backoff, bounds, || rest.attempt(question, is_held), judge).await;
        let response =
            outcome.map_err(|error| error.with_attempts(tries).with_url(&request.context.sent.url))?;
        if stands(&response) {
            backoff.succeeded();
            return Ok(response);
        }
        response.error_for_status().map_err(|error| error.with_attempts(tries))
    }

    /// Waits until `moment`, since the Unix epoch; for `at_most` so long, whatever was done to the clock.
    pub(super) async fn wait_until(&self, moment: Duration, at_most: Duration) -> Result<()> {
        let left = moment.saturating_sub(clock::now()).min(at_most);
        if left.is_zero() {
            return Ok(());
        }
        or_aborted(self.request.options.signal.as_ref(), sleep(left)).await
    }
}

/// What needs a browser, and so cannot be done before the first question.
fn begin(request: &Request, retry: Retry, pause: Pause, is_held: bool) -> Result<Running> {
    if request.options.engine.is_none() {
        require_browser()?;
    }
    if is_held && pause != Pause::default() && !retry.may_repeat(request.method()) {
        let error = Error::unsupported("a request that may not be sent again cannot be paused");
        return Err(error.with_url(&request.context.sent.url));
    }
    Ok(Running { lifecycle: Lifecycle::watch(), backoff: retry.backoff_for(request.method()) })
}
