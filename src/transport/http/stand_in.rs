//! What answers in the place of the browser: for an app's own tests.

use std::future::{Future, pending};
use std::rc::Rc;
use std::time::Duration;

use web_sys::AbortSignal;

use super::client::{BoxSending, Route};
use super::event::{Observe, tell_end};
use super::response::{Context, Held};
use super::{Moment, Request, Response, Source};
use crate::browser::timer::sleep;
use crate::error::{Error, Phase, Result};
use crate::transport::race::unless;
use crate::transport::rest::{not_aborted, or_aborted};
use crate::transport::xhr::size::exceeded;

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
        Box::pin(wishes.come_true(answer))
    }
}

/// What a request asks of its exchange, where no browser sees to it. The limits for the first byte and for silence are not
/// among them: here nobody knows of either, and one that is sent on after all keeps them itself.
struct Wishes {
    context: Box<Context>,
    total: Option<Duration>,
    signal: Option<AbortSignal>,
    max_size: Option<u64>,
    observer: Option<Rc<dyn Observe>>,
}

impl Wishes {
    fn of(request: &Request) -> Self {
        let options = &request.options;
        Wishes {
            context: request.context.clone(),
            total: options.limits.total,
            signal: options.signal.clone(),
            max_size: options.max_size,
            observer: options.observer.clone(),
        }
    }

    fn begin(&self) -> Result<()> {
        not_aborted(self.signal.as_ref()).map_err(|error| error.with_url(&self.context.sent.url))
    }

    async fn come_true(self, answer: impl Future<Output = Result<Response>>) -> Result<Response> {
        let in_time = unless(late(self.total), answer);
        match or_aborted(self.signal.as_ref(), in_time).await {
            Ok(Some(answered)) => {
                let url = self.context.sent.url.clone();
                let fulfilled = answered.and_then(|response| self.fulfil(response));
                fulfilled.map_err(|error| if error.url().is_some() { error } else { error.with_url(&url) })
            }
            Ok(None) => Err(self.cut(Moment::Timeout, Error::timeout(Phase::Total))),
            Err(aborted) => Err(self.cut(Moment::Abort, aborted)),
        }
    }

    /// The answer as this request wants it. One that came from a request of its own stays what that one wanted.
    fn fulfil(self, mut response: Response) -> Result<Response> {
        if let (Source::Parts(parts), Some(most)) = (&response.source, self.max_size)
            && let Held::Bytes(bytes) = &parts.body
            && bytes.len() as u64 > most
        {
            return Err(exceeded());
        }
        if response.context.sent.url.is_empty() {
            response.context = self.context;
        }
        Ok(response)
    }

    /// Tells the events that the browser would fire.
    fn cut(&self, how: Moment, error: Error) -> Error {
        if let Some(observer) = &self.observer {
            tell_end(&**observer, how);
        }
        error.with_url(&self.context.sent.url)
    }
}

/// Ends when the time is over; never on a target without a browser, which has no clock.
async fn late(total: Option<Duration>) {
    match total {
        Some(total) if cfg!(target_arch = "wasm32") => sleep(total).await,
        _ => pending().await,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::future::{Future as _, poll_fn};
    use std::pin::pin;
    use std::task::{self, Poll, Waker};

    use super::super::Client;
    use super::*;

    #[test]
    fn without_a_clock_no_limit_ends_an_answer_that_waits_a_turn() {
        let client = Client::new().timeout(Duration::from_secs(3600)).transport(|_| async {
            let mut turns = 0;
            poll_fn(|_| {
                turns += 1;
                if turns > 1 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            Ok(Response::made(200, &[], ""))
        });
        let mut answer = pin!(client.get("/").into_future());
        let mut context = task::Context::from_waker(Waker::noop());
        assert!(answer.as_mut().poll(&mut context).is_pending());
        assert!(matches!(answer.poll(&mut context), Poll::Ready(Ok(_))));
    }
}
