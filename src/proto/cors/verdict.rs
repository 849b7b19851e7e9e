//! What a diagnosis says: a verdict, how sure it is, what it rests on, and what would help.

use std::fmt;

use super::Line;
use crate::error::{AbortedBy, ErrorKind, Phase};

/// Why a request failed, as far as can be found out. Made by [`Error::diagnose`](crate::Error::diagnose); `Display` is a
/// few lines that a person can act on.
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// let diagnosis = error.diagnose().probe().await;
/// println!("{diagnosis}");
/// for line in &diagnosis.needed_answer {
///     println!("the server must answer: {line}");
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What most likely happened.
    pub verdict: Verdict,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it rests on, the probes that were sent among it.
    pub evidence: Vec<Evidence>,
    /// What the server must answer to the preflight, where CORS blocks the request and it has one. Some of these lines it
    /// may send already.
    pub needed_preflight: Vec<Line>,
    /// What the server must answer to the request itself, where CORS blocks it.
    pub needed_answer: Vec<Line>,
}

/// What happened to a request.
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// use pagewire::cors::Verdict;
///
/// let diagnosis = error.diagnose().probe().await;
/// match diagnosis.verdict {
///     Verdict::Offline => println!("waiting for the network"),
///     Verdict::BlockedByCors(part) => println!("the server is in the way: {part:?}"),
///     other => println!("{other}"),
/// }
/// # }
/// ```
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
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// use pagewire::cors::{Blocked, Verdict};
///
/// let diagnosis = error.diagnose().probe().await;
/// if diagnosis.verdict == Verdict::BlockedByCors(Blocked::Credentials) {
///     println!("send it without cookies");
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Blocked {
    /// `Access-Control-Allow-Origin` is missing, or names another origin.
    Origin,
    /// The page's own server redirects to another origin, which does not let this page read.
    Redirect,
    /// The preflight is refused: for the headers of the request, or whatever it asks for.
    Preflight,
    /// The preflight does not allow the method, or the answer to it comes without CORS lines.
    Method,
    /// Without credentials it would pass; or it broke off.
    Credentials,
    /// The answer to this one request came without CORS lines, as an error page often does; or it broke off.
    Answer,
}

/// Why there is no verdict.
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// use pagewire::cors::{Unseen, Verdict};
///
/// let diagnosis = error.diagnose().probe().await;
/// if diagnosis.verdict == Verdict::CannotTell(Unseen::Isolated) {
///     println!("see the console");
/// }
/// # }
/// ```
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
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// use pagewire::cors::Confidence;
///
/// let diagnosis = error.diagnose().probe().await;
/// if diagnosis.confidence >= Confidence::Likely {
///     println!("{}", diagnosis.verdict);
/// }
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Other causes look the same.
    Low,
    /// What this most often is; other causes are possible.
    Likely,
    /// Nothing else explains what was seen.
    High,
}

/// One thing that was seen.
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// let diagnosis = error.diagnose().probe().await;
/// for seen in &diagnosis.evidence {
///     println!("- {seen}");
/// }
/// # }
/// ```
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
    /// The permission for the local network is not given to the page.
    LocalNetworkNotAllowed,
    /// The page is cross-origin isolated.
    Isolated,
    /// A probe was sent; whether it got an answer.
    Probe(Probe, bool),
}

/// A request that a diagnosis sends to see more. None carries credentials, a body, or values of the request's headers.
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// use pagewire::cors::{Evidence, Probe};
///
/// let diagnosis = error.diagnose().probe().await;
/// let reached = diagnosis.evidence.contains(&Evidence::Probe(Probe::Reach, true));
/// println!("somebody answers there: {reached}");
/// # }
/// ```
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
    /// For the page's own headers: does its policy turn `http` into `https`? "Answered" is yes.
    Upgrade,
}

