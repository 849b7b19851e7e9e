//! Header lists: a small case-insensitive multimap that keeps the Fetch Standard's rules for what a page may send.

use std::fmt;

use crate::proto::method;

/// A list of headers, in order, with repeated names kept. Names are compared without regard to case.
///
/// [`set`](Headers::set) and [`append`](Headers::append) keep the rules for headers that a page sends, so what they
/// accept the browser sends, and what it would drop in silence is an error. Received headers come from
/// [`parse_all`](Headers::parse_all).
///
/// ```
/// use pagewire::http::Headers;
///
/// let mut headers = Headers::new();
/// headers.set("Accept", "text/html")?;
/// headers.append("accept", "text/plain")?;
/// assert_eq!(headers.get("ACCEPT"), Some("text/html"));
/// assert_eq!(headers.get_all("accept").count(), 2);
/// assert!(headers.set("Host", "example.org").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` hides the values of headers that usually hold secrets, such as `Authorization`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    entries: Vec<(String, String)>,
}

impl Headers {
    /// An empty list.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// assert!(Headers::new().is_empty());
    /// ```
    #[must_use]
    pub const fn new() -> Headers {
        Headers { entries: Vec::new() }
    }

    /// Reads lines of `name: value`, as
    /// [`getAllResponseHeaders`](https://xhr.spec.whatwg.org/#the-getallresponseheaders()-method) returns them.
    ///
    /// Anything a server may send is accepted, `Set-Cookie` and `Date` too; a line without a name is skipped.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// let headers = Headers::parse_all("content-type: text/html\r\nlink: <a>\r\nlink: <b>\r\n");
    /// assert_eq!(headers.get("Content-Type"), Some("text/html"));
    /// assert_eq!(headers.get_all("Link").collect::<Vec<_>>(), ["<a>", "<b>"]);
    /// ```
    #[must_use]
    pub fn parse_all(lines: &str) -> Headers {
        let mut headers = Headers::new();
        for line in lines.split('\n') {
            if let Some((name, value)) = line.split_once(':')
                && !trim(name).is_empty()
            {
                headers.push(trim(name), trim(value));
            }
        }
        headers
    }

    /// The first value of `name`.
    ///
    /// XMLHttpRequest joins the values of a repeated response header with `", "`, so the first may be all of them.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// let headers = Headers::parse_all("ETag: \"v1\"\r\n");
    /// assert_eq!(headers.get("etag"), Some("\"v1\""));
    /// assert_eq!(headers.get("expires"), None);
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// Every value of `name`, in order.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// let headers = Headers::parse_all("vary: origin\r\nvary: accept\r\n");
    /// assert_eq!(headers.get_all("vary").collect::<Vec<_>>(), ["origin", "accept"]);
    /// ```
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether `name` is there.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// assert!(Headers::parse_all("Retry-After: 120").contains("retry-after"));
    /// ```
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Every name with its value, in order. A name comes once for each of its values.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// let headers = Headers::parse_all("etag: \"v1\"\r\nage: 30\r\n");
    /// let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
    /// assert_eq!(lines, ["etag=\"v1\"", "age=30"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The number of values.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// assert_eq!(Headers::parse_all("link: <a>\r\nlink: <b>\r\n").len(), 2);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing in the list.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// assert!(http::get("/").headers().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Makes `value`, without the blanks around it, the only value of `name`.
    ///
    /// ```
    /// use pagewire::http::{Headers, InvalidHeader};
    ///
    /// let mut headers = Headers::parse_all("accept: text/html");
    /// headers.set("Accept", "application/json")?;
    /// assert_eq!(headers.get_all("accept").collect::<Vec<_>>(), ["application/json"]);
    /// assert_eq!(headers.set("Cookie", "a=b"), Err(InvalidHeader::Forbidden("Cookie".to_owned())));
    /// # Ok::<(), InvalidHeader>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidHeader`], with the list unchanged.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        let value = check(name, value)?;
        self.remove(name);
        self.push(name, value);
        Ok(())
    }

    /// Adds `value`, without the blanks around it, to the values of `name`.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// let mut headers = Headers::new();
    /// headers.append("x-tag", "red")?;
    /// headers.append("x-tag", "round")?;
    /// assert_eq!(headers.get_all("X-Tag").count(), 2);
    /// # Ok::<(), pagewire::http::InvalidHeader>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidHeader`], with the list unchanged.
    pub fn append(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        let value = check(name, value)?;
        self.push(name, value);
        Ok(())
    }

    /// Takes every value of `name` out.
    ///
    /// ```
    /// use pagewire::http::Headers;
    ///
    /// let mut headers = Headers::parse_all("etag: \"v1\"\r\nage: 30\r\n");
    /// headers.remove("ETag");
    /// assert_eq!(headers.len(), 1);
    /// ```
    pub fn remove(&mut self, name: &str) {
        self.entries.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// Adds what is known to be a header, or came from a server.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.entries.push((name.to_owned(), value.to_owned()));
    }
}

