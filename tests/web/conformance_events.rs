//! The order of events, and what is left when an exchange ends early: <https://xhr.spec.whatwg.org/#events>.

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::StreamExt;
use pagewire::http::{self, Event, Moment, Progress, ReadyState};
use pagewire::{AbortedBy, ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, encoded, engine, order, requests, run, steps};
use crate::shared::{Wire, evaluate, sleep, within};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The events after the one of this name.
fn after(events: &[Event], name: &str) -> Vec<String> {
    let names = order(events);
    let at = names.iter().position(|known| known == name).unwrap_or_else(|| panic!("{name} in {names:?}"));
    names[at + 1..].to_vec()
}

// xhr/send-no-response-event-order.htm
#[wasm_bindgen_test]
async fn an_empty_answer_has_no_loading_state_and_only_firefox_tells_its_progress() {
    let wire = Wire::new().await;
    let (response, events) = run(http::get(wire.url("/bytes/0"))).await;
    assert!(response.unwrap().bytes().await.unwrap().is_empty());
    let with_progress = ["state 1", "LoadStart", "state 2", "Progress", "state 4", "Load", "LoadEnd"];
    let without = ["state 1", "LoadStart", "state 2", "state 4", "Load", "LoadEnd"];
    match engine().await {
        Engine::Firefox => assert_eq!(order(&events), with_progress),
        Engine::Chromium | Engine::WebKit => assert_eq!(order(&events), without),
    }
}

// xhr/event-error-order.sub.html, xhr/send-network-error-async-events.sub.htm
#[wasm_bindgen_test]
async fn a_failed_upload_ends_before_its_exchange_and_with_no_bytes_at_all() {
    let request = http::post("http://127.0.0.1:9/").body("hello").upload_events();
    let (response, events) = run(request).await;
    assert!(response.unwrap_err().is_network());
    let expected = [
        "state 1",
        "LoadStart",
        "upload LoadStart",
        "state 4",
        "upload Error",
        "upload LoadEnd",
        "Error",
        "LoadEnd",
    ];
    assert_eq!(order(&events), expected);
    for upload in [false, true] {
        for moment in [Moment::Error, Moment::LoadEnd] {
            assert_eq!(steps(&events, moment, upload), [Progress::default()]);
        }
    }
}

// xhr/event-timeout-order.any.js, xhr/send-timeout-events.htm
#[wasm_bindgen_test]
async fn a_timeout_ends_the_upload_first_and_only_chromium_still_says_how_far_it_was() {
    let wire = Wire::new().await;
    let request = http::post(wire.url("/upload?pace=4000000")).body(vec![1_u8; 40_000_000]);
    let (response, events) = run(request.upload_events().timeout(ms(600))).await;
    assert_eq!(response.unwrap_err().kind(), ErrorKind::Timeout(Phase::Total));
    let expected = ["upload Timeout", "upload LoadEnd", "Timeout", "LoadEnd"];
    assert_eq!(after(&events, "state 4"), expected);
    let download = steps(&events, Moment::Timeout, false)[0];
    assert_eq!((download.loaded, download.total), (0, None));
    let upload = steps(&events, Moment::Timeout, true)[0];
    match engine().await {
        Engine::Chromium => assert_eq!((upload.loaded > 0, upload.total), (true, Some(40_000_000))),
        Engine::Firefox | Engine::WebKit => assert_eq!((upload.loaded, upload.total), (0, None)),
    }
    wire.disconnected().await;
}

// xhr/abort-after-send.any.js, xhr/abort-event-order.htm
#[wasm_bindgen_test]
async fn an_abort_straight_after_the_start_goes_through_the_end_of_upload_and_exchange() {
    let wire = Wire::new().await;
    let mut exchange = http::post(wire.url("/delay/5000")).body("hello").upload_events().start().unwrap();
    let events = exchange.events();
    exchange.abort();
    assert_eq!(exchange.ready_state(), ReadyState::Unsent);
    let events: Vec<Event> = events.collect().await;
    assert_eq!(exchange.await.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
    let expected = [
        "state 1",
        "LoadStart",
        "upload LoadStart",
        "state 4",
        "upload Abort",
        "upload LoadEnd",
        "Abort",
        "LoadEnd",
    ];
    assert_eq!(order(&events), expected);
}

/// Aborts on the first arrival in `wanted`, and gives everything that was told.
async fn abort_in(wanted: ReadyState, request: http::Request) -> Vec<Event> {
    let mut exchange = request.start().unwrap();
    let mut stream = exchange.events();
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event);
        if event == Event::ReadyState(wanted) {
            exchange.abort();
        }
    }
    assert_eq!(exchange.ready_state(), ReadyState::Unsent);
    assert_eq!(exchange.await.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
    events
}

// xhr/abort-during-headers-received.window.js, xhr/abort-during-loading.window.js
#[wasm_bindgen_test]
async fn an_abort_once_the_headers_or_the_body_are_here_ends_alike_and_closes_the_connection() {
    for state in [ReadyState::HeadersReceived, ReadyState::Loading] {
        let wire = Wire::new().await;
        let slow = http::get(wire.url("/bytes/10000000?chunk=20000&delay=30"));
        let events = abort_in(state, slow).await;
        let names = order(&events);
        assert_eq!(names[names.len() - 3..], ["state 4", "Abort", "LoadEnd"], "{names:?}");
        let left = steps(&events, Moment::Abort, false);
        assert_eq!((left.len(), left[0].loaded, left[0].total), (1, 0, None));
        wire.disconnected().await;
    }
}

