//! What a stream of the library's own engine is to be like.

use std::fmt;
use std::time::Duration;

use super::EventStream;
use super::session::Session;
use crate::browser::lifecycle::Pause;
use crate::error::Error;
use crate::transport::http::{Request, Retry};
use crate::transport::incoming::{Opening, over_fetch};
use crate::transport::stream::Xhr;

/// The greatest event by default: 16 MiB.
const GREATEST_EVENT: usize = 16 << 20;

/// A stream of events to be opened, with the library's own parser. Limits, credentials and the abort signal are the
/// request's.
///
/// It follows the standard: after a lost connection it waits for the time that the server named with `retry:`, and more
/// each time it fails, then asks again with the `Last-Event-ID`. It ends with a 204, and with an error for a type other
/// than `text/event-stream`. Where the standard gives up, [`retry`](Connect::retry) decides.
///
/// Of the request's limits [`first_byte_timeout`](Request::first_byte_timeout) and
/// [`idle_timeout`](Request::idle_timeout) end a connection, which is then made anew; comments count as life.
/// [`timeout`](Request::timeout) ends the stream.
///
/// ```no_run
/// use pagewire::{http, sse};
/// use std::time::Duration;
///
/// let news = sse::connect(http::get("/news").idle_timeout(Duration::from_secs(45))).open();
/// ```
#[must_use = "a connection does nothing until it is opened"]
pub struct Connect {
    pub(super) request: Request,
    pub(super) retry: Retry,
    pub(super) resume: Resume,
    pub(super) last_event_id: String,
    pub(super) max_event: usize,
    pub(super) pause: Pause,
    pub(super) engine: Box<dyn Engine>,
}

/// How connections are made. A trait and not an enum, so that an app carries the engine alone that it asks for.
pub(crate) trait Engine {
    fn open(&self, request: Request) -> Opening;

    /// What it was asked for and cannot do.
    fn refusal(&self) -> Option<Error> {
        None
    }
}

struct OverFetch;

impl Engine for OverFetch {
    fn open(&self, request: Request) -> Opening {
        over_fetch(request)
    }
}

/// How the server is told where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Resume {
    Header,
    Query(String),
}

impl Connect {
    pub(super) fn new(request: Request) -> Self {
        Connect {
            request,
            retry: Retry::new().forever().backoff(Duration::from_secs(1), Duration::from_secs(30)),
            resume: Resume::Header,
            last_event_id: String::new(),
            max_event: GREATEST_EVENT,
            pause: Pause::default(),
            engine: Box::new(OverFetch),
        }
    }

    /// When to connect again, and how soon. Default: for ever, after waits of up to 1 s, 2 s, 4 s and so on up to 30 s, the
    /// server's `retry:` added to each; after a network error, a silence, a lost connection, and the statuses of
    /// [`Retry`]. A POST is not sent again unless [`any_method`](Retry::any_method) says that it may be: then the end of its
    /// response is the end of the stream, as it is with no more attempts at all. Attempts that are used up are an error.
    ///
    /// ```no_run
    /// use pagewire::http::Retry;
    /// use pagewire::sse;
    /// use std::time::Duration;
    ///
    /// let few = Retry::new().more_attempts(5).backoff(Duration::from_millis(200), Duration::from_secs(5));
    /// let news = sse::connect("/news").retry(few).open();
    /// ```
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Tells the server where to go on by this query parameter, in place of the header `Last-Event-ID`, and of what the URL
    /// has by that name. Across origins
    /// that header costs a preflight, which many servers of events refuse; and WebKit encodes an ID beyond ASCII twice in it.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let news = sse::connect("https://feed.example/news").resume_by_query("last_event_id").open();
    /// ```
    pub fn resume_by_query(mut self, name: &str) -> Self {
        self.resume = Resume::Query(name.to_owned());
        self
    }

    /// Goes on after this event, from an earlier stream.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let news = sse::connect("/news").last_event_id("1795393339:0").open();
    /// ```
    pub fn last_event_id(mut self, id: &str) -> Self {
        self.last_event_id = id.to_owned();
        self
    }

    /// The most bytes of a line, and of an event's data. More ends the stream with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). Default: 16 MiB.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let news = sse::connect("/news").max_event(64 * 1024).open();
    /// ```
    pub fn max_event(mut self, bytes: usize) -> Self {
        self.max_event = bytes;
        self
    }

    /// Reads by an XMLHttpRequest in place of `fetch`. When its budget is used up it connects anew after the last event, at
    /// once; where the server has sent no new ID, after a pause as for a loss; and where it sends none, the first event
    /// says that it [follows a gap](super::Event::follows_gap). Where a request may not be sent again, or one event is
    /// greater than the budget, the stream ends with [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). How to
    /// [`resume`](Xhr::resume) is for streams of other formats, and refused here.
    ///
    /// ```no_run
    /// use pagewire::sse;
    /// use pagewire::stream::Xhr;
    ///
    /// let news = sse::connect("/news").over_xhr(Xhr::new().budget(1 << 20)).max_event(64 * 1024).open();
    /// ```
    pub fn over_xhr(mut self, xhr: Xhr) -> Self {
        self.engine = Box::new(xhr);
        self
    }

    /// Closes the connection while the page is hidden, frozen or in the back/forward cache, and resumes when it is back.
    /// That is done while somebody waits for the next event: a reader that is busy keeps the connection until it asks again.
    /// Default: no.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::connect("/prices").pause_when_hidden().open();
    /// ```
    pub fn pause_when_hidden(mut self) -> Self {
        self.pause.hidden = true;
        self
    }

    /// Closes the connection while the browser says that it is offline, and resumes when it is back. Default: no, as a
    /// server on the same machine can be reached all the same; waits end when the network is back in any case.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::connect("/prices").pause_when_offline().open();
    /// ```
    pub fn pause_when_offline(mut self) -> Self {
        self.pause.offline = true;
        self
    }

    /// The stream. Nothing is sent before it is polled.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let news = sse::connect("/news").open();
    /// ```
    pub fn open(self) -> EventStream {
        Session::open(self)
    }
}

impl Resume {
    /// The request of a connection that goes on after the event `id`.
    pub(super) fn apply(&self, request: Request, id: &str) -> Request {
        match self {
            _ if id.is_empty() => request,
            // A header's value is bytes, and the standard has the ID in UTF-8: each byte is the character of its number.
            Resume::Header => {
                request.header("last-event-id", &id.bytes().map(char::from).collect::<String>())
            }
            Resume::Query(name) => request.with_position(name, id),
        }
    }
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").field("request", &self.request).finish_non_exhaustive()
    }
}
