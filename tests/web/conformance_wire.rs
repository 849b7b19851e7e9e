//! Connections that break, answers that are no good HTTP, and what holds a request up: what engines make of them.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use pagewire::http::{self, Event, Retry};
use pagewire::{AbortedBy, ErrorKind, Phase, stream};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, body, encoded, engine, order, preflights, requests, run};
use crate::shared::{Entry, Wire, evaluate, sleep, within};

type Change = fn(http::Request) -> http::Request;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn quick() -> Retry {
    Retry::new().backoff(ms(20), ms(40))
}

/// The query of an answer of exactly these bytes: each character is the byte of its number.
fn sends(answer: &str) -> String {
    format!("send={}", encoded(answer))
}

/// A readable answer with these lines in its head and this body, after which the connection ends.
fn answer(lines: &str, body: &str) -> String {
    sends(&format!(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nTiming-Allow-Origin: *\r\n{lines}\r\n{body}"
    ))
}

/// A wire whose connection to the server has carried a request already, and is open.
async fn used() -> Wire {
    let wire = Wire::new().await;
    http::get(wire.url("/status/200")).await.unwrap();
    wire
}

fn to<'a>(entries: &'a [Entry], path: &str) -> Vec<&'a Entry> {
    requests(entries).into_iter().filter(|entry| entry.path == path).collect()
}

// Connections. "A user agent MUST NOT automatically retry a request with a non-idempotent method unless it has some
// means to know": https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2

#[wasm_bindgen_test]
async fn a_post_that_an_open_connection_swallows_is_sent_again_by_the_browser_but_in_webkit() {
    let wire = used().await;
    let response = http::post(wire.url("/raw?times=1")).body("once").await;
    let entries = wire.entries().await;
    let sent = to(&entries, "/raw");
    assert!(sent.iter().all(|entry| body(entry) == "once"));
    if engine().await == Engine::WebKit {
        assert!(response.unwrap_err().is_network());
        assert_eq!(sent.len(), 1);
        return;
    }
    let response = response.unwrap();
    // Nothing tells the page: to it, this was one request.
    assert_eq!((response.status(), response.attempts()), (200, 1));
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0].client_port, sent[1].client_port);
}

