//! What a `Content-Type` says: the media type and its charset.

/// The media type without its parameters, as written: `text/html` of `text/html; charset=utf-8`.
///
/// Of several values, joined by commas where a server sent the header twice, the last one counts, as in
/// <https://fetch.spec.whatwg.org/#concept-header-extract-mime-type>.
pub(crate) fn mime_essence(content_type: &str) -> &str {
    let (mut quotes, mut begin, mut in_type, mut essence) = (Quotes::default(), 0, true, "");
    for (at, byte) in content_type.bytes().enumerate() {
        match byte {
            _ if quotes.hide(byte) => {}
            b',' => (begin, in_type) = (at + 1, true),
            b';' => in_type = false,
            b'/' if in_type => essence = content_type.get(begin..).unwrap_or_default(),
            _ => {}
        }
    }
    essence.split([';', ',']).next().unwrap_or_default().trim_matches(is_http_whitespace)
}

/// The `charset` parameter without its quotes, as written. The first counts where there are several.
///
/// <https://mimesniff.spec.whatwg.org/#parsing-a-mime-type>
pub(crate) fn charset_of(content_type: &str) -> Option<&str> {
    // A value that is no media type at all does not count: "text/html, " and "text/html, bogus" are "text/html".
    let (mut quotes, mut in_type, mut counts, mut charset) = (Quotes::default(), true, false, None);
    for (at, byte) in content_type.bytes().enumerate() {
        match byte {
            _ if quotes.hide(byte) => {}
            b',' => (in_type, counts) = (true, false),
            b'/' if in_type => (counts, charset) = (true, None),
            b';' => {
                in_type = false;
                if counts && charset.is_none() {
                    charset = content_type.get(at + 1..).and_then(leading_charset);
                }
            }
            _ => {}
        }
    }
    charset
}

/// Whether this is a [JSON MIME type](https://mimesniff.spec.whatwg.org/#json-mime-type).
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = mime_essence(content_type).to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("application" | "text", "json")) => true,
        Some((_, subtype)) => subtype.ends_with("+json"),
        None => false,
    }
}

/// The encoding that a byte order mark stands for: <https://encoding.spec.whatwg.org/#bom-sniff>.
pub(crate) fn bom_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some("utf-8"),
        [0xFE, 0xFF, ..] => Some("utf-16be"),
        [0xFF, 0xFE, ..] => Some("utf-16le"),
        _ => None,
    }
}

/// The byte order mark in UTF-8.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The body without its byte order mark.
pub(crate) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(BOM).unwrap_or(body)
}

/// The body without the line that keeps it from being run as a script on another site: `)]}'`, an optional comma, and
/// a line end. A byte order mark goes with it.
pub(crate) fn strip_xssi(body: &mut Vec<u8>) {
    if let Some(rest) = without_bom(body).strip_prefix(b")]}'") {
        let rest = rest.strip_prefix(b",").unwrap_or(rest);
        *body = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest).to_vec();
    }
}

/// Where quoted strings begin and end. Bytes and not characters, because slices of `str` carry the code of their panics.
#[derive(Default)]
struct Quotes {
    quoted: bool,
    escaped: bool,
}

impl Quotes {
    /// Takes the next byte; whether it belongs to a quoted string.
    fn hide(&mut self, byte: u8) -> bool {
        let escaped = self.escaped;
        self.escaped = !escaped && self.quoted && byte == b'\\';
        self.quoted ^= !escaped && byte == b'"';
        escaped || self.quoted
    }
}

/// The value of a parameter, if it is this one.
fn leading_charset(parameter: &str) -> Option<&str> {
    let (name, value) = parameter.trim_ascii_start().split_at_checked("charset=".len())?;
    if !name.eq_ignore_ascii_case("charset=") {
        return None;
    }
    let in_quotes = value.strip_prefix("\"");
    let is_end = |byte: u8| if in_quotes.is_some() { byte == b'"' } else { matches!(byte, b';' | b',') };
    let value = in_quotes.unwrap_or(value);
    let end = value.bytes().position(is_end).unwrap_or(value.len());
    value.get(..end).map(str::trim_ascii_end).filter(|value| !value.is_empty())
}

fn is_http_whitespace(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_xssi_prefix_is_taken_off_once() {
        for (body, expected) in [
            (")]}'\n{}", "{}"),
            (")]}',\n{}", "{}"),
            (")]}',\r\n{}", "{}"),
            (")]}'{}", "{}"),
            (")]}'\n)]}'\n{}", ")]}'\n{}"),
            ("{}", "{}"),
            ("", ""),
        ] {
            for bom in ["", "\u{FEFF}"] {
                let mut body = [bom, body].concat().into_bytes();
                strip_xssi(&mut body);
                assert_eq!(without_bom(&body), expected.as_bytes());
            }
        }
    }

    #[track_caller]
    fn check(content_type: &str, essence: &str, charset: Option<&str>) {
        assert_eq!(mime_essence(content_type), essence, "{content_type:?}");
        assert_eq!(charset_of(content_type), charset, "{content_type:?}");
    }

    #[test]
    fn the_essence_is_what_stands_before_the_parameters() {
        check("text/html", "text/html", None);
        check(" \r\nText/HTML\n\r\t; a=b", "Text/HTML", None);
        check("text/event-stream;charset=utf-8", "text/event-stream", Some("utf-8"));
        check("", "", None);
        check("text", "", None);
    }

    #[test]
    fn a_charset_may_be_quoted_and_in_any_case() {
        check("text/html; charset=UTF-8", "text/html", Some("UTF-8"));
        check("text/html;\tCharSet=\"iso-8859-1\" ; a=b", "text/html", Some("iso-8859-1"));
        check("text/html; a=b; charset=x \t", "text/html", Some("x"));
        check("text/html; charset=\"unclosed", "text/html", Some("unclosed"));
    }

    #[test]
    fn a_charset_in_another_parameter_is_none() {
        check("text/html; a=\";charset=x\"", "text/html", None);
        check("text/html; a=\"\\\";charset=x\"; charset=y", "text/html", Some("y"));
        check("text/html; xcharset=x; charset", "text/html", None);
        check("text/html; charset =x", "text/html", None);
    }

    #[test]
    fn the_first_charset_with_a_value_counts() {
        check("text/html; charset=x; charset=y", "text/html", Some("x"));
        check("text/html; charset=; charset=\"\"; charset=y", "text/html", Some("y"));
    }

    #[test]
    fn of_a_header_sent_twice_the_last_value_counts() {
        check("text/html; charset=x, text/plain; charset=y", "text/plain", Some("y"));
        check("text/html; a=\"b,text/c\"; charset=x, ", "text/html", Some("x"));
        check("text/html, bogus", "text/html", None);
    }

    #[test]
    fn json_is_told_by_its_type_or_suffix() {
        for json in
            ["application/json", "text/json; charset=utf-8", "Application/Problem+JSON", "image/x+json;a=b"]
        {
            assert!(is_json(json), "{json}");
        }
        for other in
            ["application/jsonp", "application/javascript", "text/plain", "json", "+json", "model/json", ""]
        {
            assert!(!is_json(other), "{other}");
        }
    }
}
