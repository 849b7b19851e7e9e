//! What a `Content-Type` says: the media type and its charset.

/// The media type without its parameters, as written: `text/html` of `text/html; charset=utf-8`.
///
/// Of several values, joined by commas where a server sent the header twice, the last one counts, as in
/// <https://fetch.spec.whatwg.org/#concept-header-extract-mime-type>.
pub(crate) fn mime_essence(content_type: &str) -> &str {
    let mut last = "";
    each_part(content_type, |is_type, part| {
        if is_type {
            last = part;
        }
    });
    last.trim_matches(is_http_whitespace)
}

/// The `charset` parameter without its quotes, as written. The first counts where there are several.
///
/// <https://mimesniff.spec.whatwg.org/#parsing-a-mime-type>
pub(crate) fn charset_of(content_type: &str) -> Option<&str> {
    let mut charset = None;
    each_part(content_type, |is_type, part| {
        if is_type {
            charset = None;
        } else if charset.is_none() {
            charset = as_charset(part);
        }
    });
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

/// The body without the line that keeps it from being run as a script on another site: `)]}'`, an optional comma, and
/// a line end.
pub(crate) fn strip_xssi(body: &[u8]) -> &[u8] {
    let Some(rest) = body.strip_prefix(b")]}'") else { return body };
    let rest = rest.strip_prefix(b",").unwrap_or(rest);
    rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest)
}

/// Gives `take` each media type and each of its parameters: what stands between commas and semicolons outside quoted
/// strings. A value that is no media type at all does not count: "text/html, " and "text/html, bogus" are "text/html".
// By bytes, because slices of `str` carry the code of their panics.
fn each_part<'a>(content_type: &'a str, mut take: impl FnMut(bool, &'a str)) {
    let (mut quoted, mut escaped, mut is_type, mut counts, mut start) = (false, false, true, false, 0);
    for (at, byte) in content_type.bytes().map(Some).chain([None]).enumerate() {
        match byte {
            Some(_) if escaped => escaped = false,
            Some(b'\\') if quoted => escaped = true,
            Some(b'"') => quoted = !quoted,
            Some(b',' | b';') if quoted => {}
            None | Some(b',' | b';') => {
                let part = content_type.get(start..at).unwrap_or_default();
                counts = if is_type { part.bytes().any(|byte| byte == b'/') } else { counts };
                if counts {
                    take(is_type, part);
                }
                (is_type, start) = (byte == Some(b','), at + 1);
            }
            Some(_) => {}
        }
    }
}

fn as_charset(parameter: &str) -> Option<&str> {
    let equals = parameter.bytes().position(|byte| byte == b'=')?;
    let (name, value) = (parameter.get(..equals)?, parameter.get(equals + 1..)?);
    let value = match value.strip_prefix('"') {
        Some(quoted) => {
            let end = quoted.bytes().position(|byte| byte == b'"');
            end.and_then(|end| quoted.get(..end)).unwrap_or(quoted)
        }
        None => value.trim_ascii_end(),
    };
    let is_charset = name.trim_ascii_start().eq_ignore_ascii_case("charset") && !value.is_empty();
    is_charset.then_some(value)
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
            assert_eq!(strip_xssi(body.as_bytes()), expected.as_bytes());
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
