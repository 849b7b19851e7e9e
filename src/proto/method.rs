//! Request methods, checked and normalised as the Fetch Standard does.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::proto::headers::is_token;

/// A request method: one of the constants, or any other token a server understands.
///
/// Methods are case-sensitive. As the [Fetch Standard](https://fetch.spec.whatwg.org/#concept-method-normalize) has it,
/// exactly `DELETE`, `GET`, `HEAD`, `OPTIONS`, `POST` and `PUT` are put in upper case; `patch` stays `patch`, which
/// most servers refuse, so use [`Method::PATCH`].
///
/// ```
/// use pagewire::http::Method;
///
/// assert_eq!(Method::new("get")?, Method::GET);
/// assert_ne!(Method::new("patch")?, Method::PATCH);
/// assert_eq!(Method::new("PROPFIND")?.as_str(), "PROPFIND");
/// assert!(Method::new("TRACE").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Method(Cow<'static, str>);

impl Method {
    /// Deletes the resource.
    pub const DELETE: Method = Method(Cow::Borrowed("DELETE"));
    /// Reads the resource.
    pub const GET: Method = Method(Cow::Borrowed("GET"));
    /// Reads the resource's headers alone.
    pub const HEAD: Method = Method(Cow::Borrowed("HEAD"));
    /// Asks what may be done with the resource.
    pub const OPTIONS: Method = Method(Cow::Borrowed("OPTIONS"));
    /// Changes the resource in part.
    pub const PATCH: Method = Method(Cow::Borrowed("PATCH"));
    /// Hands data to the resource.
    pub const POST: Method = Method(Cow::Borrowed("POST"));
    /// Replaces the resource.
    pub const PUT: Method = Method(Cow::Borrowed("PUT"));

    /// Checks and normalises a method.
    ///
    /// ```
    /// use pagewire::http::{InvalidMethod, Method};
    ///
    /// assert_eq!(Method::new("delete"), Ok(Method::DELETE));
    /// assert_eq!(Method::new("a b"), Err(InvalidMethod::Token("a b".to_owned())));
    /// ```
    ///
    /// # Errors
    /// [`InvalidMethod`] where `method` is not a token, or is one that no browser sends.
    pub fn new(method: &str) -> Result<Method, InvalidMethod> {
        if !is_token(method) {
            return Err(InvalidMethod::Token(method.to_owned()));
        }
        if is_forbidden(method) {
            return Err(InvalidMethod::Forbidden(method.to_owned()));
        }
        let known = NORMALIZED.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(method));
        Ok(known.unwrap_or_else(|| Method(Cow::Owned(method.to_owned()))))
    }

    /// The method as it is sent.
    ///
    /// ```
    /// use pagewire::http::Method;
    ///
    /// assert_eq!(Method::PATCH.as_str(), "PATCH");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the method only reads ([RFC 9110, 9.2.1](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1)):
    /// `GET`, `HEAD` and `OPTIONS`. A custom method counts as unsafe.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::put("/items/1");
    /// assert!(!request.method().is_safe());
    /// ```
    #[must_use]
    pub fn is_safe(&self) -> bool {
        [Method::GET, Method::HEAD, Method::OPTIONS].contains(self)
    }

    /// Whether sending twice does what sending once does
    /// ([RFC 9110, 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)): the safe methods, `PUT` and
    /// `DELETE`. A custom method counts as not idempotent.
    ///
    /// ```
    /// use pagewire::http::Method;
    ///
    /// assert!(Method::PUT.is_idempotent());
    /// assert!(!Method::POST.is_idempotent());
    /// ```
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.is_safe() || [Method::PUT, Method::DELETE].contains(self)
    }
}

/// Why a text is no [`Method`].
///
/// ```
/// use pagewire::http::{InvalidMethod, Method};
///
/// assert!(matches!(Method::new("CONNECT"), Err(InvalidMethod::Forbidden(_))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidMethod {
    /// Not a token: empty, or with a character that no method may have.
    Token(String),
    /// `CONNECT`, `TRACE` or `TRACK`: a [forbidden method](https://fetch.spec.whatwg.org/#forbidden-method).
    Forbidden(String),
}

impl fmt::Display for InvalidMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, reason) = match self {
            InvalidMethod::Token(method) => {
                (method, "is not a token: use letters, digits and !#$%&'*+-.^_`|~")
            }
            InvalidMethod::Forbidden(method) => (method, "is never sent by a browser: use another method"),
        };
        write!(f, "method \"{}\" {reason}", method.escape_default())
    }
}

impl std::error::Error for InvalidMethod {}

impl FromStr for Method {
    type Err = InvalidMethod;

    fn from_str(method: &str) -> Result<Method, InvalidMethod> {
        Method::new(method)
    }
}

impl TryFrom<&str> for Method {
    type Error = InvalidMethod;

    fn try_from(method: &str) -> Result<Method, InvalidMethod> {
        Method::new(method)
    }
}

impl AsRef<str> for Method {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// "byte-case-insensitive match for `DELETE`, `GET`, `HEAD`, `OPTIONS`, `POST`, or `PUT`": `PATCH` is not among them.
const NORMALIZED: [Method; 6] =
    [Method::DELETE, Method::GET, Method::HEAD, Method::OPTIONS, Method::POST, Method::PUT];

/// <https://fetch.spec.whatwg.org/#forbidden-method>
pub(crate) fn is_forbidden(method: &str) -> bool {
    ["CONNECT", "TRACE", "TRACK"].iter().any(|forbidden| forbidden.eq_ignore_ascii_case(method))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_names_are_put_in_upper_case_and_no_other() {
        for (given, sent) in [
            ("get", "GET"),
            ("Head", "HEAD"),
            ("pOST", "POST"),
            ("put", "PUT"),
            ("delete", "DELETE"),
            ("options", "OPTIONS"),
            ("patch", "patch"),
            ("PATCH", "PATCH"),
            ("chicken", "chicken"),
        ] {
            assert_eq!(Method::new(given).map(|m| m.to_string()), Ok(sent.to_owned()));
        }
    }

    #[test]
    fn forbidden_methods_are_refused_in_any_case() {
        for method in ["CONNECT", "TRACE", "TRACK", "trace", "Connect"] {
            assert_eq!(Method::new(method), Err(InvalidMethod::Forbidden(method.to_owned())));
        }
    }

    #[test]
    fn a_method_is_a_token() {
        for method in ["", " GET", "GET ", "G T", "GET\r\n", "GÉT", "a/b", "a:b", "\0"] {
            assert_eq!(Method::new(method), Err(InvalidMethod::Token(method.to_owned())));
        }
        assert!(Method::new("!#$%&'*+-.^_`|~09azAZ").is_ok());
    }

    #[test]
    fn only_reading_methods_are_safe_and_only_repeatable_ones_idempotent() {
        let all = [
            (Method::GET, true, true),
            (Method::HEAD, true, true),
            (Method::OPTIONS, true, true),
            (Method::PUT, false, true),
            (Method::DELETE, false, true),
            (Method::POST, false, false),
            (Method::PATCH, false, false),
        ];
        for (method, safe, idempotent) in all {
            assert_eq!((method.is_safe(), method.is_idempotent()), (safe, idempotent), "{method}");
        }
        assert!(Method::new("PURGE").is_ok_and(|purge| !purge.is_safe() && !purge.is_idempotent()));
    }

    #[test]
    fn an_invalid_method_is_shown_on_one_line() {
        let error = InvalidMethod::Token("A\nB".to_owned());
        assert!(error.to_string().starts_with("method \"A\\nB\" is not a token"));
    }
}
