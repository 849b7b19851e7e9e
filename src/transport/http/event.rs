//! What happens during an exchange, and how far it is.

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use wasm_bindgen::JsCast;
use web_sys::ProgressEvent;

use crate::browser::clock;
use crate::browser::queue::{Limit, Queue};
use crate::proto::progress::Meter;

/// What happens during an exchange, in the order that
/// [the specification](https://xhr.spec.whatwg.org/#the-send()-method) fixes.
///
/// Progress may be coalesced while nobody looks; states and the other moments are not dropped (2,048 of them are kept, more
/// than 100 attempts have). They are the browser's: an exchange that [`Client::transport`](super::Client::transport)
/// answers has none, but for those of its end where a limit or a signal ends it.
///
/// ```
/// use pagewire::http::{Event, Moment};
///
/// /// What a status line says.
/// fn words(event: Event) -> Option<String> {
///     match event {
///         Event::Upload(Moment::Progress, at) => Some(format!("{} bytes sent", at.loaded)),
///         Event::Upload(Moment::Load, _) => Some("sent: the server is at work".to_owned()),
///         Event::Download(Moment::Load, _) => Some("done".to_owned()),
///         _ => None,
///     }
/// }
/// # let done = words(Event::Download(Moment::Load, pagewire::http::Progress::default()));
/// # assert_eq!(done.as_deref(), Some("done"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The [state](https://xhr.spec.whatwg.org/#states) changed.
    ReadyState(ReadyState),
    /// Something about the response.
    Download(Moment, Progress),
    /// Something about the request body. Only with [`Request::upload_events`](super::Request::upload_events).
    Upload(Moment, Progress),
}

/// The [states](https://xhr.spec.whatwg.org/#states) of a request, 0 to 4.
///
/// ```
/// use pagewire::http::ReadyState;
///
/// let has_headers = |state: ReadyState| state >= ReadyState::HeadersReceived;
/// assert!(has_headers(ReadyState::Loading) && !has_headers(ReadyState::Opened));
/// ```
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
///
/// ```
/// use pagewire::http::Moment;
///
/// let failed = |moment| matches!(moment, Moment::Abort | Moment::Error | Moment::Timeout);
/// assert!(failed(Moment::Timeout) && !failed(Moment::LoadEnd));
/// ```
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

/// How far one direction is, as a [`ProgressEvent`](https://xhr.spec.whatwg.org/#interface-progressevent) tells it, and
/// how fast.
///
/// ```
/// use pagewire::http::Progress;
///
/// /// The share that is done, 0 to 1, where it can be told.
/// fn share(progress: Progress) -> Option<f64> {
///     progress.total.filter(|total| *total > 0).map(|total| progress.loaded as f64 / total as f64)
/// }
/// # assert_eq!(share(Progress::default()), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes so far.
    pub loaded: u64,
    /// All the bytes there will be, where that can be computed
    /// ([`lengthComputable`](https://xhr.spec.whatwg.org/#dom-progressevent-lengthcomputable)).
    pub total: Option<u64>,
    /// Bytes per second, lately; `None` before it can be told, as while nothing has moved yet.
    pub rate: Option<f64>,
    /// The time the rest will take at this rate, where both are known.
    pub remaining: Option<Duration>,
}

impl ReadyState {
    /// The number that [the specification](https://xhr.spec.whatwg.org/#states) gives this state, 0 to 4.
    ///
    /// ```
    /// use pagewire::http::ReadyState;
    ///
    /// assert_eq!(ReadyState::Done.as_u16(), 4);
    /// ```
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
    pub(crate) const EVENTS: &'static [&'static str] =
        &["loadstart", "progress", "abort", "error", "timeout", "load", "loadend"];

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

/// Who is told what happens.
pub(crate) trait Observe {
    fn tell(&self, event: Event);
}

/// Tells the events that a browser fires when an exchange is over.
pub(super) fn tell_end(observer: &dyn Observe, how: Moment) {
    observer.tell(Event::ReadyState(ReadyState::Done));
    for moment in [how, Moment::LoadEnd] {
        observer.tell(Event::Download(moment, Progress::default()));
    }
}

/// Where events go, coalesced while nobody looks.
#[derive(Clone)]
pub(super) struct Observer {
    pub(super) queue: Queue<Event>,
    pub(super) state: Rc<Cell<ReadyState>>,
    /// More attempts may follow: the end of this one is not the end of the events.
    shared: bool,
}

impl Observer {
    pub(super) fn new(shared: bool) -> Self {
        // An attempt has at most four states and four moments a direction, and progress is merged: a reader may sleep
        // for some hundred attempts.
        let queue = Queue::new(Limit { items: 2048, bytes: usize::MAX });
        Observer { queue, state: Rc::new(Cell::new(ReadyState::Unsent)), shared }
    }
}

impl Observe for Observer {
    fn tell(&self, event: Event) {
        if let Event::ReadyState(state) = event
            && self.state.replace(state) == state
        {
            // While the body arrives the event repeats without a change of state.
            return;
        }
        let merged = match event {
            Event::Download(Moment::Progress, _) => {
                self.queue.merge(event, |last| matches!(last, Event::Download(Moment::Progress, _)))
            }
            Event::Upload(Moment::Progress, _) => {
                self.queue.merge(event, |last| matches!(last, Event::Upload(Moment::Progress, _)))
            }
            _ => Err(event),
        };
        if let Err(event) = merged {
            let _ = self.queue.push(event, 0);
        }
        if !self.shared && matches!(event, Event::Download(Moment::LoadEnd, _)) {
            self.queue.close();
        }
    }
}

/// The stream of an exchange's [`Event`]s.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::http::{self, Event, ReadyState};
///
/// let exchange = http::get("/film.mp4").start()?;
/// // `Events` is a `Stream`, so all of its adapters apply.
/// let states = exchange.events().filter_map(async |event| match event {
///     Event::ReadyState(state) => Some(state),
///     _ => None,
/// });
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Events(pub(super) Queue<Event>);

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

/// What a `ProgressEvent` says, and when.
pub(crate) struct Reading {
    now: Duration,
    loaded: u64,
    total: Option<u64>,
}

impl Reading {
    /// Asks the browser; afterwards no foreign code runs.
    pub(crate) fn new(event: &web_sys::Event) -> Self {
        let event: &ProgressEvent = event.unchecked_ref();
        Reading {
            now: clock::now(),
            loaded: event.loaded() as u64,
            total: event.length_computable().then(|| event.total() as u64),
        }
    }

    /// The bytes that there are, or that are announced by a body of which some are here: the answer to a HEAD and a 304
    /// tell a length, and have no body.
    pub(crate) fn size(&self) -> u64 {
        match self.total {
            Some(total) if self.loaded > 0 => total.max(self.loaded),
            _ => self.loaded,
        }
    }

    pub(crate) fn measured(self, meter: &mut Meter) -> Progress {
        let estimate = meter.record(self.now, self.loaded, self.total);
        Progress {
            loaded: self.loaded,
            total: self.total,
            rate: estimate.rate,
            remaining: estimate.remaining,
        }
    }
}
