//! The one error of the library: a kind to decide on, a sentence to read, and the address without its secrets.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::proto::url;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, and with which address.
///
/// Decide by [`kind`](Error::kind) or the `is_*` predicates; print it for a person. `Display` never shows a query
/// string, a fragment or credentials of the URL, so an error can be logged.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    url: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    body: Option<String>,
    attempts: u32,
}

/// The kinds of failure. New ones may be added, so a `match` needs a `_` arm.
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
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AbortedBy::Caller => "caller",
            AbortedBy::Browser => "browser",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            url: None,
            source: None,
            body: None,
            attempts: 1,
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

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_body(mut self, body: Option<String>) -> Self {
        self.0.body = body;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts.max(1);
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The address without query, fragment and credentials, where one is known.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// The first 4 KiB of the body that came with an error status, as text, where it was held in memory. It is the
    /// server's own text, so `Display` and `Debug` leave it out.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// How many times the request was sent: 1 without a retry.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The time limit that passed, if that is what happened.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        match self.0.kind {
            ErrorKind::Timeout(phase) => Some(phase),
            _ => None,
        }
    }

    /// The response's status, if the failure is one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.0.kind {
            ErrorKind::Status(status) => Some(status),
            _ => None,
        }
    }

    /// True when a time limit passed, in whichever phase.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout(_))
    }

    /// True when the exchange was ended before its outcome, by the caller or by the browser.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Aborted(_))
    }

    /// True when there was no response, or CORS hid it.
    #[must_use]
    pub fn is_network(&self) -> bool {
        self.0.kind == ErrorKind::Network
    }

    /// True when the server answered with a status that was not a success.
    #[must_use]
    pub fn is_status(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Status(_))
    }

    /// True when the answer could not be read as what was asked for.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// True when the request could not be made as written.
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == ErrorKind::InvalidRequest
    }

    /// True when this environment or transport cannot do what was asked.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.0.kind == ErrorKind::Unsupported
    }

    /// True when the page's own policy forbids what was asked.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.0.kind == ErrorKind::Blocked
    }

    /// True when the connection was closed already.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.kind == ErrorKind::Closed
    }

    /// True when a bound was passed.
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
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

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