#[wasm_bindgen_test]
async fn an_abort_between_the_last_byte_and_the_end_ends_it_too() {
    let wire = Wire::new().await;
    let mut exchange = http::get(wire.url("/status/200?text=whole")).start().unwrap();
    let mut events = exchange.events();
    let told = async {
        while let Some(event) = events.next().await {
            if event == Event::ReadyState(ReadyState::Done) {
                exchange.abort();
            }
        }
    };
    within(5000, told).await.expect("the events end");
    let outcome = within(5000, exchange).await.expect("the exchange ends");
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
}

#[wasm_bindgen_test]
async fn what_is_too_large_only_by_its_last_bytes_is_refused_too() {
    let wire = Wire::new().await;
    // The end follows before the browser has told of the last bytes.
    for chunk in [1000, 1600] {
        let url = wire.url(&format!("/bytes/3000?chunk={chunk}&delay=5&length=no"));
        let outcome = within(5000, http::get(url).max_size(1500).into_future()).await.expect("it ends");
        assert!(outcome.unwrap_err().is_too_large());
    }
}

// xhr/abort-during-done.window.js
#[wasm_bindgen_test]
async fn an_abort_after_the_end_changes_nothing_and_leaves_the_response() {
    let wire = Wire::new().await;
    let mut exchange = http::get(wire.url("/status/201?text=whole")).start().unwrap();
    let events: Vec<Event> = exchange.events().collect().await;
    assert_eq!(order(&events).last().unwrap(), "LoadEnd");
    exchange.abort();
    let response = exchange.await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.text().await.unwrap(), "whole");
}

// xhr/timeout-multiple-fetches.html
#[wasm_bindgen_test]
async fn redirects_do_not_start_the_total_limit_again() {
    let wire = Wire::new().await;
    let begin = js_sys::Date::now();
    let request = http::get(wire.url("/redirect?to=/delay/5000")).timeout(ms(400));
    let outcome = within(3000, request).await.expect("the limit must end it");
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout(Phase::Total));
    assert!(js_sys::Date::now() - begin < 1500.0);
}

// xhr/response-data-progress.htm
#[wasm_bindgen_test]
async fn without_a_content_length_progress_grows_and_names_no_total() {
    let wire = Wire::new().await;
    let (response, events) = run(http::get(wire.url("/bytes/300000?chunk=20000&delay=30&length=no"))).await;
    assert!(response.is_ok());
    let progress = steps(&events, Moment::Progress, false);
    assert!(progress.len() >= 3, "{}", progress.len());
    assert!(progress.iter().all(|step| step.total.is_none() && step.remaining.is_none()));
    assert!(progress.is_sorted_by(|a, b| a.loaded <= b.loaded));
    assert_eq!(steps(&events, Moment::Load, false)[0].loaded, 300_000);
}

// "If not roughly 50ms have passed since these steps were last invoked, then return":
// https://xhr.spec.whatwg.org/#the-send()-method
#[wasm_bindgen_test]
async fn progress_is_told_about_every_fifty_milliseconds_and_not_with_every_piece() {
    let wire = Wire::new().await;
    let begin = js_sys::Date::now();
    let (_, events) = run(http::get(wire.url("/bytes/200000?chunk=1000&delay=5"))).await;
    let intervals = (js_sys::Date::now() - begin) / 50.0;
    let count = steps(&events, Moment::Progress, false).len();
    assert!(count >= 5, "{count}");
    assert!((count as f64) < intervals * 1.5 + 3.0, "{count} in {intervals} intervals");
}

// xhr/send-redirect-post-upload.htm
#[wasm_bindgen_test]
async fn an_upload_that_is_redirected_tells_its_events_once() {
    for status in [302, 307] {
        let wire = Wire::new().await;
        let target = encoded(&wire.url("/echo"));
        let request = http::post(wire.url(&format!("/redirect?status={status}&to={target}")));
        let (response, events) = run(request.body("hello").upload_events()).await;
        assert!(response.is_ok(), "{status}: {response:?}");
        assert_eq!(requests(&wire.entries().await).len(), 2);
        for moment in [Moment::LoadStart, Moment::Load, Moment::LoadEnd] {
            assert_eq!(steps(&events, moment, true).len(), 1, "{status} {moment:?}");
        }
    }
}

// https://html.spec.whatwg.org/#dom-window-stop
#[wasm_bindgen_test]
async fn what_the_browser_stops_is_aborted_by_the_browser_and_not_by_the_caller() {
    let wire = Wire::new().await;
    let exchange = http::get(wire.url("/delay/5000")).start().unwrap();
    let events = exchange.events();
    sleep(200).await;
    evaluate("window.stop()").await.unwrap();
    let outcome = within(3000, exchange).await.expect("an exchange that was stopped must end");
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Browser));
    let events: Vec<Event> = events.collect().await;
    assert_eq!(order(&events), ["state 1", "LoadStart", "state 4", "Abort", "LoadEnd"]);
    wire.disconnected().await;
}
