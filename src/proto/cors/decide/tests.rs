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
    let address = |host: &str| Address { is_plain: false, host: host.to_owned(), port: None };
    let plan = asked.plan(OWN, false);
    let (address, page) = (address("api.example"), address("app.example"));
    let failed = Failed { plan, online: true, address, page, is_socket: false };
    let mut facts = Facts::new(ErrorKind::Network, Some(failed));
    facts.probing = true;
    facts
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
use Probe::{Headers as AskHeaders, Home, Reach, Read, Upgrade};

const SILENT: [(Probe, bool); 2] = [(Reach, false), (Read, false)];

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
fn what_the_address_says_is_sure_once_nothing_answers() {
    let bad = with(get(), |request| request.address.port = Some(6667));
    let mixed = with(get(), |request| request.address.is_plain = true);
    assert_eq!(probed(bad.clone(), &SILENT), (Verdict::BadPort(6667), High));
    assert_eq!(
        probed(mixed.clone(), &[(Reach, false), (Read, false), (Upgrade, false)]),
        (Verdict::MixedContent, High)
    );
    for mut unprobed in [bad, mixed] {
        unprobed.probing = false;
        assert_eq!(probed(unprobed, &[]).1, Likely);
    }
}

#[test]
fn a_page_from_a_bad_port_is_in_a_browser_that_allows_it() {
    let own = with(get(), |request| {
        request.address.port = Some(6667);
        request.plan = request.plan.asked.clone().plan(OWN, true);
    });
    assert_eq!(probed(own, &[(Reach, false)]), (Verdict::Unreachable, Likely));
}

#[test]
fn what_the_page_upgrades_is_no_mixed_content() {
    let upgraded = with(get(), |request| request.address.is_plain = true);
    let answers = [(Reach, false), (Read, false), (Upgrade, true)];
    assert_eq!(probed(upgraded, &answers), (Verdict::Unreachable, Likely));
}

#[test]
fn plain_http_to_the_own_machine_or_network_or_from_a_plain_page_is_no_mixed_content() {
    for host in ["127.0.0.1", "192.168.1.1", "printer.local"] {
        let mut local = with(get(), |request| request.address.is_plain = true);
        local.request.as_mut().expect("a request").address.host = host.to_owned();
        assert_eq!(probed(local.clone(), &SILENT), (Verdict::Unreachable, Likely));
        local.local_denied = true;
        assert_eq!(probed(local, &SILENT), (Verdict::LocalNetworkAccess, Likely));
    }
    let plain = |request: &mut Failed| {
        request.address.is_plain = true;
        request.page.is_plain = true;
    };
    assert_eq!(probed(with(get(), plain), &SILENT), (Verdict::Unreachable, Likely));
}

#[test]
fn a_reported_violation_is_sure_if_it_names_the_address() {
    for (exactly, confidence) in [(true, High), (false, Likely)] {
        let mut facts = get();
        facts.violation = Some(Violated { directive: "connect-src".to_owned(), exactly });
        let verdict = Verdict::BlockedByCsp { directive: "connect-src".to_owned() };
        assert_eq!(probed(facts, &[]), (verdict, confidence));
    }
}

#[test]
fn offline_is_sure_once_nothing_answers_and_on_the_own_machine_never_but_with_all_of_it_silent() {
    let offline = with(get(), |request| request.online = false);
    let mut unprobed = offline.clone();
    unprobed.probing = false;
    assert_eq!(unprobed.decide().confidence, Likely);
    let silent = |home| [(Reach, false), (Read, false), (Home, home)];
    assert_eq!(probed(offline.clone(), &silent(false)), (Verdict::Offline, High));
    assert_eq!(probed(offline.clone(), &silent(true)), (Verdict::Offline, Low));
    let from_here = with(offline.clone(), |request| request.page.host = "localhost".to_owned());
    assert_eq!(probed(from_here.clone(), &silent(true)), (Verdict::Offline, High));
    let within = with(from_here, |request| request.address.host = "127.0.0.1".to_owned());
    assert_eq!(probed(within.clone(), &silent(true)), (Verdict::Offline, Low));
    // An answer says more than the browser's own opinion.
    assert_eq!(
        probed(within, &[(Reach, true), (Read, false)]),
        (Verdict::BlockedByCors(Blocked::Origin), High)
    );
}

