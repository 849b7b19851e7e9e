//! When to send a request again.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::exchange::send_once;
use super::{Method, Request, Response};
use crate::browser::clock;
use crate::error::{ErrorKind, Result};
use crate::proto::backoff::{Backoff, Policy};
use crate::proto::retry_after::{parse_http_date, parse_retry_after};
use crate::transport::retry::{Bounds, Verdict, attempts};

/// Which requests are sent again, how often, and with what waits.
///
/// By default a request with an [idempotent](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2) method is sent up to
/// two times more, after a network error or a status of 408, 413, 425, 429, 500, 502, 503 or 504. A POST is not, unless
/// [`any_method`](Retry::any_method) says that it may be. Time limits and aborts are final.
///
/// The waits are random between zero and 300 ms, 600 ms, 1.2 s and so on up to 30 s, also once that is reached, so that
/// the clients of a server that was down do not come back in step. A
/// [`Retry-After`](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3) is kept to instead, as seconds or a
/// date; across origins only if the server exposes that header.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http::{self, Retry};
/// use std::time::Duration;
///
/// let patient = Retry::new().more_attempts(5).backoff(Duration::from_secs(1), Duration::from_secs(60));
/// let items = http::get("/items").retry(patient).await?;
/// println!("answered at attempt {}", items.attempts());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// `None` for no end.
    more: Option<u32>,
    base: Duration,
    cap: Duration,
    any_method: bool,
    longest: Duration,
    statuses: Statuses,
    stable: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            more: Some(2),
            base: Duration::from_millis(300),
            cap: Duration::from_secs(30),
            any_method: false,
            longest: Duration::MAX,
            statuses: Statuses::of(RETRIED),
            stable: Duration::from_secs(3),
        }
    }
}

impl Retry {
    /// The default policy.
    ///
    /// ```
    /// use pagewire::http::Retry;
    ///
    /// assert_eq!(Retry::new(), Retry::default());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Retry::default()
    }

    /// How many times a request is sent after the first. Default: 2.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    ///
    /// let items = http::get("/items").retry(Retry::new().more_attempts(4)).await?; // sent 5 times at most
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn more_attempts(mut self, more: u32) -> Self {
        self.more = Some(more);
        self
    }

    /// Never gives up: what [`sse`](crate::sse) and [`poll`](crate::poll) do unless told otherwise.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    /// use std::time::Duration;
    ///
    /// let saved = http::put("/draft").body("text").retry(Retry::new().forever()).timeout(Duration::from_secs(3600));
    /// saved.await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.more = None;
        self
    }

    /// The statuses after which to try again, in place of 408, 413, 425, 429, 500, 502, 503 and 504. Only those from 400
    /// to 599 count.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    ///
    /// // A replica that may not have heard of it yet.
    /// let item = http::get("/items/7").retry(Retry::new().statuses([404, 503])).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn statuses(mut self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.statuses = Statuses::of(statuses);
        self
    }

    /// How long a connection of [`sse`](crate::sse) must last before the waits begin anew: one that opens and breaks at
    /// once is a failure too. A single request has no use for it. Default: 3 s.
    ///
    /// ```no_run
    /// use pagewire::http::Retry;
    /// use pagewire::sse;
    /// use std::time::Duration;
    ///
    /// let events = sse::connect("/events").retry(Retry::new().forever().stable_after(Duration::from_secs(30))).open();
    /// ```
    #[must_use]
    pub fn stable_after(mut self, lasted: Duration) -> Self {
        self.stable = lasted;
        self
    }

    /// The longest first wait; it doubles with each attempt, up to `cap`. Default: 300 ms, up to 30 s.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    /// use std::time::Duration;
    ///
    /// // Waits of at most 100 ms, 200 ms, 400 ms and so on, never over 2 s.
    /// let quick = Retry::new().backoff(Duration::from_millis(100), Duration::from_secs(2));
    /// let suggestions = http::get("/suggest").query("q", "wi").retry(quick).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sends requests of every method again, POST too: say so only where the server bears the same request twice.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    ///
    /// // The server knows the key of an order that it has taken already.
    /// let order = http::post("/orders").header("idempotency-key", "8e03978e").json(&["tea"]);
    /// order.retry(Retry::new().any_method()).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// Does not try again where the server asks for a longer wait than this. Default: any wait that fits before the
    /// request's [`timeout`](Request::timeout).
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    /// use std::time::Duration;
    ///
    /// let retry = Retry::new().longest_retry_after(Duration::from_secs(5));
    /// let response = http::get("/items").retry(retry).await?;
    /// if response.status() == 429 {
    ///     println!("too busy; come back in {:?} s", response.header("retry-after"));
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// The waits for requests of `method`.
    pub(crate) fn backoff_for(self, method: &Method) -> Backoff {
        let attempts = if self.may_repeat(method) { self.more } else { Some(0) };
        Backoff::new(Policy { base: self.base, cap: self.cap, attempts, stable: self.stable })
    }

    /// Whether requests of `method` may be sent again at all.
    pub(crate) fn may_repeat(self, method: &Method) -> bool {
        self.any_method || method.is_idempotent()
    }

    /// Whether it says anything of statuses or of `Retry-After` that the default does not.
    pub(crate) fn judges_answers(self) -> bool {
        self.statuses != Statuses::of(RETRIED) || self.longest != Duration::MAX
    }

    /// What to do about an answer with this status, whose headers are asked for by name.
    pub(crate) fn judge_status(self, status: u16, header: impl Fn(&str) -> Option<String>) -> Verdict {
        if !self.statuses.has(status) {
            return Verdict::Done;
        }
        match asked_for(header) {
            Some(wait) if wait > self.longest => Verdict::Done,
            asked => Verdict::Again(asked),
        }
    }

    fn judge(self, outcome: &Result<Response>) -> Verdict {
        match outcome {
            Ok(response) => {
                self.judge_status(response.status(), |name| response.header(name).map(str::to_owned))
            }
            Err(error) if error.kind() == ErrorKind::Network => Verdict::Again(None),
            Err(_) => Verdict::Done,
        }
    }
}

