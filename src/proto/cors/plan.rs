//! The plan: whether a request goes unasked, and every reason why not.

use std::fmt;

use super::deviation::Quirk;
use super::lines::SAFELISTED_RESPONSE_HEADERS;
use super::safelist::{self, LARGEST_TOTAL};
use crate::proto::headers::Headers;
use crate::proto::method::Method;
use crate::proto::mime::Mime;

/// What is known of a request before it is sent.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) headers: Headers,
    /// The type that the browser gives to the body, where the headers name none.
    pub(crate) body_type: Option<String>,
    /// Whether the body is a string, whose charset the browser puts right.
    pub(crate) text_body: bool,
    pub(crate) with_credentials: bool,
    /// Whether the events of the upload are asked for.
    pub(crate) upload_events: bool,
    /// Whether a time limit needs them.
    pub(crate) upload_limits: bool,
    /// Whether `fetch` sends it, which keeps repeated headers apart where an XMLHttpRequest joins them.
    pub(crate) by_fetch: bool,
}

/// A request on its way, as a diagnosis of its failure needs it. It may hold secrets, and is never printed.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) url: String,
    pub(crate) asked: Asked,
    /// When it was sent, by the wall clock, in milliseconds.
    pub(crate) since: f64,
    /// When it failed.
    pub(crate) failed: f64,
    /// Whether there was a network then, as far as the browser says.
    pub(crate) online: bool,
}

impl Default for Sent {
    fn default() -> Self {
        Sent::new(Method::GET, String::new())
    }
}

impl Sent {
    pub(crate) fn new(method: Method, url: String) -> Self {
        let asked = Asked {
            method,
            headers: Headers::new(),
            body_type: None,
            text_body: false,
            with_credentials: false,
            upload_events: false,
            upload_limits: false,
            by_fetch: false,
        };
        Sent { url, asked, since: 0.0, failed: 0.0, online: true }
    }
}

/// What a browser does with a request, by the [CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol), and
/// what the server must answer. Made by [`plan`](crate::cors::plan); `Display` explains it to a person.
///
/// ```
/// use pagewire::cors::plan_across;
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::post("/items").json(&[1]))?;
/// assert_eq!(plan.request_headers().as_deref(), Some("content-type"));
/// println!("{plan}");
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Clone)]
pub struct Plan {
    pub(super) asked: Asked,
    pub(super) origin: String,
    same_origin: bool,
    preflight: Option<Preflight>,
}

/// A preflight and why there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preflight {
    method: Method,
    pub(super) unsafe_names: Vec<String>,
    reasons: Vec<Reason>,
}

/// How a request goes out.
///
/// ```
/// use pagewire::cors::{Kind, plan_across};
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::post("/items").body("text"))?;
/// assert_eq!(plan.kind(), Kind::Simple);
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// To the page's own origin: CORS has no part in it.
    SameOrigin,
    /// To another origin at once. The server must only let the answer be read.
    Simple,
    /// To another origin after a [preflight](https://fetch.spec.whatwg.org/#cors-preflight-request), an `OPTIONS`
    /// request of the browser's own, that the server must answer first.
    Preflighted,
}

/// One reason for a preflight.
///
/// ```
/// use pagewire::cors::{Reason, plan_across};
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::put("/items/7").body("text").upload_events())?;
/// assert_eq!(plan.reasons(), [Reason::Method(http::Method::PUT), Reason::UploadEvents]);
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The method is not GET, HEAD or POST.
    Method(Method),
    /// A header breaks a rule; a header that breaks several is named once for each.
    Header {
        /// Its name, in lower case.
        name: String,
        /// The rule.
        rule: Rule,
    },
    /// The values of the safelisted headers have more than 1024 bytes together. (An XMLHttpRequest joins the values of a
    /// repeated header, so that five of 128 bytes are its most: only a `fetch` with repeated headers gets here.)
    TotalSize {
        /// What they have.
        bytes: usize,
    },
    /// Somebody listens to the events of the upload.
    UploadEvents,
    /// A first-byte or idle limit on a request with a body, which needs the events of the upload.
    UploadLimits,
}

/// The rule that a request header breaks.
///
/// ```
/// use pagewire::cors::{Reason, Rule, plan_across};
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::get("/").header("accept", "text/plain; q=\"1\""))?;
/// let rule = Rule::UnsafeByte(b'"');
/// assert_eq!(plan.reasons(), [Reason::Header { name: "accept".to_owned(), rule }]);
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Only `Accept`, `Accept-Language`, `Content-Language`, `Content-Type` and `Range` go without a preflight.
    NotSafelisted,
    /// The value has more than 128 bytes.
    TooLong {
        /// What it has.
        bytes: usize,
    },
    /// The value has a byte that the header may not have.
    UnsafeByte(u8),
    /// The content type is none of the three that an HTML form sends.
    ContentType,
    /// The range is not a single one with a start.
    Range,
}

impl Asked {
    /// What a page of `origin` has to expect of it, at its own origin or another's.
    pub(crate) fn plan(self, origin: &str, same_origin: bool) -> Plan {
        let mut plan = Plan { asked: self, origin: origin.to_owned(), same_origin, preflight: None };
        plan.preflight = plan.preflight_by(&[]);
        plan
    }

