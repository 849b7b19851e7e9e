//! The few steps of URL handling that come before the browser's own parser: queries, schemes, and a form safe to print.

/// Percent-encodes `text` exactly as JavaScript's `encodeURIComponent` does.
///
/// <https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent>
pub(crate) fn encode_component(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_component(&mut encoded, text);
    encoded
}

/// Appends `pairs` to the query of `url`, before its fragment, joined by `?` or `&` as the URL needs.
pub(crate) fn append_query<N, V>(url: &mut String, pairs: impl IntoIterator<Item = (N, V)>)
where
    N: AsRef<str>,
    V: AsRef<str>,
{
    // The parser drops trailing controls and spaces; once something follows them they would count.
    url.truncate(url.trim_end_matches(is_c0_control_or_space).len());
    let fragment = url.split_off(strip_fragment(url).len());
    for (name, value) in pairs {
        push_separator(url);
        push_component(url, name.as_ref());
        url.push('=');
        push_component(url, value.as_ref());
    }
    url.push_str(&fragment);
}

/// Sets the parameter `name` in the query of `url`, in place of all that have that name.
pub(crate) fn set_query(url: &mut String, name: &str, value: &str) {
    let encoded = encode_component(name);
    let fragment = url.split_off(strip_fragment(url).len());
    if let Some((head, query)) = url.split_once('?') {
        let is_other = |pair: &&str| {
            let known = pair.split('=').next().unwrap_or_default();
            known != name && known != encoded
        };
        if !query.split('&').all(|pair| is_other(&pair)) {
            let others: Vec<_> = query.split('&').filter(is_other).collect();
            *url = [head, &others.join("&")].join("?");
        }
    }
    url.push_str(&fragment);
    append_query(url, [(name, value)]);
}

/// The URL up to its `#fragment`.
pub(crate) fn strip_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

/// The URL's scheme in lower case and with its colon; nothing where it is relative.
///
/// It is the scheme the browser will see: <https://url.spec.whatwg.org/#concept-basic-url-parser> trims controls and
/// spaces and removes tabs and newlines first, so `" java\nscript:"` is `javascript`.
pub(crate) fn scheme(url: &str) -> Vec<u8> {
    let mut scheme = Vec::new();
    for byte in url.bytes().map(|byte| byte.to_ascii_lowercase()) {
        match byte {
            b'\t' | b'\n' | b'\r' => continue,
            ..=b' ' if scheme.is_empty() => continue,
            b'a'..=b'z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' | b':' if !scheme.is_empty() => {}
            _ => break,
        }
        scheme.push(byte);
        if byte == b':' {
            return scheme;
        }
    }
    Vec::new()
}

/// Whether the URL has a scheme, and so says all of where it leads.
pub(crate) fn is_absolute(url: &str) -> bool {
    !scheme(url).is_empty()
}

/// `url` fit for an error message: scheme, host and path, as they are written. Query, fragment and user information, which
/// hold secrets, are gone, and so is everything after the scheme where a secret cannot be told from the rest.
// On bytes, because all that is looked for is ASCII, and slices of `str` carry the code of their panics.
pub(crate) fn redact(url: &str) -> String {
    let scheme = scheme(url);
    let mut safe = cleaned(url);
    let slashes = safe.iter().skip(scheme.len()).take_while(|byte| matches!(byte, b'/' | b'\\')).count();
    match (scheme.as_slice(), slashes) {
        // A path; or the address of an object of the page's own, which has no secrets.
        (b"", 0 | 1) | (b"blob:", 0) => {}
        (b"data:" | b"javascript:", _) | (_, 0) => safe.truncate(scheme.len()),
        // A relative URL is read against an `http` page, where a backslash is a slash, and any number of them leads to the
        // host: "special authority ignore slashes state".
        _ => safe = without_user(&safe, scheme.len() + slashes),
    }
    String::from_utf8(safe).unwrap_or_default()
}