#[wasm_bindgen_test]
async fn what_every_connection_swallows_is_a_network_error_after_as_many_sends_as_the_engine_likes() {
    for method in ["GET", "POST"] {
        let wire = used().await;
        let error = http::request(method, wire.url("/raw")).await.unwrap_err();
        assert!(error.is_network() && error.attempts() == 1, "{error}");
        let times = to(&wire.entries().await, "/raw").len();
        if method == "POST" && engine().await == Engine::WebKit {
            assert_eq!(times, 1);
        } else {
            assert!((2..=12).contains(&times), "{method} {times}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_408_is_shown_once_chromium_has_sent_the_request_again() {
    let wire = used().await;
    let response = http::post(wire.url("/status/408")).body("x").await.unwrap();
    assert_eq!((response.status(), response.attempts()), (408, 1));
    let times = to(&wire.entries().await, "/status/408").len();
    assert_eq!(times > 1, engine().await == Engine::Chromium, "{times}");
}

#[wasm_bindgen_test]
async fn a_408_after_more_than_a_second_makes_firefox_send_the_request_again_and_again() {
    let wire = used().await;
    let late = sends("HTTP/1.1 408 Late\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n");
    let url = wire.url(&format!("/raw?send=&pause=1200&{late}"));
    let exchange = http::post(url).body("x").start().unwrap();
    if engine().await == Engine::Firefox {
        wire.when("the third", |entries| to(entries, "/raw").len() == 3).await;
        drop(exchange);
        return;
    }
    assert_eq!(exchange.await.unwrap().status(), 408);
}

// xhr/response-body-errors.any.js
#[wasm_bindgen_test]
async fn a_body_that_breaks_off_is_a_network_error_but_without_a_length_and_in_webkit_in_chunks() {
    for (lines, body, rest) in [
        ("Content-Length: 20\r\n", "0123456789", ""),
        ("Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n", ""),
        ("Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n", "&send=no%20length%0D%0A"),
        ("", "0123456789", "&end=rst"),
    ] {
        let wire = Wire::new().await;
        let answer = answer(&format!("Content-Type: application/octet-stream\r\n{lines}"), body);
        let (response, events) = run(http::get(wire.url(&format!("/raw?pause=300&{answer}{rest}")))).await;
        if lines.contains("chunked") && engine().await == Engine::WebKit {
            assert_eq!(response.unwrap().text().await.unwrap(), "0123456789");
            continue;
        }
        let error = response.unwrap_err();
        assert!(error.is_network() && error.status().is_none(), "{lines} {error}");
        let names = order(&events);
        assert!(names.contains(&"Progress".to_owned()), "{lines} {names:?}");
        assert_eq!(names[names.len() - 3..], ["state 4", "Error", "LoadEnd"], "{lines}");
    }
    let wire = Wire::new().await;
    let cut = http::get(wire.url(&format!("/raw?{}", answer("", "0123456789")))).await.unwrap();
    assert_eq!(cut.text().await.unwrap(), "0123456789");
}

#[wasm_bindgen_test]
async fn an_upload_that_is_reset_on_its_way_is_a_network_error() {
    let wire = Wire::new().await;
    let request = http::post(wire.url("/raw?read=500000&end=rst")).body(vec![1; 5_000_000]);
    let (response, events) = run(request.upload_events()).await;
    assert!(response.unwrap_err().is_network());
    let names = order(&events);
    assert_eq!(names[names.len() - 5..], ["state 4", "upload Error", "upload LoadEnd", "Error", "LoadEnd"]);
    let entries = wire.entries().await;
    assert!(requests(&entries).iter().all(|entry| entry.body.as_ref().unwrap().length < 5_000_000));
}

// Heads and bodies, byte by byte

// xhr/headers-normalize-response.htm, fetch/api/cors/cors-multiple-origins.sub.any.js
#[wasm_bindgen_test]
async fn a_nul_in_a_header_two_lengths_and_two_allowed_origins_are_network_errors() {
    for lines in
        ["X-A: a\0b\r\n", "Content-Length: 2\r\nContent-Length: 3\r\n", "access-control-allow-origin: *\r\n"]
    {
        let wire = Wire::new().await;
        let error = http::get(wire.url(&format!("/raw?{}", answer(lines, "ok")))).await.unwrap_err();
        assert!(error.is_network(), "{lines}: {error}");
        assert_eq!(requests(&wire.entries().await)[0].status, Some(200));
    }
}

// xhr/getresponseheader.any.js
#[wasm_bindgen_test]
async fn the_same_length_twice_is_told_twice_but_in_firefox() {
    let wire = Wire::new().await;
    let twice = answer("Content-Length: 2\r\nContent-Length: 2\r\n", "ok");
    let response = http::get(wire.url(&format!("/raw?{twice}"))).await.unwrap();
    let told = if engine().await == Engine::Firefox { "2" } else { "2, 2" };
    assert_eq!(response.header("content-length"), Some(told));
    assert_eq!(response.text().await.unwrap(), "ok");
}

// xhr/responsetext-decoding.htm: https://encoding.spec.whatwg.org/#decode
#[wasm_bindgen_test]
async fn a_mark_decides_before_the_charset_and_what_is_invalid_is_replaced() {
    let wire = Wire::new().await;
    let get = async |hex: &str, kind: &str| {
        let kind = encoded(kind);
        let url = wire.url(&format!("/status/200?hex={hex}&header=Content-Type:{kind}"));
        http::get(url).await.unwrap()
    };
    for (hex, kind, text) in [
        ("6100e900", "text/plain;charset=utf-16le", "aé"),
        ("6100e900", "text/plain;charset=utf-16", "aé"),
        ("006100e9", "text/plain;charset=utf-16be", "aé"),
        ("fffe6100e900", "text/plain", "aé"),
        ("feff006100e9", "text/plain;charset=utf-16le", "aé"),
        ("efbbbfc3a9", "text/plain;charset=utf-16le", "é"),
        ("fffe3dd800de", "text/plain;charset=utf-8", "😀"),
        ("610000d8620063", "text/plain;charset=utf-16le", "a\u{fffd}b\u{fffd}"),
        ("61ffe282c3a9", "text/plain;charset=utf-8", "a\u{fffd}\u{fffd}é"),
        ("61eda080", "text/plain", "a\u{fffd}\u{fffd}\u{fffd}"),
    ] {
        assert_eq!(get(hex, kind).await.text().await.unwrap(), text, "{hex} as {kind}");
    }
    let json = get("fffe37000000", "application/json;charset=utf-16le").await;
    assert!(json.json::<u32>().await.unwrap_err().is_decode());
}

// https://mimesniff.spec.whatwg.org/#reading-the-resource-header
#[wasm_bindgen_test]
async fn a_slow_text_is_seen_as_it_comes_and_in_chromium_only_if_its_type_is_not_to_be_guessed() {
    for (nosniff, seen) in [("yes", true), ("no", engine().await != Engine::Chromium)] {
        let wire = Wire::new().await;
        let url = wire.url(&format!("/lines?count=0&every=50&nosniff={nosniff}"));
        let exchange = http::get(&*url).start().unwrap();
        let moved = |event: &Event| matches!(event, Event::Download(_, progress) if progress.loaded > 0);
        let first = exchange.events().filter(|event| std::future::ready(moved(event))).into_future();
        assert_eq!(within(1500, first).await.is_some(), seen, "{nosniff}");
        drop(exchange);
        // A stream runs on fetch, which is not held up.
        assert_eq!(stream::lines(&*url).next().await.unwrap().unwrap(), "line 1");
    }
}

// Trying again, and asking again

#[wasm_bindgen_test]
async fn a_server_that_recovers_is_met_again_with_the_attempts_counted_and_its_wait_kept() {
    let wire = Wire::new().await;
    let url = wire.url("/flaky?fails=2&retry_after=1&text=at%20last");
    let response = http::get(url).retry(quick()).await.unwrap();
    assert_eq!((response.status(), response.attempts()), (200, 3));
    assert_eq!(response.text().await.unwrap(), "at last");
    let times: Vec<_> = wire.entries().await.iter().map(|entry| entry.started_ms).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 900), "{times:?}");
}

#[wasm_bindgen_test]
async fn a_download_that_breaks_off_is_tried_again_until_it_is_whole() {
    let wire = Wire::new().await;
    let cut = answer("Content-Length: 20\r\n", "0123456789");
    let response = http::get(wire.url(&format!("/raw?times=2&{cut}"))).retry(quick()).await.unwrap();
    assert_eq!((response.status(), response.attempts()), (200, 3));
    assert_eq!(requests(&wire.entries().await).len(), 3);
}

#[wasm_bindgen_test]
async fn a_resource_is_polled_by_its_tag_and_read_only_when_it_changed() {
    let wire = Wire::new().await;
    let mut tag = String::new();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let request = http::get(wire.url("/versions?each=2")).header("if-none-match", &tag);
        let response = request.await.unwrap();
        tag = response.header("etag").unwrap().to_owned();
        seen.push((response.status(), response.text().await.unwrap()));
    }
    let seen: Vec<_> = seen.iter().map(|(status, text)| (*status, text.as_str())).collect();
    let new = |text| (200, text);
    assert_eq!(seen, [new("version 1"), (304, ""), new("version 2"), (304, ""), new("version 3")]);
}

