//! The one error of the library: a kind to decide on, a sentence to read, and the address without its secrets.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::proto::close::CloseEvent;
use crate::proto::cors::Sent;
use crate::proto::url;

/// A result whose error is [`Error`].
///
/// ```no_run
/// use pagewire::http;
///
/// async fn title(id: u32) -> pagewire::Result<String> {
///     http::get(format!("/articles/{id}/title")).await?.error_for_status()?.text().await
/// }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, and with which address.
///
/// Decide by [`kind`](Error::kind) or the `is_*` predicates; print it for a person. `Display` never shows a query
/// string, a fragment or credentials of the URL, so an error can be logged.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::{ErrorKind, Phase, http};
///
/// match http::get("/report").await {
///     Ok(response) => println!("{}", response.text().await?),
///     Err(error) => match error.kind() {
///         ErrorKind::Timeout(Phase::FirstByte) => println!("the server is busy"),
///         ErrorKind::Network => println!("are you online?"),
///         _ => eprintln!("{error}"),
///     },
/// }
/// # Ok(()) }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    url: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    thrown: Option<Thrown>,
    body: Option<String>,
    attempts: u32,
    offset: Option<u64>,
    sent: Option<Box<Sent>>,
    close: Option<CloseEvent>,
}

/// The kinds of failure. New ones may be added, so a `match` needs a `_` arm.
///
/// ```
/// use pagewire::{Error, ErrorKind, Phase};
///
/// let advice = |error: &Error| match error.kind() {
///     ErrorKind::Network | ErrorKind::Timeout(_) => "try again",
///     ErrorKind::Status(401) => "sign in",
///     _ => "tell us",
/// };
/// assert_eq!(advice(&Error::new(ErrorKind::Timeout(Phase::Idle), "no progress")), "try again");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be made as written: nothing was sent.
    InvalidRequest,
    /// This environment, or this transport, cannot do what was asked: nothing was sent.
    Unsupported,
    /// The page's own policy forbids it: its Content Security Policy, or Trusted Types.
    Blocked,
    /// No response: offline, DNS, refused, reset, TLS, or an answer that CORS hides. Browsers do not say which.
    Network,
    /// A time limit passed; the phase says which one.
    Timeout(Phase),
    /// The exchange was ended before its outcome; the value says by whom.
    Aborted(AbortedBy),
    /// The server answered with this status where success was required.
    Status(u16),
    /// The answer arrived but is not what it was read as: text, JSON, a line.
    Decode,
    /// A bound that the caller or the library set was passed.
    TooLarge,
    /// The connection is closed, so nothing more can be sent on it.
    Closed,
}

/// Which time limit passed.
///
/// ```
/// use pagewire::{Error, ErrorKind, Phase};
///
/// let error = Error::new(ErrorKind::Timeout(Phase::Connect), "no connection in time");
/// assert_eq!(error.phase(), Some(Phase::Connect));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Until a connection was open.
    Connect,
    /// From the end of the upload (or from sending, without a body) to the response's headers.
    FirstByte,
    /// Between two signs of progress, in either direction.
    Idle,
    /// From sending to the end of the response.
    Total,
}

/// Who ended an exchange before its outcome.
///
/// ```
/// use pagewire::{AbortedBy, Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Aborted(AbortedBy::Browser), "the page was left");
/// let is_worth_a_word = error.is_aborted() && error.kind() != ErrorKind::Aborted(AbortedBy::Caller);
/// assert!(is_worth_a_word);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AbortedBy {
    /// The program, by a handle or an `AbortSignal`.
    Caller,
    /// The browser, for example by `window.stop()` or a navigation.
    Browser,
}

impl ErrorKind {
    /// A stable word for this kind: what the ES module shows as `error.kind`.
    ///
    /// ```
    /// use pagewire::ErrorKind;
    ///
    /// assert_eq!(ErrorKind::TooLarge.as_str(), "too-large");
    /// assert_eq!(ErrorKind::Status(404).as_str(), "status");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::InvalidRequest => "invalid-request",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::Blocked => "blocked",
            ErrorKind::Network => "network",
            ErrorKind::Timeout(_) => "timeout",
            ErrorKind::Aborted(_) => "aborted",
            ErrorKind::Status(_) => "status",
            ErrorKind::Decode => "decode",
            ErrorKind::TooLarge => "too-large",
            ErrorKind::Closed => "closed",
        }
    }
}

impl Phase {
    /// A stable word for this phase: what the ES module shows as `error.phase`.
    ///
    /// ```
    /// use pagewire::Phase;
    ///
    /// assert_eq!(Phase::FirstByte.as_str(), "first-byte");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Connect => "connect",
            Phase::FirstByte => "first-byte",
            Phase::Idle => "idle",
            Phase::Total => "total",
        }
    }
}

