//! Claims about verdicts.

use super::*;
use crate::error::{AbortedBy, Phase};
use crate::proto::cors::Asked;
use crate::proto::headers::Headers;

const OWN: &str = "https://app.example";

fn facts(method: &str, headers: &[(&str, &str)], with_credentials: bool) -> Facts {
    let mut list = Headers::new();
    for (name, value) in headers {
        list.push(name, value);
    }
    let asked = Asked {
        method: Method::new(method).expect("a method"),
        headers: list,
        body_type: None,
        text_body: false,
        with_credentials,
        upload_events: false,
        upload_limits: false,
        by_fetch: false,
    };
    let address = Address { is_plain: false, host: "api.example".to_owned(), port: None };
    let plan = asked.plan(OWN, false);
    Facts::new(
        ErrorKind::Network,
        Some(Failed { plan, online: true, address, secure_page: true, is_socket: false }),
    )
}

fn get() -> Facts {
    facts("GET", &[], false)
}

fn with(mut facts: Facts, change: fn(&mut Failed)) -> Facts {
    change(facts.request.as_mut().expect("a request"));
    facts
}

/// Answers the probes as they are asked for, and gives the verdict.
fn probed(mut facts: Facts, answers: &[(Probe, bool)]) -> (Verdict, Confidence) {
    let mut sent = Vec::new();
    while facts.at_once().is_none()
        && let Some(probe) = facts.next_probe()
    {
        let answer = answers.iter().find(|(known, _)| *known == probe);
        facts.probes.push(*answer.unwrap_or_else(|| panic!("{probe:?} is not expected")));
        sent.push(probe);
    }
    assert_eq!(sent.len(), answers.len(), "{sent:?}");
    let diagnosis = facts.decide();
    (diagnosis.verdict, diagnosis.confidence)
}

use Confidence::{High, Likely, Low};
use Probe::{Headers as AskHeaders, Home, Reach, Read};

#[test]
fn what_the_kind_says_is_sure() {
    for (kind, verdict) in [
        (ErrorKind::Timeout(Phase::Idle), Verdict::TimedOut(Phase::Idle)),
        (ErrorKind::Aborted(AbortedBy::Browser), Verdict::Aborted(AbortedBy::Browser)),
        (ErrorKind::Status(500), Verdict::Told(ErrorKind::Status(500))),
    ] {
        assert_eq!(probed(Facts::new(kind, None), &[]), (verdict, High));
    }
    let lost = Facts::new(ErrorKind::Network, None);
    assert_eq!(probed(lost, &[]).0, Verdict::CannotTell(Unseen::NoRequest));
}

#[test]
fn what_the_address_says_needs_no_probe() {
    let bad = with(get(), |request| request.address.port = Some(6667));
    assert_eq!(probed(bad, &[]), (Verdict::BadPort(6667), High));
    let mixed = with(get(), |request| request.address.is_plain = true);
    assert_eq!(probed(mixed, &[]), (Verdict::MixedContent, High));
}

#[test]
fn plain_http_on_the_own_machine_or_from_a_plain_page_is_no_mixed_content() {
    let own = |request: &mut Failed| {
        request.address = Address { is_plain: true, host: "127.0.0.1".to_owned(), port: Some(80) };
    };
    assert_eq!(probed(with(get(), own), &[(Reach, false), (Read, false)]), (Verdict::Unreachable, Likely));
    let plain = |request: &mut Failed| {
        request.address.is_plain = true;
        request.secure_page = false;
    };
    assert_eq!(probed(with(get(), plain), &[(Reach, false), (Read, false)]), (Verdict::Unreachable, Likely));
}

#[test]
fn a_reported_violation_is_sure() {
    let mut facts = get();
    facts.violation = Some("connect-src".to_owned());
    assert_eq!(probed(facts, &[]), (Verdict::BlockedByCsp { directive: "connect-src".to_owned() }, High));
}

#[test]
fn without_a_network_it_is_offline_but_on_the_own_machine_only_if_nothing_answers() {
    assert_eq!(probed(with(get(), |request| request.online = false), &[]), (Verdict::Offline, High));
    let own = |request: &mut Failed| {
        request.online = false;
        request.address.host = "localhost".to_owned();
    };
    let own = with(get(), own);
    assert_eq!(own.decide().confidence, Likely);
    assert_eq!(
        probed(own.clone(), &[(Reach, false), (Read, false), (Home, false)]),
        (Verdict::Offline, High)
    );
    assert_eq!(probed(own, &[(Reach, false), (Read, false), (Home, true)]), (Verdict::Offline, Low));
}

