//! The browser's `EventSource`.

use std::time::Duration;

use super::EventStream;
use super::connect::Resume;
use super::source;
use crate::browser::lifecycle::Pause;
use crate::error::{Error, Result};
use crate::transport::http::Retry;

/// A stream of events to be opened, with the browser's own
/// [`EventSource`](https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface).
///
/// The browser connects again by itself where it does so; where it gives up, the library makes a new one. It cannot see
/// why: a 204, which means stop, looks like a server that is gone. So by default it gives up after six in a row, and the
/// stream ends with an error.
///
/// Events that nobody has read wait in memory, because an `EventSource` cannot be held back.
///
/// ```no_run
/// use pagewire::sse;
///
/// let prices = sse::native("/prices").event("price").event("volume").open();
/// ```
#[derive(Debug)]
#[must_use = "a connection does nothing until it is opened"]
pub struct Native {
    pub(super) url: String,
    pub(super) events: Vec<String>,
    pub(super) with_credentials: bool,
    pub(super) retry: Retry,
    pub(super) resume: Option<Resume>,
    pub(super) last_event_id: String,
    pub(super) heartbeats: Vec<String>,
    pub(super) open_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) pause: Pause,
    pub(super) most_events: usize,
    pub(super) most_bytes: usize,
}

impl Native {
    pub(super) fn new(url: String) -> Self {
        Native {
            url,
            events: vec!["message".to_owned()],
            with_credentials: false,
            retry: Retry::new().more_attempts(5).backoff(Duration::from_secs(1), Duration::from_secs(30)),
            resume: None,
            last_event_id: String::new(),
            heartbeats: Vec::new(),
            open_timeout: None,
            idle_timeout: None,
            pause: Pause::default(),
            most_events: 65_536,
            most_bytes: 64 << 20,
        }
    }

    /// Hands on events of this type too: an `EventSource` tells of those alone that are asked for by name. `message` always
    /// is.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::native("/prices").event("price").open();
    /// ```
    pub fn event(mut self, event_type: &str) -> Self {
        if !self.events.iter().any(|known| known == event_type) {
            self.events.push(event_type.to_owned());
        }
        self
    }

    /// Sends cookies and other credentials across origins
    /// ([`withCredentials`](https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource-withcredentials)).
    /// Default: no. Within one origin they always go.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let mine = sse::native("https://feed.example/mine").with_credentials(true).open();
    /// ```
    pub fn with_credentials(mut self, with: bool) -> Self {
        self.with_credentials = with;
        self
    }

    /// How often a new `EventSource` is made in a row, and how soon. Default: five times after the first, after waits of up
    /// to 1 s, 2 s, 4 s and so on up to 30 s. No status and no `Retry-After` is seen here, so a policy that says anything of
    /// them is refused.
    ///
    /// ```no_run
    /// use pagewire::http::Retry;
    /// use pagewire::sse;
    ///
    /// let prices = sse::native("/prices").retry(Retry::new().forever()).open();
    /// ```
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Tells the server by this query parameter where a new `EventSource` goes on: a page cannot set its `Last-Event-ID`.
    /// The browser's own attempts repeat that parameter and send the header besides, which is the newer: a server must look
    /// at the header first. Without it, the first event of a new one says that it [follows a gap](super::Event::follows_gap).
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::native("/prices").resume_by_query("last_event_id").open();
    /// ```
    pub fn resume_by_query(mut self, name: &str) -> Self {
        self.resume = Some(Resume::Query(name.to_owned()));
        self
    }

    /// Goes on after this event, from an earlier stream. Needs [`resume_by_query`](Native::resume_by_query).
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::native("/prices").resume_by_query("last_event_id").last_event_id("17").open();
    /// ```
    pub fn last_event_id(mut self, id: &str) -> Self {
        self.last_event_id = id.to_owned();
        self
    }

