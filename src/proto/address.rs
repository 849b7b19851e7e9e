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
    /// Of an address of the web as the browser's parser writes it out: the scheme in lower case, IPv4 in decimals, IPv6 in
    /// brackets, and no port that is the scheme's own.
    pub(crate) fn of(href: &str) -> Address {
        let (scheme, rest) = split(href, b':').unwrap_or_default();
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (authority, _) = split(rest, b'/').unwrap_or((rest, ""));
        // Those in a name or a password are percent-encoded.
        let (_, host) = split(authority, b'@').unwrap_or(("", authority));
        let (name, port) = split_port(host).unwrap_or((host, None));
        Address { is_plain: matches!(scheme, "http" | "ws"), host: name.to_owned(), port }
    }

    /// The hosts that a browser takes for its own machine:
    /// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host.strip_suffix(".").unwrap_or(&self.host);
        let is_named = host == "localhost" || host.ends_with(".localhost");
        is_named || host == "[::1]" || octets(host).is_some_and(|[first, ..]| first == 127)
    }

    /// Whether this is an address of the own machine or a private network, as far as the name shows. Plain `http` to
    /// these is left alone where [local network access](https://wicg.github.io/local-network-access/#mixed-content) is
    /// asked for.
    pub(crate) fn is_local(&self) -> bool {
        self.is_loopback() || self.host.ends_with(".local") || self.is_private()
    }

    /// Whether a browser takes a request of this address, by that page, for
    /// [mixed content](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch).
    pub(crate) fn is_mixed_in(&self, page: &Address) -> bool {
        !page.is_plain && self.is_open()
    }

    /// Whether what goes there can be read on its way.
    pub(crate) fn is_open(&self) -> bool {
        self.is_plain && !self.is_local()
    }

    fn is_private(&self) -> bool {
        match octets(&self.host) {
            Some([10, ..] | [192, 168, ..] | [169, 254, ..] | [0, 0, 0, 0]) => true,
            Some([first, second, ..]) => {
                first == 172 && second & 0xf0 == 16 || first == 100 && second & 0xc0 == 64
            }
            // Unique local, and link-local.
            None => first_group(&self.host)
                .is_some_and(|group| group & 0xfe00 == 0xfc00 || group & 0xffc0 == 0xfe80),
        }
    }
}

fn split_port(host: &str) -> Option<(&str, Option<u16>)> {
    let colon = host.bytes().rposition(|byte| byte == b':')?;
    let (name, port) = host.split_at_checked(colon)?;
    // The last colon of an IPv6 address has no port behind it.
    Some((name, Some(number(port.get(1..)?, 10)?)))
}

/// Of an IPv4 address.
fn octets(host: &str) -> Option<[u16; 4]> {
    let mut octets = [0; 4];
    let mut rest = host;
    for octet in &mut octets {
        let (part, after) = split(rest, b'.').unwrap_or((rest, ""));
        *octet = number(part, 10)?;
        rest = after;
    }
    rest.is_empty().then_some(octets)
}

/// Of an IPv6 address.
fn first_group(host: &str) -> Option<u16> {
    let (group, _) = split(host.strip_prefix("[")?, b':')?;
    number(group, 16)
}

// By a byte and not by a `char`: searching for one of those is ten times the code.
fn split(text: &str, mark: u8) -> Option<(&str, &str)> {
    let (head, tail) = text.split_at_checked(text.bytes().position(|byte| byte == mark)?)?;
    Some((head, tail.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str) -> Address {
        Address { is_plain: true, host: host.to_owned(), port: None }
    }

    #[test]
    fn an_address_is_read_as_the_browser_writes_it() {
        for (href, is_plain, host, port) in [
            ("ws://chat.example/", true, "chat.example", None),
            ("wss://chat.example:8443/rooms/1?a=b:c@d", false, "chat.example", Some(8443)),
            ("http://name:pass%40word@host.example:81/@x:1", true, "host.example", Some(81)),
            ("https://[::1]/", false, "[::1]", None),
            ("ws://[2001:db8::1]:65535/", true, "[2001:db8::1]", Some(65535)),
            ("ws://a.example:0/", true, "a.example", Some(0)),
            ("https://a.example", false, "a.example", None),
            ("null", false, "", None),
        ] {
            assert_eq!(Address::of(href), Address { is_plain, host: host.to_owned(), port }, "{href}");
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
            "[fec0::1]",
            "localhost.example",
            "notlocalhost",
            "",
        ] {
            assert!(!address(host).is_local(), "{host}");
        }
    }
}
