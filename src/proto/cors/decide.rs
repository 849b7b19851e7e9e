//! From what was seen to a verdict.

use std::net::IpAddr;

use super::plan::is_safelisted;
use super::verdict::{Blocked, Confidence, Diagnosis, Evidence, Probe, Unseen, Verdict};
use super::{Kind, Plan};
use crate::error::ErrorKind;
use crate::proto::method::Method;

/// Everything that can be known of a failed request.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) kind: ErrorKind,
    /// The request, unless the error comes from none.
    pub(crate) request: Option<Failed>,
    /// The directive that the page's policy was violated in, at this address and time.
    pub(crate) violation: Option<String>,
    /// Whether requests to the local network are denied to this page, and the address is there.
    pub(crate) local_denied: bool,
    pub(crate) isolated: bool,
    /// The probes that were sent, and whether they were answered.
    pub(crate) probes: Vec<(Probe, bool)>,
}

/// What is known of the request that failed.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) plan: Plan,
    pub(crate) online: bool,
    pub(crate) address: Address,
    /// Whether the page came over https.
    pub(crate) secure_page: bool,
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
        Facts { kind, request, violation: None, local_denied: false, isolated: false, probes: Vec::new() }
    }

    /// What is sure without a probe; `None` where one may tell.
    pub(crate) fn at_once(&self) -> Option<Diagnosis> {
        let told = |verdict| Some(sure(verdict, vec![Evidence::ErrorKind]));
        match self.kind {
            ErrorKind::Network => {}
            ErrorKind::Timeout(phase) => return told(Verdict::TimedOut(phase)),
            ErrorKind::Aborted(by) => return told(Verdict::Aborted(by)),
            kind => return told(Verdict::Told(kind)),
        }
        let Some(request) = &self.request else {
            return Some(unsure(Verdict::CannotTell(Unseen::NoRequest), Confidence::Low, Vec::new()));
        };
        let address = &request.address;
        if let Some(port) = address.port.filter(|port| is_bad_port(*port)) {
            return Some(sure(Verdict::BadPort(port), vec![Evidence::Address]));
        }
        if let Some(directive) = &self.violation {
            let verdict = Verdict::BlockedByCsp { directive: directive.clone() };
            return Some(sure(verdict, vec![Evidence::Violation(directive.clone())]));
        }
        if request.secure_page
            && address.is_plain
            && !address.is_loopback()
            && self.saw(Probe::Reach) != Some(true)
        {
            return Some(sure(Verdict::MixedContent, self.seen(vec![Evidence::Address])));
        }
        // A browser without a network still reaches its own machine.
        (!request.online && !address.is_loopback())
            .then(|| sure(Verdict::Offline, vec![Evidence::Online(false)]))
    }

    /// The probes that may tell more, in their order; each depends on what the last one saw.
    pub(crate) fn next_probe(&self) -> Option<Probe> {
        let request = self.request.as_ref()?;
        let unsent = |probe: Probe| self.saw(probe).is_none().then_some(probe);
        let crossing = request.plan.kind() != Kind::SameOrigin;
        let readable = self.saw(Probe::Read) == Some(true);
        // Whoever answers at all is all there is to know of a socket's server.
        let known = request.is_socket && self.saw(Probe::Reach) == Some(true);
        unsent(Probe::Reach)
            .or_else(|| unsent(Probe::Read).filter(|_| crossing && !known))
            .or_else(|| {
                unsent(Probe::Headers)
                    .filter(|_| readable && !request.is_socket && request.plan.request_headers().is_some())
            })
            .or_else(|| {
                unsent(Probe::Home).filter(|_| !request.online && self.saw(Probe::Reach) == Some(false))
            })
    }

    /// The verdict, from all that was seen.
    pub(crate) fn decide(&self) -> Diagnosis {
        if let Some(diagnosis) = self.at_once() {
            return diagnosis;
        }
        let Some(request) = &self.request else {
            return unsure(Verdict::CannotTell(Unseen::NoRequest), Confidence::Low, Vec::new());
        };
        let evidence = self.seen(vec![Evidence::Online(request.online)]);
        let reached = self.saw(Probe::Reach) == Some(true) || self.saw(Probe::Read) == Some(true);
        let (verdict, confidence) = match () {
            () if self.probes.is_empty() && !request.online => (Verdict::Offline, Confidence::Likely),
            () if self.probes.is_empty() => (Verdict::CannotTell(Unseen::NotProbed), Confidence::Low),
            () if reached && !request.online => (Verdict::Offline, Confidence::Likely),
            () if reached && request.is_socket => (Verdict::NoWebSocket, Confidence::Likely),
            () if reached && request.plan.kind() == Kind::SameOrigin => {
                (Verdict::Interrupted, Confidence::Likely)
            }
            () if reached => self.blocked(request),
            () if self.saw(Probe::Home) == Some(false) => (Verdict::Offline, Confidence::High),
            () if !request.online => (Verdict::Offline, Confidence::Low),
            () if self.local_denied => (Verdict::LocalNetworkAccess, Confidence::Likely),
            () if self.isolated => (Verdict::CannotTell(Unseen::Isolated), Confidence::Low),
            () => (Verdict::Unreachable, Confidence::Likely),
        };
        let mut diagnosis = unsure(verdict, confidence, evidence);
        if let Verdict::BlockedByCors(part) = diagnosis.verdict {
            diagnosis.missing = missing(part, request);
        }
        diagnosis
    }

    /// Of a request across origins whose server answers.
    fn blocked(&self, request: &Failed) -> (Verdict, Confidence) {
        // A server may serve GET and refuse HEAD, or have other rules for POST: only the same method proves.
        let same_method = [Method::GET, Method::HEAD].contains(&request.plan.asked.method);
        if self.saw(Probe::Read) == Some(false) {
            let confidence = if same_method { Confidence::High } else { Confidence::Likely };
            return (Verdict::BlockedByCors(Blocked::Origin), confidence);
        }
        let preflighted = request.plan.kind() == Kind::Preflighted;
        match (preflighted, request.plan.asked.with_credentials) {
            (true, _) if self.saw(Probe::Headers) == Some(false) => {
                (Verdict::BlockedByCors(Blocked::PreflightHeaders), Confidence::High)
            }
            (true, credentials) => {
                // The headers pass, and so would GET, HEAD and POST.
                let method_only = !is_safelisted(&request.plan.asked.method);
                let part = match (method_only, credentials) {
                    (true, true) => Blocked::PreflightOrCredentials,
                    (false, true) => Blocked::Credentials,
                    (_, false) => Blocked::Preflight,
                };
                (Verdict::BlockedByCors(part), Confidence::Likely)
            }
            (false, true) => (Verdict::BlockedByCors(Blocked::Credentials), Confidence::Likely),
            (false, false) => (Verdict::Interrupted, Confidence::Likely),
        }
    }

    fn saw(&self, probe: Probe) -> Option<bool> {
        self.probes.iter().find(|(sent, _)| *sent == probe).map(|(_, answered)| *answered)
    }

    fn seen(&self, mut evidence: Vec<Evidence>) -> Vec<Evidence> {
        evidence.extend(self.local_denied.then_some(Evidence::PermissionDenied));
        evidence.extend(self.isolated.then_some(Evidence::Isolated));
        evidence.extend(self.probes.iter().map(|(probe, answered)| Evidence::Probe(*probe, *answered)));
        evidence
    }
}