/// Why a header may not be set. Each carries the header's name and never its value, which may be a secret.
///
/// ```
/// use pagewire::http::{Headers, InvalidHeader};
///
/// let refused = Headers::new().set("x-note", "two\nlines");
/// assert_eq!(refused, Err(InvalidHeader::Value("x-note".to_owned())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is not a [token](https://fetch.spec.whatwg.org/#header-name).
    Name(String),
    /// The value holds NUL, CR, LF or a character above U+00FF ([header value](https://fetch.spec.whatwg.org/#header-value)).
    Value(String),
    /// The header belongs to the browser ([forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)).
    Forbidden(String),
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, reason) = match self {
            InvalidHeader::Name(name) => {
                (name, "has a name that is not a token: use letters, digits and !#$%&'*+-.^_`|~")
            }
            InvalidHeader::Value(name) => {
                (name, "has a value with NUL, a line break or a character above U+00FF: encode it")
            }
            InvalidHeader::Forbidden(name) => (name, "is set by the browser alone: leave it out"),
        };
        write!(f, "header \"{}\" {reason}", name.escape_default())
    }
}

impl std::error::Error for InvalidHeader {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value)| (name, if is_sensitive(name) { "(hidden)" } else { value });
        f.debug_map().entries(self.iter().map(shown)).finish()
    }
}

/// `1*tchar` of [RFC 9110, 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2): header names and methods.
pub(crate) fn is_token(text: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_tchar)
}

/// The value as it would be sent.
fn check<'a>(name: &str, value: &'a str) -> Result<&'a str, InvalidHeader> {
    let value = trim(value);
    if !is_token(name) {
        Err(InvalidHeader::Name(name.to_owned()))
    } else if value.contains(|c| matches!(c, '\0' | '\r' | '\n' | '\u{100}'..)) {
        Err(InvalidHeader::Value(name.to_owned()))
    } else if is_forbidden(name, value) {
        Err(InvalidHeader::Forbidden(name.to_owned()))
    } else {
        Ok(value)
    }
}

/// <https://fetch.spec.whatwg.org/#forbidden-request-header>
fn is_forbidden(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "accept-charset"
        | "accept-encoding"
        | "access-control-request-headers"
        | "access-control-request-method" => true,
        // Not in the standard, yet dropped by Chromium without a word.
        "access-control-request-private-network" => true,
        "connection" | "content-length" | "cookie" | "cookie2" | "date" | "dnt" | "expect" | "host"
        | "keep-alive" => true,
        "origin" | "referer" | "set-cookie" | "te" | "trailer" | "transfer-encoding" | "upgrade" | "via" => {
            true
        }
        "x-http-method" | "x-http-method-override" | "x-method-override" => {
            value.split(',').any(|part| method::is_forbidden(trim(part)))
        }
        _ => name.starts_with("proxy-") || name.starts_with("sec-"),
    }
}

fn is_sensitive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["auth", "cookie", "csrf", "key", "secret", "token", "xsrf"].iter().any(|part| name.contains(part))
}

