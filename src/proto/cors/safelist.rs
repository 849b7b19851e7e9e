//! Which request headers may go to another origin unasked: <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>.

use super::Rule;
use super::deviation::Quirk;
use crate::proto::mime::Mime;

/// "If value's length is greater than 128, then return false."
const LONGEST_VALUE: usize = 128;

/// "If safelistValueSize is greater than 1024 [...]": <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>
pub(super) const LARGEST_TOTAL: usize = 1024;

/// Every rule that `value`, as a value of the header `name` in lower case, breaks. None: the header is safelisted.
pub(super) fn broken_rules(name: &str, value: &str, quirks: &[Quirk]) -> Vec<Rule> {
    let has = |quirk| quirks.contains(&quirk);
    let is_safe: fn(u8) -> bool = match name {
        "accept" if has(Quirk::AsciiAccept) => |byte| !is_unsafe(byte) && byte.is_ascii(),
        "content-type" if has(Quirk::PlainContentType) => {
            |byte| !is_unsafe(byte) && byte.is_ascii() && byte != b','
        }
        "accept" | "content-type" => |byte| !is_unsafe(byte),
        "accept-language" | "content-language" => is_language_byte,
        "range" => |_| true,
        "user-agent" if has(Quirk::OwnUserAgent) => return Vec::new(),
        _ if has(Quirk::ClientHints) && is_client_hint(name, value) => return Vec::new(),
        _ => return vec![Rule::NotSafelisted],
    };
    let mut rules = Vec::new();
    if length(value) > LONGEST_VALUE {
        rules.push(Rule::TooLong { bytes: length(value) });
    }
    if let Some(byte) = latin1(value).find(|byte| !is_safe(*byte)) {
        rules.push(Rule::UnsafeByte(byte));
    }
    match name {
        "content-type" if !is_form_type(value) => rules.push(Rule::ContentType),
        "range" if !is_simple_range(value, quirks) => rules.push(Rule::Range),
        _ => {}
    }
    rules
}

/// The bytes that a header value takes on the wire, where each character is one.
pub(super) fn length(value: &str) -> usize {
    value.chars().count()
}

/// A checked header value has no character above U+00FF.
fn latin1(value: &str) -> impl Iterator<Item = u8> {
    value.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
}

/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte>
fn is_unsafe(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f || b"\"():<>?@[\\]{}".contains(&byte)
}

/// "a byte that is not in the range 0x30 (0) to 0x39 (9), [...] and is not [...]: 0x20 (SP), 0x2A (*), 0x2C (,), 0x2D
/// (-), 0x2E (.), 0x3B (;), or 0x3D (=)"
fn is_language_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte)
}

/// The three types that an HTML form can send.
fn is_form_type(value: &str) -> bool {
    Mime::parse(value).is_some_and(|mime| {
        ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"].contains(&mime.essence())
    })
}

/// One range with a start: <https://fetch.spec.whatwg.org/#simple-range-header-value>.
fn is_simple_range(value: &str, quirks: &[Quirk]) -> bool {
    let unit = value.split_at_checked(6).filter(|(unit, _)| {
        *unit == "bytes=" || (quirks.contains(&Quirk::RangeInAnyCase) && unit.eq_ignore_ascii_case("bytes="))
    });
    let Some((start, end)) = unit.and_then(|(_, range)| range.split_once('-')) else {
        return false;
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // "bytes=-500": "As web browsers have historically not emitted ranges such as `bytes=-500` this algorithm does not
    // safelist them."
    if start.is_empty() || !is_number(start) || !is_number(end) {
        return false;
    }
    let too_large = |limit: &u128| number(start) >= *limit || number(end) >= *limit;
    let limits = quirks.iter().filter_map(|quirk| match quirk {
        Quirk::RangeBelow(limit) => Some(*limit),
        _ => None,
    });
    (end.is_empty() || is_not_above(start, end)) && !limits.into_iter().any(|limit| too_large(&limit))
}

/// No engine tells numbers beyond this apart.
fn number(digits: &str) -> u128 {
    if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u128::MAX) }
}