    /// Makes a new one if it is not open `after` this long, or not open again so long after the browser has lost the
    /// connection; the browser's own wait before it tries, 3 s or what the server named with `retry:`, counts. Firefox takes it for open with the first byte of the body: a
    /// server should send a comment at once. Default: never.
    ///
    /// ```no_run
    /// use pagewire::sse;
    /// use std::time::Duration;
    ///
    /// let prices = sse::native("/prices").open_timeout(Duration::from_secs(10)).open();
    /// ```
    pub fn open_timeout(mut self, after: Duration) -> Self {
        self.open_timeout = Some(after);
        self
    }

    /// An event of this type is a sign of life, and not handed on: so it can be none that is [asked for](Native::event), nor
    /// `message`.
    ///
    /// ```no_run
    /// use pagewire::sse;
    /// use std::time::Duration;
    ///
    /// let prices = sse::native("/prices").heartbeat("ping").idle_timeout(Duration::from_secs(45)).open();
    /// ```
    pub fn heartbeat(mut self, event_type: &str) -> Self {
        self.heartbeats.push(event_type.to_owned());
        self
    }

    /// Makes a new one after so long without an event while it is open; before, there is
    /// [`open_timeout`](Native::open_timeout). Needs a [`heartbeat`](Native::heartbeat): an `EventSource` shows no
    /// comments, so without one a quiet server looks like a dead one. Default: never.
    ///
    /// ```no_run
    /// use pagewire::sse;
    /// use std::time::Duration;
    ///
    /// let prices = sse::native("/prices").heartbeat("ping").idle_timeout(Duration::from_secs(45)).open();
    /// ```
    pub fn idle_timeout(mut self, after: Duration) -> Self {
        self.idle_timeout = Some(after);
        self
    }

    /// What may wait to be read: one event more closes the connection and ends the stream with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). Default: 65,536 events, 64 MiB.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::native("/prices").receive_limit(1000, 1 << 20).open();
    /// ```
    pub fn receive_limit(mut self, events: usize, bytes: usize) -> Self {
        (self.most_events, self.most_bytes) = (events, bytes);
        self
    }

    /// Closes the connection while the page is hidden, frozen or in the back/forward cache. That is done while somebody waits
    /// for the next event: a reader that is busy keeps the connection until it asks again. Needs
    /// [`resume_by_query`](Native::resume_by_query), as what comes meanwhile would be lost. Default: no.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::native("/prices").resume_by_query("last_event_id").pause_when_hidden().open();
    /// ```
    pub fn pause_when_hidden(mut self) -> Self {
        self.pause.hidden = true;
        self
    }

    /// Closes the connection while the browser says that it is offline. Needs
    /// [`resume_by_query`](Native::resume_by_query), as what comes meanwhile would be lost. Default: no.
    ///
    /// ```no_run
    /// use pagewire::sse;
    ///
    /// let prices = sse::native("/prices").resume_by_query("last_event_id").pause_when_offline().open();
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
    /// let prices = sse::native("/prices").open();
    /// ```
    pub fn open(self) -> EventStream {
        source::open(self)
    }

    /// Refuses what an `EventSource` cannot do.
    pub(super) fn check(&self) -> Result<()> {
        if self.heartbeats.iter().any(|heartbeat| self.events.contains(heartbeat)) {
            Err(Error::unsupported(
                "a heartbeat is not handed on: it cannot be `message`, or a type asked for",
            ))
        } else if self.retry.judges_answers() {
            Err(Error::unsupported(
                "an EventSource shows no status and no Retry-After: leave them to `connect`",
            ))
        } else if self.idle_timeout.is_some() && self.heartbeats.is_empty() {
            Err(Error::unsupported("an EventSource shows no comments: name a heartbeat for its idle limit"))
        } else if self.resume.is_none() && !self.last_event_id.is_empty() {
            Err(Error::unsupported(
                "an EventSource takes no Last-Event-ID: name a query parameter to resume by",
            ))
        } else if self.resume.is_none() && self.pause != Pause::default() {
            Err(Error::unsupported("a paused EventSource must resume: name a query parameter to resume by"))
        } else {
            Ok(())
        }
    }
}