/// Statuses that a later attempt may not meet. A 408 arrives only where the browser does not handle it by itself.
const RETRIED: [u16; 8] = [408, 413, 425, 429, 500, 502, 503, 504];

/// A set of statuses from 400 on, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Statuses([u64; 4]);

impl Statuses {
    fn of(statuses: impl IntoIterator<Item = u16>) -> Self {
        let mut set = [0; 4];
        for (word, bit) in statuses.into_iter().filter_map(place) {
            set[word] |= bit;
        }
        Statuses(set)
    }

    fn has(self, status: u16) -> bool {
        place(status).is_some_and(|(word, bit)| self.0[word] & bit != 0)
    }
}

fn place(status: u16) -> Option<(usize, u64)> {
    let index = usize::from(status.checked_sub(400)?);
    (index < 200).then_some((index / 64, 1 << (index % 64)))
}

/// What [`Request::retry`] keeps: an app that never calls it does not carry the loop.
pub(crate) type Run = fn(Request, Retry) -> Pin<Box<dyn Future<Output = Result<Response>>>>;

pub(super) fn run(mut request: Request, retry: Retry) -> Pin<Box<dyn Future<Output = Result<Response>>>> {
    Box::pin(async move {
        request.check()?;
        let deadline = request.options.limits.total.map(|total| clock::now().saturating_add(total));
        let bounds = Bounds { deadline, signal: request.options.signal.as_ref(), lifecycle: None };
        let attempt = async || Some(send_once(within(request.repeat(), deadline)).await);
        let (outcome, tries) =
            attempts(&mut retry.backoff_for(request.method()), bounds, attempt, |outcome| {
                retry.judge(outcome)
            })
            .await;
        match outcome {
            Ok(response) => Ok(response.with_attempts(tries)),
            Err(error) => Err(error.with_attempts(tries).with_url(&request.context.sent.url)),
        }
    })
}

/// One attempt may last as long as is left of the whole.
pub(crate) fn within(mut request: Request, deadline: Option<Duration>) -> Request {
    if let Some(deadline) = deadline {
        request.options.limits.total = Some(deadline.saturating_sub(clock::now()));
    }
    request
}

/// The wait of a `Retry-After`, counted by the server's own clock where its answer has a date.
fn asked_for(header: impl Fn(&str) -> Option<String>) -> Option<Duration> {
    let here = clock::now().as_secs();
    let there = header("date").and_then(|date| parse_http_date(&date, here));
    parse_retry_after(&header("retry-after")?, there.unwrap_or(here))
}