#[test]
fn without_a_probe_nothing_else_is_told() {
    let diagnosis = get().decide();
    assert_eq!(diagnosis.verdict, Verdict::CannotTell(Unseen::NotProbed));
    assert!(diagnosis.missing.is_empty());
}

#[test]
fn a_server_without_cors_is_told_with_the_lines_it_lacks() {
    let blocked = (Verdict::BlockedByCors(Blocked::Origin), High);
    assert_eq!(probed(get(), &[(Reach, true), (Read, false)]), blocked);
    let mut facts = get();
    facts.probes = vec![(Reach, true), (Read, false)];
    let text = facts.decide().to_string();
    assert!(text.contains("Access-Control-Allow-Origin: https://app.example"), "{text}");
    // A server may serve GET and know no HEAD.
    let post = facts_of_post();
    assert_eq!(probed(post, &[(Reach, true), (Read, false)]).1, Likely);
}

fn facts_of_post() -> Facts {
    facts("POST", &[], false)
}

#[test]
fn the_part_of_cors_is_told_as_far_as_it_shows() {
    let reached = [(Reach, true), (Read, true)];
    let asked = |headers| [(Reach, true), (Read, true), (AskHeaders, headers)];
    let own_header = [("x-any", "1")];
    for (facts, answers, part, confidence) in [
        (facts("GET", &own_header, false), &asked(false)[..], Blocked::PreflightHeaders, High),
        (facts("PUT", &own_header, false), &asked(true)[..], Blocked::Preflight, Likely),
        (facts("PUT", &[], false), &reached[..], Blocked::Preflight, Likely),
        (facts("GET", &[], true), &reached[..], Blocked::Credentials, Likely),
        (facts("GET", &own_header, true), &asked(true)[..], Blocked::Credentials, Likely),
        (facts("PUT", &[], true), &reached[..], Blocked::PreflightOrCredentials, Likely),
    ] {
        assert_eq!(probed(facts, answers), (Verdict::BlockedByCors(part), confidence));
    }
}

#[test]
fn a_server_that_answers_and_may_be_read_broke_off() {
    assert_eq!(probed(get(), &[(Reach, true), (Read, true)]), (Verdict::Interrupted, Likely));
    let own = with(get(), |request| {
        let asked = request.plan.asked.clone();
        request.plan = asked.plan(OWN, true);
    });
    assert_eq!(probed(own, &[(Reach, true)]), (Verdict::Interrupted, Likely));
}

#[test]
fn silence_is_told_by_what_else_is_known() {
    let silent = [(Reach, false), (Read, false)];
    assert_eq!(probed(get(), &silent), (Verdict::Unreachable, Likely));
    let mut isolated = get();
    isolated.isolated = true;
    assert_eq!(probed(isolated, &silent), (Verdict::CannotTell(Unseen::Isolated), Low));
    let mut denied = get();
    denied.local_denied = true;
    assert_eq!(probed(denied, &silent), (Verdict::LocalNetworkAccess, Likely));
}

#[test]
fn the_hosts_of_the_own_machine_and_network_are_known() {
    let address = |host: &str| Address { is_plain: true, host: host.to_owned(), port: None };
    for host in ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
        assert!(address(host).is_loopback(), "{host}");
    }
    for host in
        ["10.0.0.1", "192.168.1.1", "172.16.0.1", "172.31.0.1", "169.254.1.1", "[fd00::1]", "printer.local"]
    {
        assert!(address(host).is_local() && !address(host).is_loopback(), "{host}");
    }
    for host in
        ["172.32.0.1", "172.15.0.1", "10.example", "example.com", "[2001:db8::1]", "localhost.example"]
    {
        assert!(!address(host).is_local(), "{host}");
    }
}

#[test]
fn a_handshake_that_failed_at_a_server_that_answers_is_no_matter_of_cors() {
    let socket = || with(get(), |failed| failed.is_socket = true);
    let (answered, silent) = (Verdict::NoWebSocket, Verdict::Unreachable);
    assert_eq!(probed(socket(), &[(Reach, true)]), (answered.clone(), Likely));
    let only_read = [(Reach, false), (Read, true)];
    assert_eq!(probed(socket(), &only_read), (answered, Likely));
    let neither = [(Reach, false), (Read, false)];
    assert_eq!(probed(socket(), &neither), (silent, Likely));
}