    /// The preflight that it takes across origins.
    fn preflight(&self, quirks: &[Quirk]) -> Option<Preflight> {
        let mut preflight =
            Preflight { method: self.method.clone(), unsafe_names: Vec::new(), reasons: Vec::new() };
        if !is_safelisted(&self.method) {
            preflight.reasons.push(Reason::Method(self.method.clone()));
        }
        preflight.judge(&self.sent_headers(quirks), quirks);
        preflight.reasons.extend(self.upload_events.then_some(Reason::UploadEvents));
        preflight.reasons.extend(self.upload_limits.then_some(Reason::UploadLimits));
        (!preflight.reasons.is_empty()).then_some(preflight)
    }

    /// Names in lower case and values, as the browser will send them.
    fn sent_headers(&self, quirks: &[Quirk]) -> Vec<(String, String)> {
        let joins = !self.by_fetch || quirks.contains(&Quirk::JoinsRepeated);
        let puts_right = self.text_body && !self.by_fetch && !quirks.contains(&Quirk::TypeAsWritten);
        let mut sent: Vec<(String, String)> = Vec::new();
        for (name, value) in self.headers.iter() {
            let name = name.to_ascii_lowercase();
            match sent.iter_mut().find(|(known, _)| *known == name) {
                // <https://fetch.spec.whatwg.org/#concept-header-list-combine>
                Some((_, joined)) if joins => {
                    joined.push_str(", ");
                    joined.push_str(value);
                }
                _ => sent.push((name, value.to_owned())),
            }
        }
        match sent.iter_mut().find(|(name, _)| name == "content-type") {
            Some((_, value)) if puts_right => put_charset_right(value),
            Some(_) => {}
            None => {
                sent.extend(self.body_type.iter().map(|value| ("content-type".to_owned(), value.clone())))
            }
        }
        sent
    }
}

/// "If contentTypeRecord's parameters["charset"] exists and is not an ASCII case-insensitive match for "UTF-8" [...]
/// set it": <https://xhr.spec.whatwg.org/#the-send()-method>
fn put_charset_right(value: &mut String) {
    if let Some(mut mime) = Mime::parse(value)
        && mime.replace("charset", "UTF-8")
    {
        *value = mime.to_string();
    }
}

impl Plan {
    /// How the request goes out.
    ///
    /// ```
    /// use pagewire::cors::{Kind, plan_across};
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::patch("/items/7"))?;
    /// assert_eq!(plan.kind(), Kind::Preflighted);
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.preflight {
            _ if self.same_origin => Kind::SameOrigin,
            None => Kind::Simple,
            Some(_) => Kind::Preflighted,
        }
    }

    /// Every reason for a preflight; none for a request that needs none.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::get("/").bearer_auth("token"))?;
    /// assert_eq!(plan.reasons()[0].to_string(), "the header authorization is not on the safelist");
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        self.preflight.as_ref().map_or(&[], |preflight| &preflight.reasons)
    }

    /// The value of the preflight's `Access-Control-Request-Method`, if there is a preflight.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::patch("/items/7"))?;
    /// assert_eq!(plan.request_method(), Some("PATCH"));
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn request_method(&self) -> Option<&str> {
        self.preflight.as_ref().map(|preflight| preflight.method.as_str())
    }

    /// The value of the preflight's `Access-Control-Request-Headers`: names in lower case, sorted, joined by commas.
    /// `None` where no header needs asking for.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::get("/").header("X-B", "1").header("X-A", "2"))?;
    /// assert_eq!(plan.request_headers().as_deref(), Some("x-a,x-b"));
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn request_headers(&self) -> Option<String> {
        self.preflight.clone().and_then(|preflight| preflight.lines().1)
    }

    pub(super) fn preflight_by(&self, quirks: &[Quirk]) -> Option<Preflight> {
        if self.same_origin { None } else { self.asked.preflight(quirks) }
    }

    pub(super) fn unsafe_names(&self) -> &[String] {
        self.preflight.as_ref().map_or(&[], |preflight| &preflight.unsafe_names)
    }
}

/// <https://fetch.spec.whatwg.org/#cors-safelisted-method>
pub(super) fn is_safelisted(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::POST].contains(method)
}

impl Preflight {
    /// The values of `Access-Control-Request-Method` and `Access-Control-Request-Headers`.
    pub(super) fn lines(self) -> (String, Option<String>) {
        let names = (!self.unsafe_names.is_empty()).then(|| self.unsafe_names.join(","));
        (self.method.as_str().to_owned(), names)
    }

    /// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>
    fn judge(&mut self, headers: &[(String, String)], quirks: &[Quirk]) {
        let mut safe_names = Vec::new();
        let mut bytes = 0;
        for (name, value) in headers {
            let rules = safelist::broken_rules(name, value, quirks);
            if rules.is_empty() {
                safe_names.push(name);
                bytes += safelist::length(value);
            } else {
                self.add_unsafe(name);
            }
            self.reasons.extend(rules.into_iter().map(|rule| Reason::Header { name: name.clone(), rule }));
        }
        if bytes > LARGEST_TOTAL && !quirks.contains(&Quirk::NoTotal) {
            safe_names.iter().for_each(|name| self.add_unsafe(name));
            self.reasons.push(Reason::TotalSize { bytes });
        }
    }