#[test]
fn without_a_probe_nothing_else_is_told() {
    let mut facts = get();
    facts.probing = false;
    let diagnosis = facts.decide();
    assert_eq!(diagnosis.verdict, Verdict::CannotTell(Unseen::NotProbed));
    assert!(diagnosis.needed_answer.is_empty());
}

#[test]
fn a_server_without_cors_is_sure_only_where_the_probe_was_the_same_request() {
    let hidden = [(Reach, true), (Read, false)];
    let origin = Verdict::BlockedByCors(Blocked::Origin);
    assert_eq!(probed(get(), &hidden), (origin.clone(), High));
    // Another method, a token or cookies may have met other rules: a 401 without CORS lines, say.
    for facts in
        [facts("POST", &[], false), facts("GET", &[("authorization", "t")], false), facts("GET", &[], true)]
    {
        assert_eq!(probed(facts, &hidden), (origin.clone(), Likely));
    }
}

#[test]
fn all_the_lines_that_cors_needs_are_named() {
    let mut facts = facts("PUT", &[("x-any", "1")], true);
    facts.probes = vec![(Reach, true), (Read, false)];
    let diagnosis = facts.decide();
    let text = diagnosis.to_string();
    for line in [
        "Access-Control-Allow-Origin: https://app.example",
        "Access-Control-Allow-Credentials: true",
        "Access-Control-Allow-Methods: PUT",
        "Access-Control-Allow-Headers: x-any",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(diagnosis.needed_answer.iter().any(|line| line.name == "Vary" && line.optional));
}

#[test]
fn the_part_of_cors_is_told_as_far_as_it_shows() {
    let reached = [(Reach, true), (Read, true)];
    let asked = |headers| [(Reach, true), (Read, true), (AskHeaders, headers)];
    let own_header = [("x-any", "1")];
    let listening = with(facts("POST", &[], false), |request| {
        let mut asked = request.plan.asked.clone();
        asked.upload_events = true;
        request.plan = asked.plan(OWN, false);
    });
    for (facts, answers, part, confidence) in [
        (facts("GET", &own_header, false), &asked(false)[..], Blocked::Preflight, Likely),
        (facts("PUT", &own_header, false), &asked(true)[..], Blocked::Method, Likely),
        (facts("PUT", &[], false), &reached[..], Blocked::Method, Likely),
        (facts("PUT", &[], true), &reached[..], Blocked::Method, Likely),
        (facts("GET", &[], true), &reached[..], Blocked::Credentials, Likely),
        (facts("GET", &own_header, true), &asked(true)[..], Blocked::Credentials, Likely),
        (listening, &reached[..], Blocked::Preflight, Low),
        (facts("POST", &[], false), &reached[..], Blocked::Answer, Low),
        (facts("POST", &own_header, false), &asked(true)[..], Blocked::Answer, Low),
    ] {
        assert_eq!(probed(facts, answers), (Verdict::BlockedByCors(part), confidence));
    }
}

#[test]
fn what_the_probes_met_no_trouble_with_broke_off() {
    let broke_off = (Verdict::Interrupted, Likely);
    assert_eq!(probed(get(), &[(Reach, true), (Read, true)]), broke_off);
    let asked = facts("GET", &[("authorization", "t")], false);
    assert_eq!(probed(asked, &[(Reach, true), (Read, true), (AskHeaders, true)]), broke_off);
    let own = with(get(), |request| request.plan = request.plan.asked.clone().plan(OWN, true));
    assert_eq!(probed(own.clone(), &[(Reach, true), (Read, true)]), broke_off);
    let redirected = (Verdict::BlockedByCors(Blocked::Redirect), Likely);
    assert_eq!(probed(own, &[(Reach, true), (Read, false)]), redirected);
}

#[test]
fn silence_is_told_by_what_else_is_known() {
    assert_eq!(probed(get(), &SILENT), (Verdict::Unreachable, Likely));
    let mut isolated = get();
    isolated.isolated = true;
    assert_eq!(probed(isolated, &SILENT), (Verdict::CannotTell(Unseen::Isolated), Low));
}

#[test]
fn nothing_shows_the_value_of_a_header() {
    let request = facts("GET", &[("x-session", "s3cret")], false).request.expect("a request");
    let text = format!("{:?} {}", request.plan, request.plan);
    assert!(!text.contains("s3cret") && text.contains("x-session"), "{text}");
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