// Held up

/// Nothing follows the preflight, not even where it outlives its request.
async fn only_preflighted(wire: &Wire) {
    let ended = |entry: &Entry| entry.ended.is_some();
    let entries = wire.when("the end of the preflight", |entries| entries.iter().any(ended)).await;
    let cut = entries[0].ended.as_ref().unwrap().how == "disconnected";
    assert_eq!(cut, engine().await != Engine::Chromium);
    sleep(200).await;
    let entries = wire.entries().await;
    assert_eq!((preflights(&entries), requests(&entries).len()), (1, 0));
}

// xhr/timeout-multiple-fetches.html
#[wasm_bindgen_test]
async fn a_preflight_that_is_held_can_be_aborted_and_counts_towards_every_limit() {
    let put = |wire: &Wire| http::put(wire.url("/echo?preflight_hold=1500")).body("x");
    let wire = Wire::new().await;
    let mut exchange = put(&wire).start().unwrap();
    wire.when("the preflight", |entries| entries.len() == 1).await;
    exchange.abort();
    assert_eq!(exchange.await.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
    only_preflighted(&wire).await;
    let limits: [(Phase, Change); 2] = [
        (Phase::Total, |request| request.timeout(ms(400))),
        (Phase::Idle, |request| request.idle_timeout(ms(400))),
    ];
    for (phase, with) in limits {
        let wire = Wire::new().await;
        let outcome = within(4000, with(put(&wire))).await.expect("a limit must end it");
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout(phase));
        only_preflighted(&wire).await;
    }
}