impl Verdict {
    /// A stable word for the verdict: what the ES module shows as `diagnosis.verdict`.
    ///
    /// ```
    /// use pagewire::cors::Verdict;
    ///
    /// assert_eq!(Verdict::MixedContent.as_str(), "mixed-content");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Offline => "offline",
            Verdict::Unreachable => "unreachable",
            Verdict::Interrupted => "interrupted",
            Verdict::BlockedByCors(_) => "blocked-by-cors",
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
    ///
    /// ```
    /// use pagewire::cors::Verdict;
    ///
    /// assert_eq!(Verdict::MixedContent.advice(), "ask for https");
    /// ```
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Verdict::Offline => "wait for the `online` event, then send again",
            Verdict::Unreachable => {
                "check the host name, the port, the certificate, and the extensions that block requests; a server that \
                forbids other sites to load its answers (Cross-Origin-Resource-Policy) and has no CORS looks the same"
            }
            Verdict::Interrupted => {
                "send again if that is safe; if it stays so, look in the server's log for this request, and for answers \
                cached for another origin (they need the line Vary: Origin)"
            }
            Verdict::BlockedByCors(blocked) => blocked.advice(),
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
    /// A stable word: what the ES module shows as `diagnosis.detail`.
    ///
    /// ```
    /// assert_eq!(pagewire::cors::Blocked::Origin.as_str(), "origin");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Blocked::Origin => "origin",
            Blocked::Redirect => "redirect",
            Blocked::Preflight => "preflight",
            Blocked::Method => "method",
            Blocked::Credentials => "credentials",
            Blocked::Answer => "answer",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Blocked::Origin => "let the server name this page's origin in its answers",
            Blocked::Redirect => "ask for the address it redirects to, or let that server allow this origin",
            Blocked::Preflight => {
                "let the server answer OPTIONS with a status from 200 to 299, and allow the request's headers"
            }
            Blocked::Method => {
                "let the server answer OPTIONS with a status from 200 to 299, allow the method, and send its CORS lines \
                with every answer, error pages too"
            }
            Blocked::Credentials => {
                "let the server allow credentials and name the origin, not *; or send the request without credentials"
            }
            Blocked::Answer => "let the server send its CORS lines with every answer, error pages too",
        }
    }
}

impl Unseen {
    /// A stable word: what the ES module shows as `diagnosis.detail`.
    ///
    /// ```
    /// assert_eq!(pagewire::cors::Unseen::NotProbed.as_str(), "not-probed");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Unseen::NotProbed => "not-probed",
            Unseen::Isolated => "isolated",
            Unseen::NoRequest => "no-request",
        }
    }
}

impl Confidence {
    /// A stable word: `high`, `likely` or `low`.
    ///
    /// ```
    /// use pagewire::cors::Confidence;
    ///
    /// assert_eq!(Confidence::High.as_str(), "high");
    /// ```
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
        for (to, lines) in [("OPTIONS", &self.needed_preflight), ("the request", &self.needed_answer)] {
            if !lines.is_empty() {
                write!(f, "\nthe answer to {to} needs")?;
            }
            for line in lines {
                write!(f, "\n  {line}")?;
            }
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
                Blocked::Origin => "blocked by CORS: the server does not let this page's origin read its answers",
                Blocked::Redirect => {
                    "blocked by CORS: redirected to another origin, which does not let this page read"
                }
                Blocked::Preflight => "blocked by CORS: the preflight is refused, or does not allow the headers",
                Blocked::Method => {
                    "blocked by CORS: the preflight does not allow the method, or its answer has no CORS lines"
                }
                Blocked::Credentials => {
                    "blocked by CORS: the server does not accept the request's credentials; or it broke off"
                }
                Blocked::Answer => {
                    "blocked by CORS: the server lets others of its answers be read, but not this one; or it broke off"
                }
            },
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
            Evidence::Online(true) => "the browser did not say that it was offline",
            Evidence::Online(false) => "the browser said that it was offline",
            Evidence::Address => "the address says so",
            Evidence::Violation(directive) => {
                return write!(f, "the page reported a violation of {directive}");
            }
            Evidence::LocalNetworkNotAllowed => "the permission for the local network is not given",
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
            Probe::Upgrade => "a look for upgrade-insecure-requests in the page's own policy",
        })
    }
}
