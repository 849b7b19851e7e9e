//! The stream of events, whichever engine is behind it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::Event;
use crate::error::Result;

/// A stream of events. An error is its last item. It connects with the first poll, again whenever the connection is lost,
/// and dropping it closes the connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::{StreamExt, TryStreamExt};
/// use pagewire::sse;
///
/// // Leaves, and closes the connection, after ten.
/// let first: Vec<sse::Event> = sse::connect("/news").open().take(10).try_collect().await?;
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct EventStream {
    source: Option<Pin<Box<dyn Source>>>,
    status: Rc<Status>,
}

/// An engine.
pub(super) trait Source {
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Event>>>;

    /// Connects, and is ready when the connection is open, or has ended.
    fn poll_open(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()>;
}

/// What can be asked of a stream while its engine is at work.
#[derive(Default)]
pub(super) struct Status {
    pub(super) ready_state: Cell<ReadyState>,
    pub(super) last_event_id: RefCell<Rc<str>>,
}

/// The state of a stream, as [`readyState`](https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource-readystate)
/// has it.
///
/// ```no_run
/// use pagewire::sse::{self, ReadyState};
///
/// let events = sse::connect("/news").open();
/// assert_eq!(events.ready_state(), ReadyState::Connecting);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ReadyState {
    /// Not connected yet, or between two connections.
    #[default]
    Connecting,
    /// Connected.
    Open,
    /// Over.
    Closed,
}

impl EventStream {
    pub(super) fn new(source: impl Source + 'static, status: Rc<Status>) -> Self {
        EventStream { source: Some(Box::pin(source)), status }
    }

    /// The present state.
    ///
    /// ```no_run
    /// # fn example(events: &pagewire::sse::EventStream) {
    /// use pagewire::sse::ReadyState;
    ///
    /// let lamp = if events.ready_state() == ReadyState::Open { "green" } else { "grey" };
    /// # }
    /// ```
    #[must_use]
    pub fn ready_state(&self) -> ReadyState {
        self.status.ready_state.get()
    }

    /// The last `id:` that the server sent: where a later stream goes on.
    ///
    /// ```no_run
    /// # fn example(events: &pagewire::sse::EventStream) {
    /// use pagewire::sse;
    ///
    /// let later = sse::connect("/news").last_event_id(&events.last_event_id());
    /// # }
    /// ```
    #[must_use]
    pub fn last_event_id(&self) -> String {
        self.status.last_event_id.borrow().to_string()
    }

    /// A handle that tells the state and the last ID while the stream is somewhere else, with whoever reads it.
    ///
    /// ```no_run
    /// use pagewire::sse::{self, ReadyState};
    ///
    /// let news = sse::connect("/news").open();
    /// let monitor = news.monitor();
    /// let is_live = move || monitor.ready_state() == ReadyState::Open;
    /// ```
    #[must_use]
    pub fn monitor(&self) -> Monitor {
        Monitor(Rc::clone(&self.status))
    }

    /// Connects without waiting for an event. Resolves when the connection is open, and also when it cannot be made: then
    /// the stream says why.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::TryStreamExt;
    /// use pagewire::sse;
    ///
    /// let mut news = sse::connect("/news").open();
    /// news.opened().await;
    /// println!("connected");
    /// let first = news.try_next().await?;
    /// # Ok(()) }
    /// ```
    pub fn opened(&mut self) -> Opened<'_> {
        Opened(self)
    }

    fn over(&mut self) {
        self.source = None;
        self.status.ready_state.set(ReadyState::Closed);
    }
}

/// Tells how an [`EventStream`] is doing; clones share it.
///
/// ```no_run
/// use pagewire::sse;
///
/// let monitor = sse::connect("/news").open().monitor();
/// println!("{:?} after {}", monitor.ready_state(), monitor.last_event_id());
/// ```
#[derive(Clone)]
pub struct Monitor(Rc<Status>);

impl Monitor {
    /// As [`EventStream::ready_state`]; [`Closed`](ReadyState::Closed) also once the stream is dropped.
    ///
    /// ```no_run
    /// # fn example(monitor: &pagewire::sse::Monitor) {
    /// use pagewire::sse::ReadyState;
    ///
    /// let lamp = if monitor.ready_state() == ReadyState::Open { "green" } else { "grey" };
    /// # }
    /// ```
    #[must_use]
    pub fn ready_state(&self) -> ReadyState {
        self.0.ready_state.get()
    }

    /// As [`EventStream::last_event_id`].
    ///
    /// ```no_run
    /// # fn example(monitor: &pagewire::sse::Monitor) {
    /// let position = monitor.last_event_id();
    /// # }
    /// ```
    #[must_use]
    pub fn last_event_id(&self) -> String {
        self.0.last_event_id.borrow().to_string()
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").field("ready_state", &self.ready_state()).finish_non_exhaustive()
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.over();
    }
}

impl Stream for EventStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        let polled = source.as_mut().poll_next(context);
        match &polled {
            Poll::Ready(Some(Ok(event))) => {
                if self.status.last_event_id.borrow().as_ptr() != event.last_event_id.as_ptr() {
                    self.status.last_event_id.replace(Rc::clone(&event.last_event_id));
                }
            }
            Poll::Ready(_) => self.over(),
            Poll::Pending => {}
        }
        polled
    }
}

impl FusedStream for EventStream {
    fn is_terminated(&self) -> bool {
        self.source.is_none()
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("ready_state", &self.ready_state()).finish_non_exhaustive()
    }
}

/// The future of [`EventStream::opened`].
///
/// ```no_run
/// # async fn example() {
/// use pagewire::sse;
///
/// sse::connect("/news").open().opened().await;
/// # }
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Opened<'a>(&'a mut EventStream);

impl Future for Opened<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let is_open = self.0.ready_state() == ReadyState::Open;
        match &mut self.0.source {
            Some(source) if !is_open => source.as_mut().poll_open(context),
            _ => Poll::Ready(()),
        }
    }
}
