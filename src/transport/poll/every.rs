//! Short polling.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use super::answers::{Answers, Poller, Step};
use super::asking::Asking;
use crate::browser::clock;
use crate::error::Result;
use crate::transport::http::{Request, Response, Retry};

/// Short polling to be opened. Limits, credentials and the abort signal are the request's; its
/// [`timeout`](Request::timeout) holds for each question.
///
/// ```no_run
/// use pagewire::poll;
/// use std::time::Duration;
///
/// let prices = poll::every(Duration::from_secs(10), "/prices").conditional().open();
/// ```
#[must_use = "polling does nothing until it is opened"]
pub struct Every {
    asking: Asking,
    interval: Duration,
    jitter: Duration,
    from_start: bool,
    is_conditional: bool,
    validators: Vec<(&'static str, String)>,
    due: Duration,
}

impl Every {
    pub(super) fn new(interval: Duration, request: Request) -> Self {
        Every {
            asking: Asking::new(request),
            interval,
            jitter: Duration::ZERO,
            from_start: false,
            is_conditional: false,
            validators: Vec::new(),
            due: Duration::ZERO,
        }
    }

    /// Counts the interval from the start of a question, in place of its end: a fixed beat, as long as the answers are
    /// faster than that. There are never two questions at a time.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let clock = poll::every(Duration::from_secs(1), "/time").from_start().open();
    /// ```
    pub fn from_start(mut self) -> Self {
        self.from_start = true;
        self
    }

    /// Makes each interval longer by up to this much, at random, so that many clients do not ask in step. Default: 0.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").jitter(Duration::from_secs(2)).open();
    /// ```
    pub fn jitter(mut self, most: Duration) -> Self {
        self.jitter = most;
        self
    }

    /// Asks with the `If-None-Match` and `If-Modified-Since` of the last answer, and hands on nothing for a 304. Default:
    /// no.
    ///
    /// Across origins it has a price: each question costs a preflight, whose answer must allow these headers, and the server
    /// must expose its `ETag`.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").conditional().open();
    /// ```
    pub fn conditional(mut self) -> Self {
        self.is_conditional = true;
        self
    }

    /// What to do after a failure: a network error, a time limit, or a status of the policy. Default: ask for ever, after
    /// waits of up to 1 s, 2 s, 4 s and so on up to 30 s. Another status than 200 to 299 ends the stream with an error.
    ///
    /// ```no_run
    /// use pagewire::http::Retry;
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").retry(Retry::new().more_attempts(3)).open();
    /// ```
    pub fn retry(mut self, retry: Retry) -> Self {
        self.asking.retry = retry;
        self
    }

    /// The name of the query parameter that makes each URL unique. Default: `_`.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").unique_by("nocache").open();
    /// ```
    pub fn unique_by(mut self, name: &str) -> Self {
        self.asking.unique = Some(name.to_owned());
        self
    }

    /// Leaves the URL as it is, for a server that minds the parameter: then its answers must say `Cache-Control: no-store`,
    /// or some of them may come from the browser's cache.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").same_url().open();
    /// ```
    pub fn same_url(mut self) -> Self {
        self.asking.unique = None;
        self
    }

    /// Asks nothing while the page is hidden, frozen or in the back/forward cache; a question that is due meanwhile is
    /// asked when it is back. Default: no.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").pause_when_hidden().open();
    /// ```
    pub fn pause_when_hidden(mut self) -> Self {
        self.asking.pause.hidden = true;
        self
    }

    /// Asks nothing while the browser says that it is offline; a question that is due meanwhile is asked when it is back.
    /// Default: no.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").pause_when_offline().open();
    /// ```
    pub fn pause_when_offline(mut self) -> Self {
        self.asking.pause.offline = true;
        self
    }

    /// The stream. The first question is asked with the first poll.
    ///
    /// ```no_run
    /// use pagewire::poll;
    /// use std::time::Duration;
    ///
    /// let prices = poll::every(Duration::from_secs(10), "/prices").open();
    /// ```
    pub fn open(self) -> Answers {
        Answers::new(self, false)
    }

    async fn ask(&mut self) -> Result<Response> {
        loop {
            let longest = self.interval.saturating_add(self.jitter);
            self.asking.wait_until(self.due, longest).await?;
            let started = Cell::new(Duration::ZERO);
            let validators = &self.validators;
            let conditional = |request: Request| {
                started.set(clock::now());
                validators.iter().fold(request, |request, (name, value)| request.header(name, value))
            };
            let is_conditional = self.is_conditional;
            let stands =
                move |answer: &Response| answer.is_success() || (is_conditional && answer.is_not_modified());
            let answer = self.asking.ask(conditional, stands, false).await?;
            self.due = self.next_after(started.get());
            if !answer.is_not_modified() {
                self.note(&answer);
                return Ok(answer);
            }
        }
    }

    fn next_after(&self, started: Duration) -> Duration {
        let from = if self.from_start { started } else { clock::now() };
        from.saturating_add(self.interval).saturating_add(self.jitter.mul_f64(clock::random()))
    }

    fn note(&mut self, answer: &Response) {
        if !self.is_conditional {
            return;
        }
        let pairs = [("if-none-match", "etag"), ("if-modified-since", "last-modified")];
        let validator = |(asks, names)| Some((asks, answer.header(names)?.to_owned()));
        self.validators = pairs.into_iter().filter_map(validator).collect();
    }
}

impl Poller for Every {
    fn next(mut self: Box<Self>) -> Step {
        Box::pin(async move {
            let outcome = self.ask().await;
            (self as Box<dyn Poller>, outcome)
        })
    }

    fn position(&self) -> Option<String> {
        None
    }
}

impl fmt::Debug for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Every").field("request", &self.asking.request).finish_non_exhaustive()
    }
}