    /// Keeps the names sorted, each once. By hand, because a sort for any list is far more code.
    fn add_unsafe(&mut self, name: &str) {
        let place = self.unsafe_names.partition_point(|known| known.as_str() < name);
        if self.unsafe_names.get(place).is_none_or(|known| known != name) {
            self.unsafe_names.insert(place, name.to_owned());
        }
    }
}

impl Reason {
    /// Where the rule stands.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::put("/"))?;
    /// assert_eq!(plan.reasons()[0].link(), "https://fetch.spec.whatwg.org/#cors-safelisted-method");
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn link(&self) -> &'static str {
        match self {
            Reason::Method(_) => "https://fetch.spec.whatwg.org/#cors-safelisted-method",
            Reason::Header { name, rule: Rule::UnsafeByte(_) } if !name.ends_with("language") => {
                "https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte"
            }
            Reason::Header { rule: Rule::Range, .. } => {
                "https://fetch.spec.whatwg.org/#simple-range-header-value"
            }
            Reason::Header { .. } => "https://fetch.spec.whatwg.org/#cors-safelisted-request-header",
            Reason::TotalSize { .. } => "https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names",
            Reason::UploadEvents | Reason::UploadLimits => {
                "https://xhr.spec.whatwg.org/#upload-listener-flag"
            }
        }
    }

    /// What would take this reason away.
    ///
    /// ```
    /// use pagewire::cors::plan_across;
    /// use pagewire::http;
    ///
    /// let plan = plan_across("https://app.example", &http::put("/"))?;
    /// assert_eq!(plan.reasons()[0].remedy(), "use GET, HEAD or POST");
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Reason::Method(_) => "use GET, HEAD or POST",
            Reason::Header { name, rule } => match rule {
                Rule::NotSafelisted if name == "authorization" => {
                    "leave it out, or send the token in the body of a POST"
                }
                Rule::NotSafelisted => "leave it out, or send its value in the query or the body",
                Rule::TooLong { .. } => "shorten the value to 128 bytes",
                Rule::UnsafeByte(_) => "leave the byte out, or encode the value",
                Rule::ContentType => {
                    "use text/plain, application/x-www-form-urlencoded or multipart/form-data, where the server reads it"
                }
                Rule::Range => "ask for one range with a start, such as bytes=0-499",
            },
            Reason::TotalSize { .. } => "send fewer or shorter headers",
            Reason::UploadEvents => "do without the upload's events",
            Reason::UploadLimits => "use a total time limit in place of the first-byte and idle ones",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Method(method) => write!(f, "the method {} is not GET, HEAD or POST", method.as_str()),
            Reason::Header { name, rule } => write!(f, "the header {name} {rule}"),
            Reason::TotalSize { bytes } => {
                write!(f, "the safelisted headers have {bytes} bytes together, over 1024")
            }
            Reason::UploadEvents => f.write_str("the upload's events are asked for"),
            Reason::UploadLimits => f.write_str("a first-byte or idle limit watches the upload"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::NotSafelisted => f.write_str("is not on the safelist"),
            Rule::TooLong { bytes } => write!(f, "has a value of {bytes} bytes, over 128"),
            Rule::UnsafeByte(byte) => match char::from(*byte) {
                shown @ ' '..='~' => write!(f, "has the unsafe character {shown}"),
                _ => write!(f, "has the unsafe byte 0x{byte:02X}"),
            },
            Rule::ContentType => f.write_str("names a type that no HTML form sends"),
            Rule::Range => f.write_str("is not one range with a start"),
        }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the headers, whose values can be secrets.
        f.debug_struct("Plan")
            .field("kind", &self.kind())
            .field("reasons", &self.reasons())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::SameOrigin => return f.write_str("same origin: CORS has no part in it"),
            Kind::Simple => f.write_str("another origin, simple: sent at once, without a preflight")?,
            Kind::Preflighted => f.write_str("another origin, preflighted:")?,
        }
        for reason in self.reasons() {
            write!(f, "\n- {reason}; to avoid it: {}", reason.remedy())?;
        }
        let with_credentials = self.asked.with_credentials;
        if self.kind() == Kind::Preflighted {
            f.write_str("\nto OPTIONS the server must answer with a status from 200 to 299 and")?;
            for line in self.preflight_answer(with_credentials) {
                write!(f, "\n  {line}")?;
            }
        }
        write!(f, "\nto {} the server must answer with any status and", self.asked.method.as_str())?;
        for line in self.answer(with_credentials) {
            write!(f, "\n  {line}")?;
        }
        write!(f, "\nof its headers the page reads {}", SAFELISTED_RESPONSE_HEADERS.join(", "))?;
        f.write_str("; others the server must name in Access-Control-Expose-Headers")?;
        for known in self.deviations() {
            write!(f, "\nbut {:?} {}", known.engine, known.what)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