impl AbortedBy {
    /// A stable word for who it was: what the ES module shows as `error.by`.
    ///
    /// ```
    /// use pagewire::AbortedBy;
    ///
    /// assert_eq!(AbortedBy::Caller.as_str(), "caller");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AbortedBy::Caller => "caller",
            AbortedBy::Browser => "browser",
        }
    }
}

impl Error {
    /// An error made by hand: how a [`Client::transport`](crate::http::Client::transport) fails in an app's own tests.
    /// `message` is what `Display` shows.
    ///
    /// ```
    /// use pagewire::http::Client;
    /// use pagewire::{Error, ErrorKind};
    ///
    /// let offline = Client::new().transport(|_| async { Err(Error::new(ErrorKind::Network, "offline")) });
    /// ```
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            url: None,
            source: None,
            thrown: None,
            body: None,
            attempts: 1,
            offset: None,
            sent: None,
            close: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::InvalidRequest, message)
    }

    pub(crate) fn unsupported(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Unsupported, message)
    }

    pub(crate) fn blocked(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Blocked, message)
    }

    pub(crate) fn decode(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Decode, message)
    }

    pub(crate) fn timeout(phase: Phase) -> Self {
        let message = match phase {
            Phase::Connect => "timed out: no connection in time",
            Phase::FirstByte => "timed out: no response headers in time",
            Phase::Idle => "timed out: no progress in time",
            Phase::Total => "timed out: not finished in time",
        };
        Error::new(ErrorKind::Timeout(phase), message)
    }

    pub(crate) fn aborted(by: AbortedBy) -> Self {
        let message = match by {
            AbortedBy::Caller => "aborted by the caller",
            AbortedBy::Browser => "aborted by the browser",
        };
        Error::new(ErrorKind::Aborted(by), message)
    }

    /// Adds the address, redacted: an error may end in a log.
    pub(crate) fn with_url(mut self, address: &str) -> Self {
        self.0.url = Some(url::redact(address));
        self
    }

    /// Adds the address, and what a diagnosis wants to know of the request.
    pub(crate) fn with_sent(self, sent: Box<Sent>) -> Self {
        let mut error = self.with_url(&sent.url);
        error.0.sent = Some(sent);
        error
    }

    pub(crate) fn sent(&self) -> Option<&Sent> {
        self.0.sent.as_deref()
    }

    pub(crate) fn with_close(mut self, event: Option<CloseEvent>) -> Self {
        self.0.close = event;
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds what the browser threw. Not as any other source: an app that asks for none carries no code to print it.
    pub(crate) fn with_thrown(mut self, thrown: Thrown) -> Self {
        self.0.thrown = Some(thrown);
        self
    }

    pub(crate) fn with_body(mut self, body: Option<String>) -> Self {
        self.0.body = body;
        self
    }

    pub(crate) fn with_offset(mut self, offset: u64) -> Self {
        self.0.offset = Some(offset);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts.max(1);
        self
    }

    /// What kind of failure this is.
    ///
    /// ```
    /// use pagewire::{ErrorKind, http};
    ///
    /// let error = http::get("javascript:alert(1)").start().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The address without query, fragment and credentials, where one is known.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let error = http::get("ftp://user:password@files.example/a?token=secret").start().unwrap_err();
    /// assert_eq!(error.url(), Some("ftp://files.example/a"));
    /// ```
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// The first 4 KiB of the body that came with an error status, as text, where it was held in memory. It is the
    /// server's own text, so `Display` and `Debug` leave it out.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// let error = Response::made(422, &[], "name: too short").error_for_status().unwrap_err();
    /// assert_eq!(error.body(), Some("name: too short"));
    /// assert!(!error.to_string().contains("name"));
    /// ```
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// How many times the request was sent: 1 without a retry.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    ///
    /// if let Err(error) = http::get("/items").retry(Retry::new()).await {
    ///     println!("given up after {} attempts: {error}", error.attempts());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Where in the body of a stream it went wrong, in bytes from its start: of kind [`Decode`](ErrorKind::Decode) and
    /// [`TooLarge`](ErrorKind::TooLarge).
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::stream;
    ///
    /// let mut numbers = stream::ndjson::<u32>("/numbers.ndjson");
    /// while let Some(number) = numbers.next().await {
    ///     match number {
    ///         Err(error) if error.is_decode() => println!("no number at byte {:?}", error.offset()),
    ///         number => println!("{}", number?),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    /// How the WebSocket ended that this was to be sent on; none while it is still closing.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// if let Err(error) = socket.send("hello").await {
    ///     println!("not sent, as the server said {:?}", error.close_event().map(|end| &end.reason));
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn close_event(&self) -> Option<&CloseEvent> {
        self.0.close.as_ref()
    }

    /// The time limit that passed, if that is what happened.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::{Phase, http};
    /// use std::time::Duration;
    ///
    /// match http::get("/slow").first_byte_timeout(Duration::from_secs(5)).await {
    ///     Err(error) if error.phase() == Some(Phase::FirstByte) => println!("no answer within 5 s"),
    ///     outcome => println!("{}", outcome?.status()),
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        match self.0.kind {
            ErrorKind::Timeout(phase) => Some(phase),
            _ => None,
        }
    }

    /// The response's status, if the failure is one.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// let error = Response::made(404, &[], "").error_for_status().unwrap_err();
    /// assert_eq!(error.status(), Some(404));
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.0.kind {
            ErrorKind::Status(status) => Some(status),
            _ => None,
        }
    }

    /// True when a time limit passed, in whichever phase.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    /// use std::time::Duration;
    ///
    /// let outcome = http::get("/search").timeout(Duration::from_millis(800)).await;
    /// if outcome.is_err_and(|error| error.is_timeout()) {
    ///     println!("still searching: type more to narrow it");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout(_))
    }

    /// True when the exchange was ended before its outcome, by the caller or by the browser.
    ///
    /// ```no_run
    /// # async fn example(signal: &web_sys::AbortSignal) -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// match http::get("/suggest?q=wire").abort_signal(signal).await {
    ///     Err(error) if error.is_aborted() => println!("overtaken by the next key press"),
    ///     outcome => println!("{}", outcome?.text().await?),
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Aborted(_))
    }

    /// True when there was no response, or CORS hid it.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// if http::get("https://api.example/").await.is_err_and(|error| error.is_network()) {
    ///     println!("offline, or that server does not let this origin read it");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_network(&self) -> bool {
        self.0.kind == ErrorKind::Network
    }

    /// True when the server answered with a status that was not a success.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// let refused = Response::made(403, &[], "").error_for_status();
    /// assert!(refused.is_err_and(|error| error.is_status()));
    /// ```
    #[must_use]
    pub fn is_status(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Status(_))
    }

    /// True when the answer could not be read as what was asked for.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// match http::get("/config").await?.json::<Vec<String>>().await {
    ///     Err(error) if error.is_decode() => println!("the server speaks another version: {error}"),
    ///     outcome => println!("{:?}", outcome?),
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// True when the request could not be made as written.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// // A page may not set this header.
    /// let error = http::get("/").header("Host", "elsewhere.example").start().unwrap_err();
    /// assert!(error.is_invalid_request());
    /// ```
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == ErrorKind::InvalidRequest
    }

    /// True when this environment or transport cannot do what was asked.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// # #[cfg(not(target_arch = "wasm32"))]
    /// // On a server that renders the page there is no network.
    /// assert!(http::get("/items").start().is_err_and(|error| error.is_unsupported()));
    /// ```
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.0.kind == ErrorKind::Unsupported
    }

    /// True when the page's own policy forbids what was asked.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// if let Err(error) = pagewire::jsonp::get("https://old.example/data").await
    ///     && error.is_blocked()
    /// {
    ///     println!("the page's policy is in the way: {error}");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.0.kind == ErrorKind::Blocked
    }

    /// True when the connection was closed already.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// if socket.send("hello").await.is_err_and(|error| error.is_closed()) {
    ///     println!("gone: {:?}", socket.close_event());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.kind == ErrorKind::Closed
    }

    /// True when a bound was passed.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let avatar = http::get("/avatar").max_size(100_000).await;
    /// if avatar.is_err_and(|error| error.is_too_large()) {
    ///     println!("more than 100 kB: showing the placeholder");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.0.kind == ErrorKind::TooLarge
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(url) = &self.0.url {
            f.write_str(" (")?;
            f.write_str(url)?;
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("url", &self.0.url)
            .field("source", &self.source())
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.0.source, &self.0.thrown) {
            (Some(source), _) => Some(source.as_ref()),
            (None, Some(thrown)) => Some(thrown),
            (None, None) => None,
        }
    }
}

/// What JavaScript threw or rejected with: the `name` and `message` of an error, or a text of anything else.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Thrown {
    pub(crate) name: String,
    pub(crate) message: String,
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if !self.name.is_empty() && !self.message.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Thrown {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_pointer_and_can_cross_threads() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn no_secret_of_the_url_is_shown() {
        let error =
            Error::timeout(Phase::Idle).with_url("https://me:pass@host.example/a/b?token=s3cret#frag");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(text.contains("https://host.example/a/b"), "{text}");
            for secret in ["pass", "s3cret", "frag"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }

    #[test]
    fn a_kind_has_a_predicate_and_keeps_its_data() {
        assert_eq!(Error::timeout(Phase::FirstByte).phase(), Some(Phase::FirstByte));
        assert!(Error::aborted(AbortedBy::Browser).is_aborted());
        assert_eq!(Error::new(ErrorKind::Status(503), "").status(), Some(503));
        assert!(Error::invalid("x").is_invalid_request());
    }

    #[test]
    fn the_source_is_reachable() {
        let error = Error::decode("bad JSON").with_source("unexpected end");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("unexpected end"));
    }
}
