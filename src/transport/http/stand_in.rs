//! What answers in the place of the browser: for an app's own tests.

use std::future::{Future, pending};
use std::time::Duration;

use web_sys::AbortSignal;

use super::client::{BoxSending, Route};
use super::response::Context;
use super::{Request, Response};
use crate::browser::timer::sleep;
use crate::error::{AbortedBy, Error, Phase, Result};
use crate::proto::deadline::Limits;
use crate::transport::race::unless;
use crate::transport::rest::or_aborted;

pub(super) struct StandIn<F>(pub(super) F);

impl<F, S> Route for StandIn<F>
where
    F: Fn(Request) -> S,
    S: Future<Output = Result<Response>> + 'static,
{
    fn send(&self, mut request: Request) -> BoxSending {
        let wishes = Wishes::of(&request);
        if let Err(error) = request.check().and_then(|()| wishes.begin()) {
            return Box::pin(async { Err(error) });
        }
        let answer = (self.0)(request);
        Box::pin(async move { wishes.come_true(answer).await.map_err(|error| wishes.blamed(error)) })
    }
}

/// What a request asks of its exchange, where no browser sees to it.
struct Wishes {
    context: Box<Context>,
    limits: Limits,
    signal: Option<AbortSignal>,
    max_size: Option<u64>,
}

impl Wishes {
    fn of(request: &Request) -> Self {
        let options = &request.options;
        Wishes {
            context: request.context.clone(),
            limits: options.limits,
            signal: options.signal.clone(),
            max_size: options.max_size,
        }
    }

    fn begin(&self) -> Result<()> {
        match self.signal.as_ref().is_some_and(AbortSignal::aborted) {
            true => Err(self.blamed(Error::aborted(AbortedBy::Caller))),
            false => Ok(()),
        }
    }

    async fn come_true(&self, answer: impl Future<Output = Result<Response>>) -> Result<Response> {
        let in_time = unless(self.late(), answer);
        let Some(answered) = or_aborted(self.signal.as_ref(), in_time).await? else {
            return Err(Error::timeout(self.first_limit().map_or(Phase::Total, |(_, phase)| phase)));
        };
        answered?.for_request(&self.context, self.max_size)
    }

    /// Ends when the first limit passes: until the whole answer is there, nothing of it is.
    async fn late(&self) {
        match self.first_limit() {
            Some((after, _)) => sleep(after).await,
            None => pending().await,
        }
    }

    fn first_limit(&self) -> Option<(Duration, Phase)> {
        let Limits { first_byte, idle, total } = self.limits;
        let limits = [(total, Phase::Total), (first_byte, Phase::FirstByte), (idle, Phase::Idle)];
        limits.into_iter().filter_map(|(after, phase)| Some((after?, phase))).min_by_key(|(after, _)| *after)
    }

    fn blamed(&self, error: Error) -> Error {
        error.with_url(&self.context.sent.url)
    }
}
