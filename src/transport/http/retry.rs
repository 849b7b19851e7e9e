//! When to send a request again.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::exchange::send_once;
use super::{Request, Response};
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
    more: u32,
    base: Duration,
    cap: Duration,
    any_method: bool,
    longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            more: 2,
            base: Duration::from_millis(300),
            cap: Duration::from_secs(30),
            any_method: false,
            longest: Duration::MAX,
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
        self.more = more;
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

    fn judge(self, outcome: &Result<Response>) -> Verdict {
        match outcome {
            Ok(response) if RETRIED.contains(&response.status()) => match asked_for(response) {
                Some(wait) if wait > self.longest => Verdict::Done,
                asked => Verdict::Again(asked),
            },
            Err(error) if error.kind() == ErrorKind::Network => Verdict::Again(None),
            _ => Verdict::Done,
        }
    }
}

/// Statuses that a later attempt may not meet. A 408 arrives only where the browser does not handle it by itself.
const RETRIED: [u16; 8] = [408, 413, 425, 429, 500, 502, 503, 504];

/// What [`Request::retry`] keeps: an app that never calls it does not carry the loop.
pub(crate) type Run = fn(Request, Retry) -> Pin<Box<dyn Future<Output = Result<Response>>>>;

pub(super) fn run(mut request: Request, retry: Retry) -> Pin<Box<dyn Future<Output = Result<Response>>>> {
    Box::pin(async move {
        request.check()?;
        let may = retry.any_method || request.context.sent.asked.method.is_idempotent();
        let policy = Policy {
            base: retry.base,
            cap: retry.cap,
            attempts: Some(if may { retry.more } else { 0 }),
            stable: Duration::ZERO,
        };
        let deadline = request.options.limits.total.map(|total| clock::now().saturating_add(total));
        let bounds = Bounds { deadline, signal: request.options.signal.as_ref() };
        let attempt = || send_once(within(request.repeat(), deadline));
        let (outcome, tries) =
            attempts(Backoff::new(policy), bounds, attempt, |outcome| retry.judge(outcome)).await;
        match outcome {
            Ok(response) => Ok(response.with_attempts(tries)),
            Err(error) => Err(error.with_attempts(tries).with_url(&request.context.sent.url)),
        }
    })
}

/// One attempt may last as long as is left of the whole.
fn within(mut request: Request, deadline: Option<Duration>) -> Request {
    if let Some(deadline) = deadline {
        request.options.limits.total = Some(deadline.saturating_sub(clock::now()));
    }
    request
}

/// The wait of a `Retry-After`, counted by the server's own clock where its answer has a date.
fn asked_for(response: &Response) -> Option<Duration> {
    let here = clock::now().as_secs();
    let there = response.header("date").and_then(|date| parse_http_date(date, here));
    parse_retry_after(response.header("retry-after")?, there.unwrap_or(here))
}
