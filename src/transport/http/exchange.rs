//! A request on its way: a future of the response, and the stream of its events.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;

use wasm_bindgen::JsCast;
use web_sys::ProgressEvent;

use super::{Request, Response};
use crate::browser::clock;
use crate::browser::queue::{Limit, Queue};
use crate::error::Result;
use crate::proto::progress::Meter;
use crate::transport::xhr::Xhr;

/// A request that was sent: await it for the [`Response`], and take [`events`](Exchange::events) meanwhile.
///
/// Dropping it aborts the request silently; the events end then.
#[must_use = "dropping an Exchange aborts the request"]
pub struct Exchange(Xhr);

/// The future of a response, made by awaiting a [`Request`]. Sends when first polled; dropping it aborts the request.
#[must_use = "futures do nothing unless awaited"]
pub struct Sending(State);

enum State {
    New(Option<Box<Request>>),
    Sent(Exchange),
}

/// What happens during an exchange, in the order that
/// [the specification](https://xhr.spec.whatwg.org/#the-send()-method) fixes.
///
/// Progress may be coalesced while nobody looks; states and the other moments are never dropped.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The [state](https://xhr.spec.whatwg.org/#states) changed.
    ReadyState(ReadyState),
    /// Something about the response.
    Download(Moment, Progress),
    /// Something about the request body. Only with [`Request::upload_events`].
    Upload(Moment, Progress),
}

/// The [states](https://xhr.spec.whatwg.org/#states) of a request, 0 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadyState {
    /// 0: not opened.
    Unsent,
    /// 1: opened; headers may be set, and the request may be on its way.
    Opened,
    /// 2: the response's status and headers are here.
    HeadersReceived,
    /// 3: the response's body is arriving.
    Loading,
    /// 4: over, well or not.
    Done,
}

/// The [progress events](https://xhr.spec.whatwg.org/#events) of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// It began.
    LoadStart,
    /// Bytes moved; at most about every 50 ms.
    Progress,
    /// It was aborted.
    Abort,
    /// It failed.
    Error,
    /// The time limit passed.
    Timeout,
    /// It succeeded. For an upload: the bytes were handed to the network, which is no proof that they arrived.
    Load,
    /// It is over, whichever way.
    LoadEnd,
}

/// How far one direction is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes so far.
    pub loaded: u64,
    /// All the bytes there will be, where that can be computed
    /// ([`lengthComputable`](https://xhr.spec.whatwg.org/#dom-progressevent-lengthcomputable)).
    pub total: Option<u64>,
    /// Bytes per second, lately; `None` before it can be told.
    pub rate: Option<f64>,
    /// The time the rest will take at this rate, where both are known.
    pub remaining: Option<Duration>,
}

impl ReadyState {
    /// The number the specification gives this state.
    #[must_use]
    pub fn as_u16(self) -> u16 {
        self as u16
    }

    pub(crate) fn from_u16(number: u16) -> Self {
        match number {
            0 => ReadyState::Unsent,
            1 => ReadyState::Opened,
            2 => ReadyState::HeadersReceived,
            3 => ReadyState::Loading,
            _ => ReadyState::Done,
        }
    }
}

impl Moment {
    /// The names of all moments: the events to listen to.
    pub(crate) const EVENTS: &'static [&'static str] = &[
        "loadstart",
        "progress",
        "abort",
        "error",
        "timeout",
        "load",
        "loadend",
    ];

    pub(crate) fn from_event(name: &str) -> Self {
        match name {
            "loadstart" => Moment::LoadStart,
            "progress" => Moment::Progress,
            "abort" => Moment::Abort,
            "error" => Moment::Error,
            "timeout" => Moment::Timeout,
            "load" => Moment::Load,
            _ => Moment::LoadEnd,
        }
    }
}

impl Exchange {
    pub(super) fn start(request: Request, with_events: bool) -> Result<Self> {
        // Seven moments a direction and the states; progress is coalesced, so a reader that sleeps costs no memory.
        let events = with_events.then(|| {
            Queue::new(Limit {
                items: 64,
                bytes: usize::MAX,
            })
        });
        Ok(Exchange(Xhr::start(request, events)?))
    }

    /// The events from here on, ending after the last `LoadEnd`. Streams of one exchange share its events: each event
    /// reaches one of them.
    pub fn events(&self) -> Events {
        Events(self.0.events())
    }

    /// Ends the exchange: it resolves to [`ErrorKind::Aborted`](crate::ErrorKind::Aborted) by the caller, unless it
    /// was over already.
    pub fn abort(&self) {
        self.0.abort();
    }

    /// The present state.
    #[must_use]
    pub fn ready_state(&self) -> ReadyState {
        self.0.ready_state()
    }
}

impl Future for Exchange {
    type Output = Result<Response>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Response>> {
        self.0.poll(context)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

impl Sending {
    pub(super) fn new(request: Request) -> Self {
        Sending(State::New(Some(Box::new(request))))
    }
}

impl Future for Sending {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Response>> {
        if let State::New(request) = &mut self.0 {
            // Polled again after it failed to start: that breaks the contract of `Future`, and waits for ever.
            let Some(request) = request.take() else {
                return Poll::Pending;
            };
            match Exchange::start(*request, false) {
                Ok(exchange) => self.0 = State::Sent(exchange),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        match &mut self.0 {
            State::Sent(exchange) => Pin::new(exchange).poll(context),
            State::New(_) => Poll::Pending,
        }
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

/// The stream of an exchange's [`Event`]s.
#[must_use = "streams do nothing unless polled"]
pub struct Events(Queue<Event>);

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.0.poll_next(context)
    }
}

impl FusedStream for Events {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// One meter for each direction, fed with `ProgressEvent`s.
#[derive(Default)]
pub(crate) struct Meters {
    download: Meter,
    upload: Meter,
}

impl Meters {
    pub(crate) fn download(&mut self, event: &web_sys::Event) -> Progress {
        read(&mut self.download, event)
    }

    pub(crate) fn upload(&mut self, event: &web_sys::Event) -> Progress {
        read(&mut self.upload, event)
    }
}

fn read(meter: &mut Meter, event: &web_sys::Event) -> Progress {
    let event: &ProgressEvent = event.unchecked_ref();
    let loaded = event.loaded() as u64;
    let total = event.length_computable().then(|| event.total() as u64);
    let estimate = meter.record(clock::now(), loaded, total);
    Progress {
        loaded,
        total,
        rate: estimate.rate,
        remaining: estimate.remaining,
    }
}
