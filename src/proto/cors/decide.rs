//! From what was seen to a verdict.

use std::net::Ipv4Addr;

use super::plan::is_safelisted;
use super::verdict::{Blocked, Confidence, Diagnosis, Evidence, Probe, Unseen, Verdict};
use super::{Kind, Plan};
use crate::error::ErrorKind;
use crate::proto::method::Method;

/// Everything that can be known of a failed request.
#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) kind: ErrorKind,
    /// The request, unless the error comes from none.
    pub(crate) request: Option<Failed>,
    /// What the page's policy was violated in, at this address and time.
    pub(crate) violation: Option<Violated>,
    /// Whether requests to the local network are denied to this page, and the address is there.
    pub(crate) local_denied: bool,
    pub(crate) isolated: bool,
    /// Whether probes may be sent.
    pub(crate) probing: bool,
    /// The probes that were sent, and whether they were answered.
    pub(crate) probes: Vec<(Probe, bool)>,
}

/// A violation that was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violated {
    pub(crate) directive: String,
    /// Whether the whole address was named, and not its origin only.
    pub(crate) exactly: bool,
}

/// What is known of the request that failed.
#[derive(Clone)]
pub(crate) struct Failed {
    pub(crate) plan: Plan,
    pub(crate) online: bool,
    pub(crate) address: Address,
    /// The address that the page itself came from.
    pub(crate) page: Address,
    /// Whether it was the handshake of a WebSocket, which CORS has no part in.
    pub(crate) is_socket: bool,
}

