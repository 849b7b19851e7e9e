//! Where other clients go wrong, and what their suites hold to: each case as a claim about this one.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use pagewire::http::{self, Client, Event, Moment, ResponseType, Retry};
use pagewire::{AbortedBy, ErrorKind, Phase};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{body, encoded, order, preflights, requests, steps};
use crate::shared::{Wire, evaluate, sleep, within};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn quick() -> Retry {
    Retry::new().backoff(ms(20), ms(40))
}

async fn sends(wire: &Wire) -> usize {
    requests(&wire.entries().await).len()
}

async fn file(bytes: u32) -> web_sys::File {
    let source = format!("return new File([new Uint8Array({bytes})], 'large.bin')");
    evaluate(&source).await.unwrap().unchecked_into()
}

// Sending

#[wasm_bindgen_test]
async fn a_millisecond_is_a_time_limit_and_the_error_names_the_url_without_its_query() {
    let wire = Wire::new().await;
    let error = http::get(wire.url("/delay/2000?token=s3cret")).timeout(ms(1)).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_aborted() && !error.is_network());
    assert!(error.url().unwrap().ends_with("/delay/2000"), "{:?}", error.url());
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[wasm_bindgen_test]
async fn a_dead_port_and_a_name_that_does_not_exist_are_network_errors() {
    // No browser blocks port 47, and nobody listens there; `invalid` never resolves: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
    for url in ["http://127.0.0.1:47/", "http://nowhere.invalid/"] {
        let outcome = within(10_000, http::get(url)).await.expect("it must end");
        assert!(outcome.unwrap_err().is_network(), "{url}");
    }
}

#[wasm_bindgen_test]
async fn an_empty_header_name_is_refused_and_an_empty_value_is_sent() {
    let wire = Wire::new().await;
    let error = http::get(wire.url("/echo")).header("", "x").await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert!(wire.entries().await.is_empty());
    http::get(wire.url("/echo")).header("x-empty", "").await.unwrap();
    assert_eq!(requests(&wire.entries().await)[0].header("x-empty"), Some(""));
}

#[wasm_bindgen_test]
async fn a_page_that_insists_on_blocking_is_refused_what_the_platform_does_not_have() {
    let wire = Wire::new().await;
    let get = || http::get(wire.url("/echo"));
    let signal = web_sys::AbortController::new().unwrap().signal();
    for request in [
        get().timeout(ms(1000)),
        get().idle_timeout(ms(1000)),
        get().response_type(ResponseType::Blob),
        get().abort_signal(&signal),
        get().retry(quick()),
        get().max_size(10),
        get().upload_events(),
    ] {
        let error = request.send_blocking_and_freeze_the_page().unwrap_err();
        assert!(error.is_unsupported(), "{error}");
    }
    assert!(wire.entries().await.is_empty());
}

// A token for any origin: RxJS sends it, because nothing computes whether a request crosses one.
#[wasm_bindgen_test]
async fn an_xsrf_token_does_not_reach_another_origin_nor_cost_it_a_preflight() {
    evaluate("document.cookie = 'PEER-TOKEN=secret; Path=/'").await.unwrap();
    let wire = Wire::new().await;
    let client = Client::new().xsrf("PEER-TOKEN", "x-xsrf-token").with_credentials(true);
    client.post(&wire.url("/echo")).body("x").await.unwrap();
    evaluate("document.cookie = 'PEER-TOKEN=; Path=/; Max-Age=0'").await.unwrap();
    let entries = wire.entries().await;
    assert_eq!(preflights(&entries), 0);
    assert_eq!(entries[0].header("x-xsrf-token"), None);
    assert!(
        entries[0].header("cookie").unwrap().contains("PEER-TOKEN=secret"),
        "the cookie itself was there"
    );
}

#[wasm_bindgen_test]
async fn a_function_around_a_request_may_refuse_it_and_another_one_may_answer_instead() {
    let wire = Wire::new().await;
    let refusing = Client::new().around(|_, _| async { http::get("http://[bad").await });
    assert!(refusing.get(&wire.url("/echo")).await.unwrap_err().is_invalid_request());
    let answering = refusing.around(|request, next| async move {
        match next.send(request).await {
            Err(_) => Ok(http::Response::made(299, &[], "instead")),
            sent => sent,
        }
    });
    assert_eq!(answering.get(&wire.url("/echo")).await.unwrap().status(), 299);
    assert!(wire.entries().await.is_empty());
}

// Ending