#[wasm_bindgen_test]
async fn neither_a_preflight_nor_a_redirect_starts_the_total_limit_again() {
    let wire = Wire::new().await;
    let redirected = http::get(wire.url("/redirect?hold=600&to=/delay/600%3Fcors=on"));
    let preflighted = http::put(wire.url("/delay/600?preflight_hold=600")).body("x");
    for request in [redirected, preflighted] {
        let error = request.timeout(ms(900)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Total));
    }
    assert_eq!(wire.entries().await.len(), 3);
}

// fetch/api/cors/cors-preflight-redirect.any.js
#[wasm_bindgen_test]
async fn a_preflight_that_is_redirected_fails_the_request() {
    for status in [301, 302, 307] {
        let wire = Wire::new().await;
        let target = encoded(&wire.url("/echo"));
        let url = wire.url(&format!("/status/200?preflight={status}&header=Location:{target}"));
        assert!(http::put(url).body("x").await.unwrap_err().is_network(), "{status}");
        let entries = wire.entries().await;
        assert_eq!((entries.len(), entries[0].method.as_str()), (1, "OPTIONS"), "{status}");
    }
}

// A document that goes away

/// Starts a request with the XMLHttpRequest of a frame, and then does `end` to the `frame`.
async fn outlive(end: &str, wire: &Wire) -> Option<ErrorKind> {
    let frame = "self.frame = document.body.appendChild(document.createElement('iframe'));
        self.kept = self.XMLHttpRequest;
        self.XMLHttpRequest = frame.contentWindow.XMLHttpRequest;";
    evaluate(frame).await.unwrap();
    let exchange = http::get(wire.url("/delay/9000")).start();
    evaluate("self.XMLHttpRequest = self.kept").await.unwrap();
    wire.when("the request", |entries| !entries.is_empty()).await;
    evaluate(end).await.unwrap();
    let outcome = within(1000, exchange.unwrap()).await;
    evaluate("self.frame.remove()").await.unwrap();
    outcome.map(|outcome| outcome.expect_err("nothing came that could be a success").kind())
}

// https://html.spec.whatwg.org/#abort-a-document
#[wasm_bindgen_test]
async fn what_ends_with_its_document_is_never_a_success_and_aborted_by_the_browser_where_it_says_so() {
    let aborted = Some(ErrorKind::Aborted(AbortedBy::Browser));
    let (navigated, removed): (&[_], &[_]) = match engine().await {
        Engine::Chromium => (&[None], &[None]),
        // On a navigation it fires `loadend` and nothing before.
        Engine::Firefox => (&[aborted], &[None]),
        // It says nothing, or that the network failed.
        Engine::WebKit => (&[None, Some(ErrorKind::Network)], &[None, Some(ErrorKind::Network)]),
    };
    for (end, expected) in
        [("frame.contentWindow.location = '/test-server.txt'", navigated), ("frame.remove()", removed)]
    {
        let wire = Wire::new().await;
        let outcome = outlive(end, &wire).await;
        assert!(expected.contains(&outcome), "{end}: {outcome:?}");
        wire.disconnected().await;
    }
}

/// The one that the server gets first waits a second for its first byte, and has a body; the other has neither.
async fn timings_are_their_own(exchanges: [http::Exchange; 2], may_be_none: bool) {
    for response in join_all(exchanges).await {
        let response = response.unwrap();
        let timing = response.timing().await;
        assert!(may_be_none || timing.is_some());
        let is_slow = response.text().await.unwrap() == "slow";
        let waited = timing.map(|timing| timing.first_byte.unwrap() > ms(900));
        assert!(waited.is_none_or(|waited| waited == is_slow), "{is_slow} {timing:?}");
    }
}

// https://w3c.github.io/resource-timing/
#[wasm_bindgen_test]
async fn two_requests_of_one_url_are_each_told_their_own_timing_and_begun_together_theirs_or_none() {
    let slow = answer("Content-Length: 4\r\n", "slow");
    for apart in [true, false] {
        let wire = Wire::new().await;
        let url = wire.url(&format!("/raw?send=&pause=1000&times=1&{slow}"));
        let start = || http::post(&*url).with_timing().start().unwrap();
        let first = start();
        if apart {
            sleep(500).await;
        }
        timings_are_their_own([first, start()], !apart).await;
    }
}
