//! What a diagnosis says: a verdict, how sure it is, what it rests on, and what would help.

use std::fmt;

use super::Line;
use crate::error::{AbortedBy, ErrorKind, Phase};

/// Why a request failed, as far as can be found out. Made by [`Error::diagnose`](crate::Error::diagnose); `Display` is a
/// few lines that a person can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What most likely happened.
    pub verdict: Verdict,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it rests on, the probes that were sent among it.
    pub evidence: Vec<Evidence>,
    /// The lines by which the server would let the request pass, where that is what is missing.
    pub missing: Vec<Line>,
}

/// What happened to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The browser had no network.
    Offline,
    /// Nobody answers there: no such name, a refused or reset connection, a certificate, or an extension that blocks.
    /// Browsers do not tell these apart.
    Unreachable,
    /// The server answers now, and lets its answers be read: the exchange broke off in the middle.
    Interrupted,
    /// The server answers, but does not let this page have it.
    BlockedByCors(Blocked),
    /// The server answers requests now, but no WebSocket came of the handshake: it refused it, named none of the
    /// subprotocols, or nothing behind it speaks WebSocket.
    NoWebSocket,
    /// A page from `https` asks for `http`: [mixed content](https://w3c.github.io/webappsec-mixed-content/).
    MixedContent,
    /// The page's own [content security policy](https://w3c.github.io/webappsec-csp/) forbids the address.
    BlockedByCsp {
        /// The directive that forbids it, such as `connect-src`.
        directive: String,
    },
    /// The user or the browser denies the page requests to the
    /// [local network](https://wicg.github.io/local-network-access/).
    LocalNetworkAccess,
    /// No browser asks on this port: [bad port](https://fetch.spec.whatwg.org/#port-blocking).
    BadPort(u16),
    /// A time limit passed.
    TimedOut(Phase),
    /// It was ended before its outcome.
    Aborted(AbortedBy),
    /// It failed in a way that the error itself tells whole: nothing was hidden.
    Told(ErrorKind),
    /// What can be seen fits several causes.
    CannotTell(Unseen),
}

/// The part of CORS that is not satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Blocked {
    /// `Access-Control-Allow-Origin` is missing, or names another origin.
    Origin,
    /// Without credentials it would pass.
    Credentials,
    /// The preflight is refused for the headers of the request.
    PreflightHeaders,
    /// The preflight is refused, and not for the headers.
    Preflight,
    /// The preflight is refused or the credentials are.
    PreflightOrCredentials,
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unseen {
    /// No probe was allowed.
    NotProbed,
    /// The page is [cross-origin isolated](https://html.spec.whatwg.org/#cross-origin-isolated), where a probe sees nothing.
    Isolated,
    /// The error does not come from a request, or not from this library's.
    NoRequest,
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Other causes look the same.
    Low,
    /// Other causes are possible, but rare.
    Likely,
    /// Nothing else explains what was seen.
    High,
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// The error's own kind says it.
    ErrorKind,
    /// Whether the browser had a network when the request failed.
    Online(bool),
    /// The address alone says it.
    Address,
    /// The page reported a violation of its policy, of this directive.
    Violation(String),
    /// The permission for the local network is denied.
    PermissionDenied,
    /// The page is cross-origin isolated.
    Isolated,
    /// A probe was sent; whether it got an answer.
    Probe(Probe, bool),
}

/// A request that a diagnosis sends to see more. None carries credentials, a body, or values of the request's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Probe {
    /// To the same address in [`no-cors` mode](https://fetch.spec.whatwg.org/#concept-request-mode): is anybody there?
    Reach,
    /// To the same address in `cors` mode: may this page read there?
    Read,
    /// The same with the request's header names: does the preflight allow them?
    Headers,
    /// To the page's own origin: is there any network?
    Home,
}

impl Verdict {
    /// A stable word for the verdict: what the ES module shows as `diagnosis.verdict`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Offline => "offline",
            Verdict::Unreachable => "unreachable",
            Verdict::Interrupted => "interrupted",
            Verdict::BlockedByCors(_) => "blocked-by-cors",
            Verdict::NoWebSocket => "no-websocket",
            Verdict::MixedContent => "mixed-content",
            Verdict::BlockedByCsp { .. } => "blocked-by-csp",
            Verdict::LocalNetworkAccess => "local-network-access",
            Verdict::BadPort(_) => "bad-port",
            Verdict::TimedOut(_) => "timed-out",
            Verdict::Aborted(_) => "aborted",
            Verdict::Told(_) => "told",
            Verdict::CannotTell(_) => "cannot-tell",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Verdict::Offline => "wait for the `online` event, then send again",
            Verdict::Unreachable => {
                "check the host name, the port, the certificate, and the extensions that block requests"
            }
            Verdict::Interrupted => {
                "send again if that is safe; if it stays so, look in the server's log for this request"
            }
            Verdict::BlockedByCors(blocked) => blocked.advice(),
            Verdict::NoWebSocket => {
                "look in the server's log for the handshake: its path, its Origin, its subprotocols, and the proxies before it"
            }
            Verdict::MixedContent => "ask for https",
            Verdict::BlockedByCsp { .. } => "add the origin to this directive of the page's policy",
            Verdict::LocalNetworkAccess => "let the user allow this site the local network",
            Verdict::BadPort(_) => "let the server listen on another port",
            Verdict::TimedOut(_) => "send again, or give it more time",
            Verdict::Aborted(AbortedBy::Caller) => "nothing: the program asked for it",
            Verdict::Aborted(AbortedBy::Browser) => "send again if the page is still there",
            Verdict::Told(_) => "see the error itself",
            Verdict::CannotTell(Unseen::NotProbed) => "allow the diagnosis to send its probes",
            Verdict::CannotTell(Unseen::Isolated) => {
                "look at the browser's console, which may tell more than a page"
            }
            Verdict::CannotTell(Unseen::NoRequest) => "diagnose the error of a request",
        }
    }
}