/// The parts of an address that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Whether `http:` or `ws:`.
    pub(crate) is_plain: bool,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl Facts {
    pub(crate) fn new(kind: ErrorKind, request: Option<Failed>) -> Facts {
        Facts {
            kind,
            request,
            violation: None,
            local_denied: false,
            isolated: false,
            probing: false,
            probes: Vec::new(),
        }
    }

    /// What no probe can add to; `None` where one may.
    pub(crate) fn at_once(&self) -> Option<Diagnosis> {
        let told = |verdict| Some(diagnosis(verdict, Confidence::High, vec![Evidence::ErrorKind]));
        match self.kind {
            ErrorKind::Network => {}
            ErrorKind::Timeout(phase) => return told(Verdict::TimedOut(phase)),
            ErrorKind::Aborted(by) => return told(Verdict::Aborted(by)),
            kind => return told(Verdict::Told(kind)),
        }
        // Of two reasons the plainer: the policy may forbid the same address, and allowing it there would not help.
        let violated = self.violation.as_ref().filter(|_| !self.is_mixed())?;
        let verdict = Verdict::BlockedByCsp { directive: violated.directive.clone() };
        let confidence = if violated.exactly { Confidence::High } else { Confidence::Likely };
        Some(diagnosis(verdict, confidence, vec![Evidence::Violation(violated.directive.clone())]))
    }

    /// The probes that may tell more, in their order; each depends on what the last one saw.
    pub(crate) fn next_probe(&self) -> Option<Probe> {
        let request = self.request.as_ref().filter(|_| self.probing)?;
        let reached = self.saw(Probe::Reach) == Some(true);
        let readable = self.saw(Probe::Read) == Some(true);
        // That it answers is all there is to know of the server of a socket.
        let is_known = request.is_socket && (reached || readable);
        let unsent = |probe: Probe| (!is_known && self.saw(probe).is_none()).then_some(probe);
        let crossing = request.plan.kind() != Kind::SameOrigin;
        unsent(Probe::Reach)
            // At the page's own origin it tells whether the server redirects elsewhere.
            .or_else(|| unsent(Probe::Read).filter(|_| reached || crossing))
            .or_else(|| {
                unsent(Probe::Headers).filter(|_| readable && request.plan.request_headers().is_some())
            })
            .or_else(|| unsent(Probe::Upgrade).filter(|_| self.is_mixed() && !reached && !readable))
            .or_else(|| unsent(Probe::Home).filter(|_| !request.online && !reached && !readable))
    }

    /// The verdict, from all that was seen.
    pub(crate) fn decide(&self) -> Diagnosis {
        if let Some(diagnosis) = self.at_once() {
            return diagnosis;
        }
        let Some(request) = &self.request else {
            return diagnosis(Verdict::CannotTell(Unseen::NoRequest), Confidence::Low, Vec::new());
        };
        let reached = self.saw(Probe::Reach) == Some(true) || self.saw(Probe::Read) == Some(true);
        let (verdict, confidence) = match self.probes.is_empty() {
            true => self.guess(request),
            false if reached => self.answered(request),
            false => self.silent(request),
        };
        let mut diagnosis = diagnosis(verdict, confidence, self.seen(request));
        if matches!(diagnosis.verdict, Verdict::BlockedByCors(_)) {
            let with_credentials = request.plan.asked.with_credentials;
            diagnosis.needed_preflight = request.plan.preflight_answer(with_credentials);
            diagnosis.needed_answer = request.plan.answer(with_credentials);
        }
        diagnosis
    }

    /// Nothing was sent: what the address and the browser say may have other causes too.
    fn guess(&self, request: &Failed) -> (Verdict, Confidence) {
        match () {
            () if self.local_denied => (Verdict::LocalNetworkAccess, Confidence::Likely),
            () if self.bad_port().is_some() => (self.by_address(), Confidence::Likely),
            () if self.is_mixed() => (Verdict::MixedContent, Confidence::Likely),
            () if !request.online => (Verdict::Offline, Confidence::Likely),
            () => (Verdict::CannotTell(Unseen::NotProbed), Confidence::Low),
        }
    }

    /// No probe was answered.
    fn silent(&self, request: &Failed) -> (Verdict, Confidence) {
        let nothing_at_home = self.saw(Probe::Home) == Some(false);
        match () {
            () if self.local_denied => (Verdict::LocalNetworkAccess, Confidence::Likely),
            () if self.bad_port().is_some() || self.is_mixed() => (self.by_address(), Confidence::High),
            // A browser without a network still reaches its own machine.
            () if !request.online
                && (nothing_at_home || request.page.is_local() && !request.address.is_local()) =>
            {
                (Verdict::Offline, Confidence::High)
            }
            () if !request.online => (Verdict::Offline, Confidence::Low),
            () if self.isolated => (Verdict::CannotTell(Unseen::Isolated), Confidence::Low),
            () => (Verdict::Unreachable, Confidence::Likely),
        }
    }

    /// A probe was answered.
    fn answered(&self, request: &Failed) -> (Verdict, Confidence) {
        if request.is_socket {
            return (Verdict::NoWebSocket, Confidence::Likely);
        }
        let asked = &request.plan.asked;
        let kind = request.plan.kind();
        let gets = [Method::GET, Method::HEAD].contains(&asked.method);
        if self.saw(Probe::Read) == Some(false) {
            // Only then was the probe the same request: a server may have other rules for the rest.
            let same = gets && kind == Kind::Simple && !asked.with_credentials;
            let part = if kind == Kind::SameOrigin { Blocked::Redirect } else { Blocked::Origin };
            let confidence = if same { Confidence::High } else { Confidence::Likely };
            return (Verdict::BlockedByCors(part), confidence);
        }
        let (part, confidence) = match () {
            () if kind == Kind::SameOrigin => return (Verdict::Interrupted, Confidence::Likely),
            () if self.saw(Probe::Headers) == Some(false) => (Blocked::Preflight, Confidence::Likely),
            () if !is_safelisted(&asked.method) => (Blocked::Method, Confidence::Likely),
            () if asked.with_credentials => (Blocked::Credentials, Confidence::Likely),
            () if kind == Kind::Preflighted && self.saw(Probe::Headers).is_none() => {
                (Blocked::Preflight, Confidence::Low)
            }
            () if gets => return (Verdict::Interrupted, Confidence::Likely),
            () => (Blocked::Answer, Confidence::Low),
        };
        (Verdict::BlockedByCors(part), confidence)
    }

    fn by_address(&self) -> Verdict {
        self.bad_port().map_or(Verdict::MixedContent, Verdict::BadPort)
    }

    /// A page that came from such a port is in a browser that allows it.
    fn bad_port(&self) -> Option<u16> {
        let request = self.request.as_ref().filter(|request| request.plan.kind() != Kind::SameOrigin)?;
        request.address.port.filter(|port| is_bad_port(*port))
    }

    fn is_mixed(&self) -> bool {
        self.request.as_ref().is_some_and(|request| {
            let upgraded = self.saw(Probe::Upgrade) == Some(true);
            request.address.is_mixed_in(&request.page) && !upgraded
        })
    }

    fn saw(&self, probe: Probe) -> Option<bool> {
        self.probes.iter().find(|(sent, _)| *sent == probe).map(|(_, answered)| *answered)
    }

    fn seen(&self, request: &Failed) -> Vec<Evidence> {
        let mut evidence = vec![Evidence::Online(request.online)];
        evidence.extend((self.bad_port().is_some() || self.is_mixed()).then_some(Evidence::Address));
        evidence.extend(self.local_denied.then_some(Evidence::LocalNetworkNotAllowed));
        evidence.extend(self.isolated.then_some(Evidence::Isolated));
        evidence.extend(self.probes.iter().map(|(probe, answered)| Evidence::Probe(*probe, *answered)));
        evidence
    }
}