fn push_component(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

fn push_separator(url: &mut String) {
    match url.split_once('?') {
        None => url.push('?'),
        // The query of "/a??" is "?", so it too needs a separator.
        Some((_, query)) if !query.is_empty() && !query.ends_with('&') => url.push('&'),
        Some(_) => {}
    }
}

fn without_user(url: &[u8], host: usize) -> Vec<u8> {
    let (mut from, mut in_port, mut is_secret) = (host, false, false);
    for (at, byte) in url.iter().enumerate().skip(host) {
        match byte {
            b'/' | b'\\' => break,
            b'@' => (from, in_port, is_secret) = (at + 1, false, false),
            // The end of an IPv6 address, and of no password.
            b']' if url.get(from) == Some(&b'[') => is_secret = false,
            b':' => in_port = true,
            byte => is_secret |= in_port && !byte.is_ascii_digit(),
        }
    }
    // "https://name:pass/word@host": the browser ends the authority at the slash and refuses "pass" as a port.
    let rest = if is_secret { b"..." } else { url.get(from..).unwrap_or_default() };
    let mut safe = url.get(..host).unwrap_or_default().to_vec();
    safe.extend_from_slice(rest);
    safe
}

/// What the URL parser does before it looks at anything; and without query and fragment.
fn cleaned(url: &str) -> Vec<u8> {
    let mut cleaned = Vec::new();
    for byte in url.bytes().take_while(|byte| !matches!(byte, b'?' | b'#')) {
        let is_trimmed = byte <= b' ' && cleaned.is_empty();
        if !is_trimmed && !matches!(byte, b'\t' | b'\n' | b'\r') {
            cleaned.push(byte);
        }
    }
    while cleaned.pop_if(|byte| *byte <= b' ').is_some() {}
    cleaned
}

fn is_c0_control_or_space(c: char) -> bool {
    c <= ' '
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check_append(url: &str, pairs: &[(&str, &str)], expected: &str) {
        let mut joined = url.to_owned();
        append_query(&mut joined, pairs.iter().copied());
        assert_eq!(joined, expected);
    }

    #[test]
    fn the_marks_encode_uri_component_keeps_are_kept() {
        let kept = "ABCXYZabcxyz0189-_.!~*'()";
        assert_eq!(encode_component(kept), kept);
    }

    #[test]
    fn everything_else_is_percent_encoded_as_utf_8() {
        assert_eq!(encode_component("a b&c=d+e/f?g#h%"), "a%20b%26c%3Dd%2Be%2Ff%3Fg%23h%25");
        assert_eq!(encode_component("é€😀\0\"<>[]{}|\\^`@:;,$"), {
            "%C3%A9%E2%82%AC%F0%9F%98%80%00%22%3C%3E%5B%5D%7B%7D%7C%5C%5E%60%40%3A%3B%2C%24"
        });
    }

    #[test]
    fn a_query_joins_as_the_url_needs() {
        let pair = [("x", "1")];
        check_append("/a", &pair, "/a?x=1");
        check_append("/a?", &pair, "/a?x=1");
        check_append("/a?b=2", &pair, "/a?b=2&x=1");
        check_append("/a?b=2&", &pair, "/a?b=2&x=1");
        check_append("", &pair, "?x=1");
        check_append("?", &pair, "?x=1");
        check_append("/a??", &pair, "/a??&x=1");
    }

    #[test]
    fn a_query_goes_before_the_fragment() {
        check_append("/a#top", &[("x", "1")], "/a?x=1#top");
        check_append("/a?b#top?not=query", &[("x", "1")], "/a?b&x=1#top?not=query");
        check_append("/a#?", &[("x", "1")], "/a?x=1#?");
        check_append("#", &[("x", "1")], "?x=1#");
    }

    #[test]
    fn names_and_values_are_encoded_and_may_be_empty() {
        check_append("/a", &[("q&", "=1"), ("", ""), ("é", " ")], "/a?q%26=%3D1&=&%C3%A9=%20");
    }

    #[test]
    fn no_pairs_leave_the_url_alone() {
        check_append("/a?b#c", &[], "/a?b#c");
    }

    #[test]
    fn trailing_blanks_of_the_url_do_not_become_part_of_the_path() {
        check_append(" /a \n", &[("x", "1")], " /a?x=1");
    }

    #[test]
    fn a_parameter_that_is_set_takes_the_place_of_its_namesakes_alone() {
        for (url, expected) in [
            ("/a", "/a?q=2"),
            ("/a?q=1", "/a?q=2"),
            ("/a?q=1#q=1", "/a?q=2#q=1"),
            ("/a?b=q&q=1&c&q&qq=1", "/a?b=q&c&qq=1&q=2"),
            ("/q=1?Q=1&&x=q=1", "/q=1?Q=1&&x=q=1&q=2"),
        ] {
            let mut set = url.to_owned();
            set_query(&mut set, "q", "2");
            assert_eq!(set, expected);
        }
        let mut set = "/a?x%5B%5D=1&x[]=2".to_owned();
        set_query(&mut set, "x[]", "3");
        assert_eq!(set, "/a?x%5B%5D=3");
    }

    #[test]
    fn a_fragment_is_stripped_from_its_first_mark() {
        assert_eq!(strip_fragment("/a?b#c#d"), "/a?b");
        assert_eq!(strip_fragment("/a"), "/a");
    }

    #[test]
    fn the_scheme_is_what_the_browser_will_see() {
        for (url, scheme) in [
            ("https://a/", Some("https:")),
            ("JavaScript:x", Some("javascript:")),
            ("\u{0} \tjava\nscr\ript:x", Some("javascript:")),
            ("web+app:x", Some("web+app:")),
            ("a1:", Some("a1:")),
            ("/a:b", None),
            ("a/b:c", None),
            ("?a:b", None),
            ("1a:b", None),
            (":a", None),
            ("a", None),
            ("//host/a", None),
            ("", None),
        ] {
            assert_eq!(is_absolute(url), scheme.is_some(), "{url:?}");
            assert_eq!(super::scheme(url), scheme.unwrap_or_default().as_bytes(), "{url:?}");
        }
    }

    #[test]
    fn a_redacted_url_keeps_scheme_host_and_path_only() {
        for (url, safe) in [
            ("https://name:secret@host:8443/p/a?token=1#t", "https://host:8443/p/a"),
            ("HTTPS://host", "HTTPS://host"),
            ("https://h/@scope/pkg?x", "https://h/@scope/pkg"),
            ("wss://[::1]:80/s?ticket=1", "wss://[::1]:80/s"),
            ("https://[::1]/s", "https://[::1]/s"),
            ("//name:secret@host/p?q", "//host/p"),
            ("/p/a?q#f", "/p/a"),
            ("p?q", "p"),
            ("?q", ""),
            ("#f", ""),
            ("file:///etc/hosts?x", "file:///etc/hosts"),
            ("blob:https://host/uuid#x", "blob:https://host/uuid"),
            ("data:text/plain,secret", "data:"),
            ("data:/secret", "data:"),
            ("data:\\secret", "data:"),
            ("JavaScript:secret", "JavaScript:"),
            ("javascript://%0asecret", "javascript:"),
            ("\t /p \n", "/p"),
            ("custom://name:secret@host/p", "custom://host/p"),
        ] {
            assert_eq!(redact(url), safe, "{url:?}");
        }
    }

    #[test]
    fn user_information_hides_behind_no_trick_of_the_parser() {
        for url in [
            "https:name:secret@host/p",
            "https:/name:secret@host/p",
            "https:\\\\name:secret@host/p",
            "https:////name:secret@host/p",
            "ht\ttps://na\nme:sec\rret@host/p",
            "https://name:sec@ret@host/p",
            "https://name:secret/word@host/p",
            "https://name:secret]/word@host/p",
            "https://name:secret?word@host/p",
            "https://name:secret#word@host/p",
            "\\\\name:secret@host/p",
            "///name:secret@host/p",
            "other:name:secret@host/p",
            " //name:secret@host/p",
        ] {
            let safe = redact(url);
            assert!(!safe.contains("sec") && !safe.contains("ret"), "{url:?} became {safe}");
        }
        for scheme in ["http", "https", "ws", "wss", "ftp", "HTTPS"] {
            assert_eq!(redact(&format!("{scheme}:/name:secret@host/p")), format!("{scheme}:/host/p"));
        }
    }

    #[test]
    fn a_redacted_url_has_no_line_break() {
        assert_eq!(redact("https://host/a\r\nforged: line"), "https://host/aforged: line");
    }

    proptest! {
        #[test]
        fn an_encoded_component_is_plain_and_reads_back(text in any::<String>()) {
            let encoded = encode_component(&text);
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.!~*'()%".contains(&b)));
            prop_assert_eq!(decode(&encoded), text.as_bytes());
        }

        #[test]
        fn an_appended_query_changes_neither_head_nor_fragment(url in "[a-z/?&=#]{0,12}", value in any::<String>()) {
            let mut joined = url.clone();
            append_query(&mut joined, [("x", &value)]);
            let head = strip_fragment(&url);
            prop_assert!(joined.starts_with(head));
            prop_assert!(joined.ends_with(&url[head.len()..]));
            let last = strip_fragment(&joined).split_once('?').and_then(|(_, query)| query.split('&').next_back());
            let expected = format!("x={}", encode_component(&value));
            prop_assert_eq!(last, Some(expected.as_str()));
        }

        #[test]
        fn a_redacted_url_holds_no_query(url in "[ht:/\\\\@?#.\t ]{0,10}\\?secret[a-z#]{0,3}") {
            prop_assert!(!redact(&url).contains("secret"));
        }
    }

    fn decode(encoded: &str) -> Vec<u8> {
        let mut parts = encoded.split('%');
        let mut bytes = parts.next().unwrap_or("").as_bytes().to_vec();
        for part in parts {
            bytes.extend(u8::from_str_radix(&part[..2], 16));
            bytes.extend(&part.as_bytes()[2..]);
        }
        bytes
    }
}
