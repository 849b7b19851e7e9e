//! The lines that a server must answer with, ready to be copied.

use std::fmt;

use super::plan::is_safelisted;
use super::{Kind, Plan};

/// One line of a server's answer. `Display` gives it as it is written: `Name: value`.
///
/// ```
/// use pagewire::cors::plan_across;
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::get("/"))?;
/// let line = &plan.answer(false)[0];
/// assert_eq!((line.name, line.or_star), ("Access-Control-Allow-Origin", true));
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The header's name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Whether the request passes without it: it saves a preflight, or keeps caches right.
    pub optional: bool,
    /// Whether `*` does as well as this value. With credentials it never does: there it is
    /// [a name like any other](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials).
    pub or_star: bool,
}

/// Whether a page of another origin can read a response header.
///
/// ```
/// use pagewire::cors::{Readable, readable};
///
/// let hidden = ["etag", "date", "content-type"].iter().filter(|name| readable(name) != Readable::Always);
/// assert_eq!(hidden.count(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Readable {
    /// Without the server's doing.
    Always,
    /// If the server names it in `Access-Control-Expose-Headers`.
    WhenExposed,
    /// Never, at its own origin either.
    Never,
}

/// The response headers that a page of another origin reads without the server's doing:
/// [safelisted response-header names](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
///
/// ```
/// assert!(pagewire::cors::SAFELISTED_RESPONSE_HEADERS.contains(&"content-type"));
/// ```
pub const SAFELISTED_RESPONSE_HEADERS: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

/// Whether a page of another origin can read the response header `name`:
/// [safelisted response-header names](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
///
/// ```
/// use pagewire::cors::{Readable, readable};
///
/// assert_eq!(readable("Content-Type"), Readable::Always);
/// assert_eq!(readable("ETag"), Readable::WhenExposed);
/// assert_eq!(readable("Set-Cookie"), Readable::Never);
/// ```
#[must_use]
pub fn readable(name: &str) -> Readable {
    // <https://fetch.spec.whatwg.org/#forbidden-response-header-name>
    const FORBIDDEN: [&str; 2] = ["set-cookie", "set-cookie2"];
    let is_in = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    match () {
        () if is_in(&SAFELISTED_RESPONSE_HEADERS) => Readable::Always,
        () if is_in(&FORBIDDEN) => Readable::Never,
        () => Readable::WhenExposed,
    }
}

impl Plan {
    /// What the server must answer to the preflight, with a status from 200 to 299; nothing where there is none.
    /// The optional `Access-Control-Max-Age`, in seconds, saves the next one.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::delete("/items/7"))?;
    /// let lines: Vec<String> = plan.preflight_answer(false).iter().map(ToString::to_string).collect();
    /// assert_eq!(lines[1], "Access-Control-Allow-Methods: DELETE");
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn preflight_answer(&self, with_credentials: bool) -> Vec<Line> {
        if self.kind() != Kind::Preflighted {
            return Vec::new();
        }
        let mut lines = self.who(with_credentials);
        if !is_safelisted(&self.asked.method) {
            lines.push(Line {
                name: "Access-Control-Allow-Methods",
                value: self.asked.method.as_str().to_owned(),
                optional: false,
                or_star: !with_credentials,
            });
        }
        if !self.unsafe_names().is_empty() {
            // "`Authorization`" is a "CORS non-wildcard request-header name": it must be named.
            let is_named = self.unsafe_names().iter().any(|name| name == "authorization");
            lines.push(Line {
                name: "Access-Control-Allow-Headers",
                value: self.unsafe_names().join(", "),
                optional: false,
                or_star: !with_credentials && !is_named,
            });
        }
        lines.push(Line {
            name: "Access-Control-Max-Age",
            value: "600".to_owned(),
            optional: true,
            or_star: false,
        });
        lines
    }

    /// What the server must answer to the request itself, with any status; nothing within one origin.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::get("/me"))?;
    /// let lines: Vec<String> = plan.answer(true).iter().map(ToString::to_string).collect();
    /// assert_eq!(lines[1], "Access-Control-Allow-Credentials: true");
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn answer(&self, with_credentials: bool) -> Vec<Line> {
        if self.kind() == Kind::SameOrigin {
            return Vec::new();
        }
        let mut lines = self.who(with_credentials);
        // Else a cache may hand the answer for one origin to another's page.
        lines.push(Line { name: "Vary", value: "Origin".to_owned(), optional: true, or_star: false });
        lines
    }

    /// The line by which the server lets these response headers be read; `None` if they can be read without.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::get("/items"))?;
    /// let line = plan.expose(&["etag", "content-type"], false).expect("one is hidden");
    /// assert_eq!(line.to_string(), "Access-Control-Expose-Headers: etag");
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn expose(&self, names: &[&str], with_credentials: bool) -> Option<Line> {
        let hidden = |name: &&str| readable(name) == Readable::WhenExposed;
        let names: Vec<&str> = names.iter().copied().filter(hidden).collect();
        (self.kind() != Kind::SameOrigin && !names.is_empty()).then(|| Line {
            name: "Access-Control-Expose-Headers",
            value: names.join(", "),
            optional: false,
            or_star: !with_credentials,
        })
    }

    fn who(&self, with_credentials: bool) -> Vec<Line> {
        let origin = Line {
            name: "Access-Control-Allow-Origin",
            value: self.origin.clone(),
            optional: false,
            or_star: !with_credentials,
        };
        let credentials = Line {
            name: "Access-Control-Allow-Credentials",
            value: "true".to_owned(),
            optional: false,
            or_star: false,
        };
        if with_credentials { vec![origin, credentials] } else { vec![origin] }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.value)
    }
}