impl Address {
    /// The hosts that a browser takes for its own machine:
    /// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>.
    pub(crate) fn is_loopback(&self) -> bool {
        let mut host = self.host.as_bytes();
        while let [rest @ .., b'.'] = host {
            host = rest;
        }
        host == b"localhost"
            || host == b"[::1]"
            || host.ends_with(b".localhost")
            || self.ipv4().is_some_and(|address| address.is_loopback())
    }

    /// Whether this is an address of the own machine or a private network, as far as the name shows. Plain `http` to
    /// these is left alone where [local network access](https://wicg.github.io/local-network-access/#mixed-content) is
    /// asked for.
    pub(crate) fn is_local(&self) -> bool {
        let is_private = |address: Ipv4Addr| {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && second & 0xc0 == 64;
            address.is_private() || address.is_link_local() || address.is_unspecified() || is_shared
        };
        // Unique local and link-local addresses.
        let is_local = |group: u32| group & 0xfe00 == 0xfc00 || group & 0xffc0 == 0xfe80;
        self.is_loopback()
            || self.host.as_bytes().ends_with(b".local")
            || self.ipv4().is_some_and(is_private)
            || self.ipv6_group().is_some_and(is_local)
    }

    /// Whether a browser takes a request of this address, by that page, for
    /// [mixed content](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch).
    pub(crate) fn is_mixed_in(&self, page: &Address) -> bool {
        !page.is_plain && self.is_plain && !self.is_local()
    }

    /// The host as an address, which the URL parser has checked and put into its one form. So that is read plainly: the
    /// parser of the standard library is 2 kB.
    fn ipv4(&self) -> Option<Ipv4Addr> {
        let (mut address, mut part) = (0, 0);
        for byte in self.host.bytes() {
            match byte {
                b'0'..=b'9' => part = u32::wrapping_mul(part, 10).wrapping_add(u32::from(byte - b'0')),
                b'.' => (address, part) = (address << 8 | part, 0),
                _ => return None,
            }
        }
        (!self.host.is_empty()).then(|| Ipv4Addr::from_bits(address << 8 | part))
    }

    /// The first group of an IPv6 address.
    fn ipv6_group(&self) -> Option<u32> {
        let digits = self.host.as_bytes().strip_prefix(b"[")?.split(|byte| *byte == b':').next()?;
        digits.iter().try_fold(0, |group, digit| Some(group << 4 | char::from(*digit).to_digit(16)?))
    }
}

fn diagnosis(verdict: Verdict, confidence: Confidence, evidence: Vec<Evidence>) -> Diagnosis {
    let (needed_preflight, needed_answer) = (Vec::new(), Vec::new());
    Diagnosis { verdict, confidence, evidence, needed_preflight, needed_answer }
}

/// <https://fetch.spec.whatwg.org/#bad-port>
pub(crate) fn is_bad_port(port: u16) -> bool {
    BAD_PORTS.contains(&port)
}

const BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests;
