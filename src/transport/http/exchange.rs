//! A request on its way: a future of the response, beside its events.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::client::BoxSending;
use super::event::{Observer, tell_end};
use super::{Events, Moment, ReadyState, Request, Response};
#[allow(unused_imports, reason = "named by the documentation")]
use crate::error::ErrorKind;
use crate::error::{AbortedBy, Error, Result};
use crate::transport::xhr::{Place, Xhr, events};

/// A request that was sent: await it for the [`Response`], and take [`events`](Exchange::events) meanwhile.
///
/// Dropping it aborts the request silently; the events end then.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let mut exchange = http::get("/film.mp4").start()?;
/// # let user_left = true;
/// if user_left {
///     exchange.abort();
/// }
/// assert!(exchange.await.is_err_and(|error| error.is_aborted()));
/// # Ok(()) }
/// ```
#[must_use = "dropping an Exchange aborts the request"]
pub struct Exchange {
    way: Way,
    observer: Observer,
}

enum Way {
    Direct(Xhr),
    Routed(Routed),
}

/// The future of a response, made by awaiting a [`Request`]. Sends when first polled; dropping it aborts the request.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::future::join;
/// use pagewire::http;
///
/// // Two at the same time; dropping the pair would abort both.
/// let (items, authors) = join(http::get("/items").into_future(), http::get("/authors").into_future()).await;
/// # Ok(()) }
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Sending {
    // Taken with the first poll.
    request: Option<Box<Request>>,
    running: Option<BoxSending>,
}

impl Exchange {
    pub(super) fn start(mut request: Request) -> Result<Self> {
        #[cfg(feature = "service-worker")]
        super::worker::engine_for(&mut request);
        let observer = Observer::new(request.options.routed.is_some());
        request.options.observer = Some(Rc::new(observer.clone()));
        request.options.companions.set(Place::Events, events::tell);
        let way = match request.options.routed {
            Some(send) => {
                Way::Routed(Routed { url: request.context.sent.url.clone(), sending: Some(send(request)) })
            }
            None => Way::Direct(Xhr::start(request)?),
        };
        Ok(Exchange { way, observer })
    }

    /// The events from here on, ending after the last `LoadEnd`. Streams of one exchange share its events: each event
    /// reaches one of them.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::http::{self, Event, Moment};
    ///
    /// let exchange = http::get("/film.mp4").start()?;
    /// let mut events = exchange.events();
    /// while let Some(event) = events.next().await {
    ///     if let Event::Download(Moment::Progress, progress) = event {
    ///         println!("{} of {:?} bytes", progress.loaded, progress.total);
    ///     }
    /// }
    /// let film = exchange.await?; // it is here already
    /// # Ok(()) }
    /// ```
    pub fn events(&self) -> Events {
        Events(self.observer.queue.clone())
    }

    /// Ends the exchange ([`abort`](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-abort)): it resolves to [`ErrorKind::Aborted`] by the caller, unless it was over already.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let mut exchange = http::get("/film.mp4").start()?;
    /// exchange.abort();
    /// assert!(exchange.await.is_err_and(|error| error.is_aborted()));
    /// # Ok(()) }
    /// ```
    pub fn abort(&mut self) {
        match &mut self.way {
            Way::Direct(xhr) => xhr.abort(),
            Way::Routed(routed) => routed.abort(&self.observer),
        }
    }

    /// The present [state](https://xhr.spec.whatwg.org/#states).
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, ReadyState};
    ///
    /// let exchange = http::get("/film.mp4").start()?;
    /// assert_eq!(exchange.ready_state(), ReadyState::Opened);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn ready_state(&self) -> ReadyState {
        match &self.way {
            Way::Direct(xhr) => xhr.ready_state(),
            Way::Routed(_) => self.observer.state.get(),
        }
    }
}

/// An exchange with something around it: with functions, with retries, or without a browser.
struct Routed {
    sending: Option<BoxSending>,
    url: String,
}

impl Routed {
    /// Dropping the future ends its network; the events that the browser would fire are told in its place.
    fn abort(&mut self, observer: &Observer) {
        if self.sending.take().is_some() {
            tell_end(observer, Moment::Abort);
            observer.queue.close();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Response>> {
        let Some(sending) = &mut self.sending else {
            return Poll::Ready(Err(Error::aborted(AbortedBy::Caller).with_url(&self.url)));
        };
        let outcome = ready!(sending.as_mut().poll(context));
        self.sending = None;
        Poll::Ready(outcome)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.observer.queue.close();
    }
}

/// Sends a request through what is around it.
pub(super) fn send_routed(mut request: Request) -> BoxSending {
    if let Some(route) = request.options.route.take() {
        return route.send(request);
    }
    match request.options.retry.take() {
        Some((retry, run)) => run(request, retry),
        None => send_once(request),
    }
}

/// Sends a request once: one attempt, straight to the browser or what stands in for it.
pub(super) fn send_once(mut request: Request) -> BoxSending {
    if let Some(engine) = request.options.engine.take() {
        return engine.send(request);
    }
    Box::pin(async move { Xhr::start(request)?.await })
}

impl Future for Exchange {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Response>> {
        let outcome = ready!(match &mut self.way {
            Way::Direct(xhr) => Pin::new(xhr).poll(context),
            Way::Routed(routed) => routed.poll(context),
        });
        self.observer.queue.close();
        Poll::Ready(outcome)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl Sending {
    pub(super) fn new(request: Request) -> Self {
        Sending { request: Some(Box::new(request)), running: None }
    }
}

fn start(#[allow(unused_mut, reason = "for one feature")] mut request: Request) -> Result<BoxSending> {
    #[cfg(feature = "service-worker")]
    super::worker::engine_for(&mut request);
    Ok(match request.options.routed {
        Some(send) => send(request),
        None => Box::pin(Xhr::start(request)?),
    })
}

impl Future for Sending {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Response>> {
        if let Some(request) = self.request.take() {
            self.running = Some(start(*request)?);
        }
        match &mut self.running {
            Some(running) => running.as_mut().poll(context),
            // Polled again after it failed to start: that breaks the contract of `Future`, and waits for ever.
            None => Poll::Pending,
        }
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}
