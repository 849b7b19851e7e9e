//! Where a URL leads, as far as its text shows.

use crate::proto::decimal::number;

/// The parts of an address that a browser goes by before it connects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Whether `http:` or `ws:`.
    pub(crate) is_plain: bool,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl Address {
    /// Whether this is the own machine, as far as the name shows.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(self.host.as_bytes())
    }

    /// Whether this is an address of the own machine or a private network, as far as the name shows.
    pub(crate) fn is_local(&self) -> bool {
        is_local(self.host.as_bytes())
    }

    /// Whether a browser takes a request of this address, by that page, for
    /// [mixed content](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch).
    pub(crate) fn is_mixed_in(&self, page: &Address) -> bool {
        !page.is_plain && self.is_plain && !self.is_local()
    }
}

/// The host of an address of the web as the browser's parser writes it out, and a port that is not the scheme's own. In
/// such a host letters are small, IPv4 is four decimals, and IPv6 stands in brackets.
// On bytes, as all that is looked for is ASCII, and slices of `str` carry more code.
pub(crate) fn host_and_port(href: &[u8]) -> (&[u8], Option<u16>) {
    let rest = cut(href, b'/').and_then(|(_, rest)| rest.strip_prefix(b"/")).unwrap_or_default();
    let authority = cut(rest, b'/').map_or(rest, |(authority, _)| authority);
    // Those in a name or a password are percent-encoded.
    let host = cut(authority, b'@').map_or(authority, |(_, host)| host);
    let behind_colon = host.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    match host.split_at_checked(host.len() - behind_colon) {
        Some((name, port)) if name.ends_with(b":") => (name.strip_suffix(b":").unwrap_or(name), number(port)),
        _ => (host, None),
    }
}

/// The hosts that a browser takes for its own machine:
/// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>.
fn is_loopback(host: &[u8]) -> bool {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let is_named = host == b"localhost" || host.ends_with(b".localhost");
    is_named || host == b"[::1]" || octets(host).is_some_and(|[first, ..]| first == 127)
}

/// The own machine and private networks. Plain `http` to these is left alone where
/// [local network access](https://wicg.github.io/local-network-access/#mixed-content) is asked for.
pub(crate) fn is_local(host: &[u8]) -> bool {
    is_loopback(host) || host.ends_with(b".local") || is_private(host)
}

fn is_private(host: &[u8]) -> bool {
    match octets(host) {
        Some([10, ..] | [192, 168, ..] | [169, 254, ..] | [0, 0, 0, 0]) => true,
        Some([first, second, ..]) => {
            first == 172 && second & 0xf0 == 16 || first == 100 && second & 0xc0 == 64
        }
        None => is_private_group(host),
    }
}

/// Unique local IPv6 (`fc00::/7`) and link-local (`fe80::/10`): such a first group has four digits.
fn is_private_group(host: &[u8]) -> bool {
    let [b'[', group @ .., _] = host else { return false };
    match cut(group, b':') {
        Some(([b'f', b'c' | b'd', _, _], _)) => true,
        Some(([b'f', b'e', third, _], _)) => matches!(third, b'8' | b'9' | b'a' | b'b'),
        _ => false,
    }
}

/// Of an IPv4 address.
fn octets(host: &[u8]) -> Option<[u16; 4]> {
    let mut octets = [0; 4];
    let mut rest = host;
    for octet in &mut octets {
        let (part, after) = cut(rest, b'.').unwrap_or((rest, b""));
        *octet = number(part)?;
        rest = after;
    }
    rest.is_empty().then_some(octets)
}

/// What is before and behind the first such byte.
fn cut(bytes: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let (head, tail) = bytes.split_at_checked(bytes.iter().position(|byte| *byte == mark)?)?;
    Some((head, tail.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str) -> Address {
        Address { is_plain: true, host: host.to_owned(), port: None }
    }

    #[test]
    fn host_and_port_are_read_as_the_browser_writes_them() {
        for (href, host, port) in [
            ("ws://chat.example/", "chat.example", None),
            ("wss://chat.example:8443/rooms/1?a=b:c@d", "chat.example", Some(8443)),
            ("http://name:pass%40word@host.example:81/@x:1", "host.example", Some(81)),
            ("https://name:81@host.example/", "host.example", None),
            ("https://[::1]/", "[::1]", None),
            ("ws://[2001:db8::1]:65535/", "[2001:db8::1]", Some(65535)),
            ("ws://127.0.0.1/", "127.0.0.1", None),
            ("ws://a.example:0/", "a.example", Some(0)),
            ("https://a.example", "a.example", None),
            ("null", "", None),
        ] {
            assert_eq!(host_and_port(href.as_bytes()), (host.as_bytes(), port), "{href}");
        }
    }

    #[test]
    fn the_hosts_of_the_own_machine_and_network_are_known() {
        for host in ["localhost", "localhost.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(address(host).is_loopback(), "{host}");
        }
        for host in [
            "10.0.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "172.31.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "[fc00::1]",
            "[fd00::1]",
            "[fe80::1]",
            "[febf::1]",
            "printer.local",
        ] {
            assert!(address(host).is_local() && !address(host).is_loopback(), "{host}");
        }
        for host in [
            "172.32.0.1",
            "172.15.0.1",
            "100.128.0.1",
            "192.169.0.1",
            "1.127.0.1",
            "10.example",
            "10.0.0.0.x1",
            "10.0.x1",
            "example.com",
            "[2001:db8::1]",
            "[fc::1]",
            "[fc0::1]",
            "[fe8::1]",
            "[fec0::1]",
            "localhost.example",
            "notlocalhost",
            "",
        ] {
            assert!(!address(host).is_local(), "{host}");
        }
    }
}