// Uppy and tus arm their stall timer with the first progress, so a connection that never moves hangs.
#[wasm_bindgen_test]
async fn the_idle_limit_holds_before_the_first_byte_moves_and_when_an_upload_stalls() {
    let idle = async |request: http::Request| {
        let outcome = within(8000, request.idle_timeout(ms(500))).await.expect("the limit must end it");
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout(Phase::Idle));
    };
    let wire = Wire::new().await;
    idle(http::get(wire.url("/delay/9000"))).await;
    idle(http::post(wire.url("/delay/9000")).body("small")).await;
    let stalled = Wire::new().await;
    idle(http::post(stalled.url("/upload?pace=100")).body(file(40_000_000).await)).await;
}

#[wasm_bindgen_test]
async fn a_large_upload_is_ended_by_the_total_limit_and_the_server_sees_it_go() {
    let wire = Wire::new().await;
    let request = http::put(wire.url("/upload?pace=4000000")).body(file(40_000_000).await).timeout(ms(500));
    let outcome = within(4000, request).await.expect("the limit must end it");
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout(Phase::Total));
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn the_upload_of_a_file_tells_its_progress_and_is_cancelled_half_way() {
    let wire = Wire::new().await;
    let total = 24_000_000;
    let request = http::post(wire.url("/upload?pace=6000000")).body(file(total).await).upload_events();
    let mut exchange = request.start().unwrap();
    let mut stream = exchange.events();
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        events.push(event);
        if let Event::Upload(Moment::Progress, progress) = event {
            assert_eq!(progress.total, Some(u64::from(total)));
            if progress.loaded >= u64::from(total / 2) {
                exchange.abort();
            }
        }
    }
    assert_eq!(exchange.await.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
    assert!(steps(&events, Moment::Progress, true).is_sorted_by(|a, b| a.loaded <= b.loaded));
    let names = order(&events);
    assert_eq!(names[names.len() - 5..], ["state 4", "upload Abort", "upload LoadEnd", "Abort", "LoadEnd"]);
    let entries = wire.disconnected().await;
    assert!(requests(&entries)[0].body.as_ref().is_none_or(|body| body.length < u64::from(total)));
}

#[wasm_bindgen_test]
async fn one_signal_ends_all_its_requests() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    // Of one URL, an engine may let the second wait for what the cache learns from the first.
    let exchanges = [5000, 5001, 5002].map(|delay| {
        let request = http::get(wire.url(&format!("/delay/{delay}")));
        request.abort_signal(&controller.signal()).start().unwrap()
    });
    wire.when("three requests", |entries| entries.len() == 3).await;
    controller.abort();
    for outcome in join_all(exchanges).await {
        assert!(outcome.unwrap_err().is_aborted());
    }
    let gone = |entries: &[crate::shared::Entry]| {
        entries
            .iter()
            .filter(|entry| entry.ended.as_ref().is_some_and(|end| end.how == "disconnected"))
            .count()
    };
    wire.when("three disconnects", |entries| gone(entries) == 3).await;
}

/// A signal that counts its listeners in `listeners`, and all it ever had in `added`.
const COUNTING: &str = "
    const { signal } = new AbortController();
    const { addEventListener, removeEventListener } = signal;
    signal.listeners = signal.added = 0;
    signal.addEventListener = (...rest) => {
        signal.listeners += 1;
        signal.added += 1;
        addEventListener.apply(signal, rest);
    };
    signal.removeEventListener = (...rest) => {
        signal.listeners -= 1;
        removeEventListener.apply(signal, rest);
    };
    return signal;
";

// ky once kept one listener a request on a signal that many requests shared.
#[wasm_bindgen_test]
async fn a_signal_that_many_requests_share_keeps_none_of_their_listeners() {
    let wire = Wire::new().await;
    let signal: web_sys::AbortSignal = evaluate(COUNTING).await.unwrap().unchecked_into();
    let number = |name: &str| js_sys::Reflect::get(&signal, &name.into()).unwrap().as_f64().unwrap();
    for _ in 0..5 {
        http::get(wire.url("/echo")).abort_signal(&signal).await.unwrap();
        assert!(http::get(wire.url("/echo?cors=off")).abort_signal(&signal).await.is_err());
        assert!(within(50, http::get(wire.url("/delay/2000")).abort_signal(&signal)).await.is_none());
        http::get(wire.url("/status/503")).abort_signal(&signal).retry(quick()).await.unwrap();
    }
    assert!(number("added") >= 20.0, "{}", number("added"));
    assert_eq!(number("listeners"), 0.0);
}

// Trying again

// superagent sends a POST again at once after any failure across origins.
#[wasm_bindgen_test]
async fn a_post_that_ends_in_a_network_error_is_not_sent_again() {
    let wire = Wire::new().await;
    let error = http::post(wire.url("/echo?cors=off")).body("once").retry(quick()).await.unwrap_err();
    assert!(error.is_network());
    assert_eq!((error.attempts(), sends(&wire).await), (1, 1));
}

