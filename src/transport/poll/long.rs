//! Long polling.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use super::Cursor;
use super::answers::{Answers, Poller, Step};
use super::asking::Asking;
use crate::browser::clock;
use crate::error::{Error, Result};
use crate::transport::http::{Request, Response, Retry};

/// Long polling to be opened. Limits, credentials and the abort signal are the request's; its
/// [`timeout`](Request::timeout) holds for each question, and must be longer than the server holds one.
///
/// A server that has nothing says so with 204, 304, 408 or an empty body, and is asked again. A 408 is not a safe way: on a
/// connection that was used before, browsers repeat the request by themselves, and Firefox then shows no answer at all.
///
/// ```no_run
/// use pagewire::poll::{self, Cursor};
///
/// let updates = poll::long("/updates").cursor(Cursor::json("next", "after")).open();
/// ```
#[must_use = "polling does nothing until it is opened"]
pub struct Long {
    asking: Asking,
    cursor: Option<Cursor>,
    position: Option<String>,
    spacing: Duration,
    /// Before this nothing is asked.
    due: Duration,
}

impl Long {
    pub(super) fn new(request: Request) -> Self {
        Long {
            asking: Asking::new(request),
            cursor: None,
            position: None,
            spacing: Duration::from_secs(1),
            due: Duration::ZERO,
        }
    }

    /// Carries the place reached from each answer to the next question, so that nothing is missed between them.
    ///
    /// ```no_run
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let updates = poll::long("/updates").cursor(Cursor::json("next", "after")).open();
    /// ```
    pub fn cursor(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// Begins after this [position](Answers::position) of an earlier stream. Needs a [cursor](Long::cursor) that tells the
    /// server; without one the stream ends with [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    ///
    /// ```no_run
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let updates = poll::long("/updates").cursor(Cursor::json("next", "after")).from_position("17").open();
    /// ```
    pub fn from_position(mut self, position: &str) -> Self {
        self.position = Some(position.to_owned());
        self
    }

    /// The least time between two questions of which the first was answered with nothing, or without a new position: a
    /// server that does not hold its answers is not asked without a pause. Default: 1 s.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let updates = poll::long("/updates").spacing(Duration::from_secs(5)).open();
    /// ```
    pub fn spacing(mut self, least: Duration) -> Self {
        self.spacing = least;
        self
    }

    /// What to do after a failure: a network error, a time limit, or a status of the policy. Default: ask for ever, after
    /// waits of up to 1 s, 2 s, 4 s and so on up to 30 s. Another status than 200 to 299 ends the stream with an error.
    ///
    /// ```no_run
    /// use pagewire::http::Retry;
    /// use pagewire::poll;
    ///
    /// let updates = poll::long("/updates").retry(Retry::new().more_attempts(10)).open();
    /// ```
    pub fn retry(mut self, retry: Retry) -> Self {
        self.asking.retry = retry;
        self
    }

    /// The name of the query parameter that makes each URL unique. Default: `_`.
    ///
    /// ```no_run
    /// use pagewire::poll;
    ///
    /// let updates = poll::long("/updates").unique_by("nocache").open();
    /// ```
    pub fn unique_by(mut self, name: &str) -> Self {
        self.asking.unique = Some(name.to_owned());
        self
    }

    /// Leaves the URL as it is, for a server that minds the parameter: then two streams of one URL wait for each other, and
    /// answers must say `Cache-Control: no-store`.
    ///
    /// ```no_run
    /// use pagewire::poll;
    ///
    /// let updates = poll::long("/updates").same_url().open();
    /// ```
    pub fn same_url(mut self) -> Self {
        self.asking.unique = None;
        self
    }

    /// Ends the question while the page is hidden, frozen or in the back/forward cache, and asks again when it is back; with
    /// a cursor nothing is missed. That is done while somebody waits for the next answer. A request that may not be
    /// [sent again](Retry::any_method) cannot be paused. Default: no.
    ///
    /// ```no_run
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let updates = poll::long("/updates").cursor(Cursor::nchan()).pause_when_hidden().open();
    /// ```
    pub fn pause_when_hidden(mut self) -> Self {
        self.asking.pause.hidden = true;
        self
    }

    /// Ends the question while the browser says that it is offline, and asks again when it is back; with a cursor nothing is
    /// missed. Default: no.
    ///
    /// ```no_run
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let updates = poll::long("/updates").cursor(Cursor::nchan()).pause_when_offline().open();
    /// ```
    pub fn pause_when_offline(mut self) -> Self {
        self.asking.pause.offline = true;
        self
    }

    /// The stream. The first question is asked with the first poll, and each later one as soon as the answer before it has
    /// come, not when that was dealt with.
    ///
    /// ```no_run
    /// use pagewire::poll;
    ///
    /// let updates = poll::long("/updates").open();
    /// ```
    pub fn open(self) -> Answers {
        Answers::new(self, true)
    }

    async fn ask(&mut self) -> Result<Response> {
        if self.position.is_some() && self.cursor.is_none() {
            let error =
                Error::unsupported("a position needs a cursor: without one no question would carry it");
            return Err(error.with_url(&self.asking.request.context.sent.url));
        }
        loop {
            self.asking.wait_until(self.due, self.spacing).await?;
            let started = Cell::new(Duration::ZERO);
            let (cursor, position) = (&self.cursor, &self.position);
            let onwards = |request: Request| {
                started.set(clock::now());
                match (cursor, position) {
                    (Some(cursor), Some(position)) => cursor.apply(request, position),
                    _ => request,
                }
            };
            let is_nothing = |answer: &Response| {
                has_nothing(answer) || cursor.as_ref().is_some_and(|cursor| cursor.is_passing(answer))
            };
            let stands = |answer: &Response| answer.is_success() || is_nothing(answer);
            let answer = self.asking.ask(onwards, stands, true).await?;
            let is_something = !is_nothing(&answer);
            let goes_on = self.go_on(&answer, is_something)?;
            let is_spaced = !(is_something && goes_on);
            self.due = if is_spaced { started.get().saturating_add(self.spacing) } else { Duration::ZERO };
            if is_something {
                return Ok(answer);
            }
        }
    }

    /// Takes the answer's position; whether the next question differs from this one, as far as the cursor tells.
    fn go_on(&mut self, answer: &Response, is_something: bool) -> Result<bool> {
        let Some(cursor) = &self.cursor else { return Ok(true) };
        let position = cursor
            .position_of(answer, is_something)
            .map_err(|error| error.with_url(&self.asking.request.context.sent.url))?;
        let is_new = position.is_some() && position != self.position;
        if is_new {
            self.position = position;
        }
        Ok(is_new)
    }
}

/// The server's "ask again".
fn has_nothing(answer: &Response) -> bool {
    matches!(answer.status(), 204 | 304 | 408) || (answer.is_success() && answer.is_empty())
}

impl Poller for Long {
    fn next(mut self: Box<Self>) -> Step {
        Box::pin(async move {
            let outcome = self.ask().await;
            (self as Box<dyn Poller>, outcome)
        })
    }

    fn position(&self) -> Option<String> {
        self.position.clone()
    }
}

impl fmt::Debug for Long {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Long").field("request", &self.asking.request).finish_non_exhaustive()
    }
}