/// Compares as numbers of any length.
fn is_not_above(start: &str, end: &str) -> bool {
    let (start, end) = (start.trim_start_matches('0'), end.trim_start_matches('0'));
    (start.len(), start) <= (end.len(), end)
}

/// What Chromium takes for a well-formed hint.
fn is_client_hint(name: &str, value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match name {
        "width" | "viewport-width" | "rtt" => is_number(value),
        "device-memory" | "dpr" | "downlink" => match value.split_once('.') {
            Some((whole, part)) => is_number(whole) && is_number(part),
            None => is_number(value),
        },
        "ect" => ["slow-2g", "2g", "3g", "4g"].contains(&value),
        "save-data" => value.eq_ignore_ascii_case("on"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &str, expected: &[Rule]) {
        assert_eq!(broken_rules(name, value, &[]), expected, "{name}: {value}");
    }

    #[test]
    fn a_value_may_have_128_bytes_and_no_more() {
        for name in ["accept", "accept-language", "content-language"] {
            check(name, &"a".repeat(128), &[]);
            check(name, &"a".repeat(129), &[Rule::TooLong { bytes: 129 }]);
        }
        check("accept", &"é".repeat(128), &[]);
    }

    #[test]
    fn each_unsafe_byte_is_named_and_its_neighbours_are_safe() {
        let unsafe_bytes: Vec<u8> = (0..=255_u8).filter(|byte| is_unsafe(*byte)).collect();
        let expected: Vec<u8> = (0..9)
            .chain(10..32)
            .chain(*b"\"():<>?@[\\]{}\x7f")
            .collect::<std::collections::BTreeSet<u8>>()
            .into_iter()
            .collect();
        assert_eq!(unsafe_bytes, expected);
        check("accept", "a\"", &[Rule::UnsafeByte(b'"')]);
        check("accept", "a\tb!#$%&'*+-./;=^_`|~é", &[]);
        check("content-type", "text/plain;x=\"\"", &[Rule::UnsafeByte(b'"')]);
    }

    #[test]
    fn a_language_has_letters_digits_and_seven_marks() {
        check("accept-language", "de-AT,de;q=0.9, *;q=.5", &[]);
        for byte in (0..=255_u8).filter(|byte| !byte.is_ascii_alphanumeric() && !b" *,-.;=".contains(byte)) {
            check("content-language", &format!("a{}", char::from(byte)), &[Rule::UnsafeByte(byte)]);
        }
    }

    #[test]
    fn only_what_a_form_can_send_is_a_safe_type() {
        for value in [
            "text/plain",
            " TEXT/Plain ; charset=x",
            "multipart/form-data;boundary=1",
            "application/x-www-form-urlencoded",
        ] {
            check("content-type", value, &[]);
        }
        for value in ["application/json", "text/html", "text/plain, text/plain", "", "text"] {
            check("content-type", value, &[Rule::ContentType]);
        }
    }

    #[test]
    fn a_range_is_one_and_has_a_start() {
        for value in ["bytes=0-", "bytes=0-0", "bytes=1-1000", "bytes=00000000000000000000009-10"] {
            check("range", value, &[]);
        }
        for value in [
            "bytes=-5",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "bytes= 0-1",
            "Bytes=0-1",
            "lines=0-1",
            "bytes=-",
            "",
            "bytes=10-9",
        ] {
            check("range", value, &[Rule::Range]);
        }
        check("range", &format!("bytes=0-{}", "9".repeat(121)), &[Rule::TooLong { bytes: 129 }]);
    }

    #[test]
    fn all_broken_rules_are_told() {
        let value = format!("{}\"", "a".repeat(128));
        check(
            "content-type",
            &value,
            &[Rule::TooLong { bytes: 129 }, Rule::UnsafeByte(b'"'), Rule::ContentType],
        );
        check("x-any", "", &[Rule::NotSafelisted]);
    }
}