/// Without [HTTP whitespace](https://fetch.spec.whatwg.org/#http-whitespace) around it.
fn trim(text: &str) -> &str {
    let is_text = |byte: u8| !matches!(byte, b'\t' | b'\n' | b'\r' | b' ');
    let end = text.bytes().rposition(is_text).map_or(0, |last| last + 1);
    let begin = text.bytes().position(is_text).unwrap_or(end);
    text.get(begin..end).unwrap_or_default()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_refused(name: &str, value: &str, error: fn(String) -> InvalidHeader) {
        let mut headers = Headers::parse_all("accept: kept");
        let before = headers.clone();
        assert_eq!(headers.append(name, value), Err(error(name.to_owned())));
        assert_eq!(headers.set(name, value), Err(error(name.to_owned())));
        assert_eq!(headers, before);
    }

    #[track_caller]
    fn check_sent(name: &str, value: &str, sent: &str) {
        let mut headers = Headers::new();
        assert_eq!(headers.append(name, value), Ok(()));
        assert_eq!(headers.iter().collect::<Vec<_>>(), [(name, sent)]);
    }

    #[test]
    fn names_are_compared_without_case_and_sent_as_given() {
        let mut headers = Headers::new();
        assert_eq!(headers.append("X-One", "1"), Ok(()));
        assert_eq!(headers.append("x-one", "2"), Ok(()));
        assert_eq!(headers.append("X-Two", "3"), Ok(()));
        assert_eq!(headers.get("X-ONE"), Some("1"));
        assert_eq!(headers.get_all("x-ONE").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("X-One", "1"), ("x-one", "2"), ("X-Two", "3")]);
        assert_eq!((headers.len(), headers.is_empty()), (3, false));
        assert!(headers.contains("x-two") && !headers.contains("x-three"));
    }

    #[test]
    fn set_leaves_one_value_and_remove_none() {
        let mut headers = Headers::parse_all("a: 1\r\nb: 2\r\nA: 3\r\n");
        assert_eq!(headers.set("a", "4"), Ok(()));
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("b", "2"), ("a", "4")]);
        headers.remove("B");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("a", "4")]);
    }

    #[test]
    fn a_name_is_a_token() {
        for name in ["", " ", "a b", "a:b", "a\r\nb", "é", "a(b)", "\"a\"", "a\0"] {
            check_refused(name, "1", InvalidHeader::Name);
        }
    }

    #[test]
    fn a_value_is_latin_1_without_nul_and_line_breaks() {
        for value in ["a\0", "a\rb", "a\nb", "a\r\nX-Forged: 1", "Ā", "漢字", "😀"] {
            check_refused("X-Test", value, InvalidHeader::Value);
        }
        check_sent("X-Test", "caf\u{e9} \u{ff}\u{7f}\u{1}", "caf\u{e9} \u{ff}\u{7f}\u{1}");
    }

    #[test]
    fn blanks_around_a_value_are_dropped_and_the_empty_value_is_one() {
        check_sent("X-Test", "\t a\tb \r\n", "a\tb");
        check_sent("X-Test", "", "");
        check_sent("X-Test", " \u{a0} ", "\u{a0}");
    }

    #[test]
    fn what_belongs_to_the_browser_is_refused_in_any_case() {
        let forbidden = "Accept-Charset Accept-Encoding Access-Control-Request-Headers Access-Control-Request-Method \
            Access-Control-Request-Private-Network Connection Content-Length Cookie Cookie2 Date DNT Expect Host \
            Keep-Alive Origin Referer Set-Cookie TE Trailer Transfer-Encoding Upgrade Via \
            Proxy- Proxy-Authorization Sec- Sec-Fetch-Mode hOsT";
        for name in forbidden.split_ascii_whitespace() {
            check_refused(name, "1", InvalidHeader::Forbidden);
        }
    }

    #[test]
    fn what_only_looks_forbidden_is_sent() {
        for name in ["User-Agent", "Proxy", "Security", "Accept", "Range", "If-None-Match", "Last-Event-ID"] {
            check_sent(name, "1", "1");
        }
    }

    #[test]
    fn a_method_override_may_not_name_a_forbidden_method() {
        for name in ["X-HTTP-Method", "x-http-method-override", "X-Method-Override"] {
            for value in ["TRACE", "track", " Connect", "GET,TRACE", "PUT ,\tconnect, "] {
                check_refused(name, value, InvalidHeader::Forbidden);
            }
            check_sent(name, "PATCH, tracer", "PATCH, tracer");
        }
        check_sent("X-Other", "TRACE", "TRACE");
    }

    #[test]
    fn received_lines_are_read_with_tolerance() {
        let headers = Headers::parse_all(
            "date: d\r\n\r\nset-cookie: a=1\r\nset-cookie:b=2\n: x\nnoise\r\nempty:\r\nurl: a:b",
        );
        let expected =
            [("date", "d"), ("set-cookie", "a=1"), ("set-cookie", "b=2"), ("empty", ""), ("url", "a:b")];
        assert_eq!(headers.iter().collect::<Vec<_>>(), expected);
        assert!(Headers::parse_all("").is_empty());
    }

    #[test]
    fn debug_hides_secrets_and_shows_the_rest() {
        let secret = "Authorization Set-Cookie X-CSRF x-api-key X-Client-Secret x-token X-XSRF";
        for name in secret.split(' ') {
            let shown = format!("{:?}", Headers::parse_all(&format!("{name}: abc\naccept: all")));
            assert!(!shown.contains("abc") && shown.contains(name) && shown.contains("all"), "{shown}");
        }
    }

    #[test]
    fn an_error_names_the_header_on_one_line_and_not_the_value() {
        let mut headers = Headers::new();
        let error = headers.set("X-Test", "secret\nvalue").map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.contains("X-Test") && !text.contains("secret")));
        assert!(!InvalidHeader::Name("a\nb".to_owned()).to_string().contains('\n'));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_safe_to_send(name in "[a-z:\r\n]{1,4}", value in "[a-z\0\r\n\u{e9}\u{101}]{0,4}") {
            let mut headers = Headers::new();
            if headers.append(&name, &value).is_ok() {
                let is_safe = |c: char| u32::from(c) <= 0xff && !"\0\r\n".contains(c);
                let sent: String = headers.iter().flat_map(|(name, value)| [name, value]).collect();
                prop_assert!(sent.chars().all(is_safe));
            }
        }

        #[test]
        fn written_lines_read_back(pairs in proptest::collection::vec(("[a-z-]{1,8}", "[!-~]{0,8}"), 0..6)) {
            let lines: String = pairs.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let headers = Headers::parse_all(&lines);
            let read: Vec<_> = headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            prop_assert_eq!(read, pairs);
        }
    }
}