impl Address {
    /// The hosts that every browser takes for its own machine, where plain `http` is no mixed content:
    /// <https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy>.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host.trim_end_matches('.');
        host == "localhost"
            || host.ends_with(".localhost")
            || self.ip().is_some_and(|address| address.is_loopback())
    }

    /// Whether this is an address of the own machine or a private network, as far as the name shows.
    pub(crate) fn is_local(&self) -> bool {
        let is_private = |address: IpAddr| match address {
            IpAddr::V4(address) => address.is_private() || address.is_link_local(),
            IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
        };
        self.is_loopback() || self.host.ends_with(".local") || self.ip().is_some_and(is_private)
    }

    fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

fn missing(part: Blocked, request: &Failed) -> Vec<super::Line> {
    let credentials = request.plan.asked.with_credentials;
    match part {
        Blocked::Origin | Blocked::Credentials => request.plan.answer(credentials),
        _ => request.plan.preflight_answer(credentials),
    }
}

fn sure(verdict: Verdict, evidence: Vec<Evidence>) -> Diagnosis {
    unsure(verdict, Confidence::High, evidence)
}

fn unsure(verdict: Verdict, confidence: Confidence, evidence: Vec<Evidence>) -> Diagnosis {
    Diagnosis { verdict, confidence, evidence, missing: Vec::new() }
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