impl Blocked {
    fn advice(self) -> &'static str {
        match self {
            Blocked::Origin => "let the server name this page's origin in its answers",
            Blocked::Credentials => {
                "let the server allow credentials and name the origin, not *, or send the request without credentials"
            }
            Blocked::PreflightHeaders => {
                "let the server allow the request's headers in its answer to OPTIONS"
            }
            Blocked::Preflight => {
                "let the server answer OPTIONS with a status from 200 to 299 and allow the method"
            }
            Blocked::PreflightOrCredentials => {
                "let the server answer OPTIONS with a status from 200 to 299, and allow credentials"
            }
        }
    }
}

impl Confidence {
    /// A stable word: `high`, `likely` or `low`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Likely => "likely",
            Confidence::High => "high",
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} (confidence: {})", self.verdict, self.confidence.as_str())?;
        for seen in &self.evidence {
            writeln!(f, "- {seen}")?;
        }
        write!(f, "what to do: {}", self.verdict.advice())?;
        for line in &self.missing {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Offline => "the browser is offline",
            Verdict::Unreachable => "nobody answers at this address",
            Verdict::Interrupted => "the exchange broke off, though the server answers",
            Verdict::BlockedByCors(blocked) => match blocked {
                Blocked::Origin => {
                    "blocked by CORS: the server does not let this page's origin read its answer"
                }
                Blocked::Credentials => {
                    "blocked by CORS: the server does not accept the request's credentials"
                }
                Blocked::PreflightHeaders => "blocked by CORS: the preflight refuses the request's headers",
                Blocked::Preflight => "blocked by CORS: the preflight refuses the request",
                Blocked::PreflightOrCredentials => {
                    "blocked by CORS: the preflight is refused, or the credentials are"
                }
            },
            Verdict::NoWebSocket => "the server answers, but the handshake of the WebSocket failed",
            Verdict::MixedContent => "blocked as mixed content: a page from https may not ask for http",
            Verdict::BlockedByCsp { directive } => {
                return write!(f, "blocked by the page's content security policy, by its {directive}");
            }
            Verdict::LocalNetworkAccess => "blocked: this site may not reach the local network",
            Verdict::BadPort(port) => return write!(f, "blocked: no browser asks on port {port}"),
            Verdict::TimedOut(phase) => return write!(f, "timed out: the {} limit passed", phase.as_str()),
            Verdict::Aborted(AbortedBy::Caller) => "aborted by the program",
            Verdict::Aborted(AbortedBy::Browser) => "aborted by the browser",
            Verdict::Told(kind) => return write!(f, "not hidden by the browser: {}", kind.as_str()),
            Verdict::CannotTell(Unseen::NotProbed) => "cannot tell without a probe",
            Verdict::CannotTell(Unseen::Isolated) => {
                "cannot tell: on a cross-origin isolated page a probe sees nothing"
            }
            Verdict::CannotTell(Unseen::NoRequest) => "cannot tell: this error carries no request",
        })
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Evidence::ErrorKind => "the error's kind says so",
            Evidence::Online(true) => "the browser had a network when the request failed",
            Evidence::Online(false) => "the browser had no network when the request failed",
            Evidence::Address => "the address says so",
            Evidence::Violation(directive) => {
                return write!(f, "the page reported a violation of {directive}");
            }
            Evidence::PermissionDenied => "the permission for the local network is not granted",
            Evidence::Isolated => "the page is cross-origin isolated",
            Evidence::Probe(probe, answered) => {
                let answer = if *answered { "was answered" } else { "failed" };
                return write!(f, "{probe} {answer}");
            }
        })
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Probe::Reach => "a probe without credentials that may not read the answer",
            Probe::Read => "a probe without credentials that must be allowed to read the answer",
            Probe::Headers => "a probe without credentials, with the request's header names",
            Probe::Home => "a probe to the page's own origin",
        })
    }
}