#[wasm_bindgen_test]
async fn every_attempt_carries_the_whole_body_and_the_headers() {
    let wire = Wire::new().await;
    let request = http::put(wire.url("/status/503")).header("x-own", "1").body("whole");
    request.retry(quick()).await.unwrap();
    let entries = wire.entries().await;
    let sent: Vec<_> = requests(&entries).iter().map(|entry| (entry.header("x-own"), body(entry))).collect();
    assert_eq!(sent, [(Some("1"), "whole"); 3]);
}

#[wasm_bindgen_test]
async fn a_time_limit_of_one_attempt_is_final() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/delay/3000")).first_byte_timeout(ms(200)).retry(quick());
    assert_eq!(request.await.unwrap_err().kind(), ErrorKind::Timeout(Phase::FirstByte));
    assert_eq!(sends(&wire).await, 1);
}

#[wasm_bindgen_test]
async fn a_retry_after_of_zero_does_not_wait_as_the_backoff_would() {
    let wire = Wire::new().await;
    let retry = Retry::new().more_attempts(8).backoff(ms(100), Duration::from_secs(60));
    // At most 100 ms a wait; the backoff alone would come to 13 s on average.
    let request = http::get(wire.url("/status/503?header=Retry-After:0")).retry(retry);
    assert_eq!(within(3000, request).await.expect("no long wait").unwrap().attempts(), 9);
}

#[wasm_bindgen_test]
async fn a_retry_after_that_is_none_leaves_the_wait_to_the_backoff() {
    for value in ["", "0x10", "soon", "-5", "1.5e3", "Someday, 99 Foo 2099"] {
        let wire = Wire::new().await;
        let url = wire.url(&format!("/status/503?header=Retry-After:{}", encoded(value)));
        let response = within(2000, http::get(url).retry(quick())).await;
        assert_eq!(response.expect(value).unwrap().attempts(), 3, "{value}");
    }
}

#[wasm_bindgen_test]
async fn a_retry_after_is_a_number_of_seconds_and_no_timestamp() {
    let wire = Wire::new().await;
    let now = (js_sys::Date::now() / 1000.0) as u64 + 1;
    let request = http::get(wire.url(&format!("/status/503?header=Retry-After:{now}"))).timeout(ms(60_000));
    let response =
        within(2000, request.retry(quick())).await.expect("no wait of years fits, so none is begun");
    assert_eq!(response.unwrap().attempts(), 1);
}

#[wasm_bindgen_test]
async fn a_retry_after_may_be_a_date() {
    let wire = Wire::new().await;
    let date =
        evaluate("return new Date(Date.now() + 2500).toUTCString()").await.unwrap().as_string().unwrap();
    let url = wire.url(&format!("/status/503?header=Retry-After:{}", encoded(&date)));
    let begin = js_sys::Date::now();
    let response = http::get(url).retry(quick().more_attempts(1)).await.unwrap();
    let waited = js_sys::Date::now() - begin;
    assert_eq!(response.attempts(), 2);
    assert!((1000.0..4500.0).contains(&waited), "{waited}");
}

#[wasm_bindgen_test]
async fn a_wait_that_is_longer_than_the_caller_bears_is_not_begun() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/status/429?header=Retry-After:60"));
    let outcome = within(2000, request.retry(quick().longest_retry_after(ms(1000)))).await;
    let response = outcome.expect("the answer stands at once").unwrap();
    assert_eq!((response.status(), response.attempts()), (429, 1));
}

#[wasm_bindgen_test]
async fn a_retry_after_that_the_server_does_not_expose_is_not_seen() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/status/503?header=Retry-After:60&aceh=")).retry(quick());
    let response = within(2000, request).await.expect("the backoff alone decides").unwrap();
    assert_eq!((response.attempts(), response.header("retry-after")), (3, None));
}

#[wasm_bindgen_test]
async fn retries_happen_within_the_functions_around_a_request() {
    let wire = Wire::new().await;
    let calls = Rc::new(Cell::new(0));
    let seen = Rc::clone(&calls);
    let client = Client::new().retry(quick()).around(move |request, next| {
        seen.set(seen.get() + 1);
        next.send(request)
    });
    assert_eq!(client.get(&wire.url("/status/503")).await.unwrap().attempts(), 3);
    assert_eq!((calls.get(), sends(&wire).await), (1, 3));
}

#[wasm_bindgen_test]
async fn an_abort_while_another_attempt_runs_ends_it_and_sends_no_more() {
    let wire = Wire::new().await;
    let mut exchange = http::get(wire.url("/delay/3000?cors=off")).retry(quick()).start().unwrap();
    assert!(within(200, &mut exchange).await.is_none());
    exchange.abort();
    assert!(exchange.await.unwrap_err().is_aborted());
    wire.disconnected().await;
    sleep(300).await;
    assert_eq!(sends(&wire).await, 1);
}
