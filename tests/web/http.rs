//! Requests and responses, and what the server saw of them.

use pagewire::{AbortedBy, ErrorKind, http};
use serde::{Deserialize, Serialize};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::encoded;
use crate::leaks::{CALLS, census};
use crate::shared::{Wire, sleep, within};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    name: String,
    count: u32,
}

#[wasm_bindgen_test]
async fn a_get_reads_text() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/status/200?text=gr%C3%BC%C3%9Fe")).await.unwrap();
    assert_eq!((response.status(), response.is_success()), (200, true));
    assert_eq!(response.text().await.unwrap(), "grüße");
}

#[wasm_bindgen_test]
async fn bytes_arrive_as_they_were_sent() {
    let wire = Wire::new().await;
    let bytes = http::get(wire.url("/bytes/1000")).await.unwrap().bytes().await.unwrap();
    let expected: Vec<u8> = (0..1000_u32).map(|i| (i % 251) as u8).collect();
    assert_eq!(bytes, expected);
}

#[wasm_bindgen_test]
async fn a_json_body_arrives_as_written_and_reads_back() {
    #[derive(Deserialize)]
    struct Echo {
        body: EchoBody,
    }
    #[derive(Deserialize)]
    struct EchoBody {
        text: String,
    }
    let wire = Wire::new().await;
    let item = Item { name: "né".into(), count: 3 };
    let echo: Echo = http::post(wire.url("/echo")).json(&item).await.unwrap().json().await.unwrap();
    assert_eq!(serde_json::from_str::<Item>(&echo.body.text).unwrap(), item);
    let entries = wire.entries().await;
    let post = entries.iter().find(|entry| entry.method == "POST").unwrap();
    assert_eq!(post.header("content-type"), Some("application/json"));
}

#[wasm_bindgen_test]
async fn json_of_another_shape_is_a_decode_error_that_keeps_its_cause() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/status/200?text=%7B%22name%22%3A1%7D")).await.unwrap();
    let error = response.json::<Item>().await.unwrap_err();
    assert!(error.is_decode());
    assert!(std::error::Error::source(&error).is_some());
}

#[wasm_bindgen_test]
async fn a_part_of_a_slice_is_sent_and_not_the_memory_around_it() {
    let wire = Wire::new().await;
    let memory = vec![7_u8; 4096];
    http::put(wire.url("/echo")).body(&memory[10..13]).await.unwrap();
    let entries = wire.entries().await;
    let put = entries.iter().find(|entry| entry.method == "PUT").unwrap();
    assert_eq!(put.body.as_ref().unwrap().length, 3);
}

#[wasm_bindgen_test]
async fn query_values_are_encoded_and_go_before_the_fragment() {
    let wire = Wire::new().await;
    let url = format!("{}#part", wire.url("/echo?a=1"));
    http::get(url).query("q", "1&2 = ü").query("page", 2).await.unwrap();
    let query = &wire.entries().await[0].query;
    assert!(query.starts_with("a=1&"), "{query}");
    assert!(query.ends_with("&q=1%262%20%3D%20%C3%BC&page=2"), "{query}");
}

#[wasm_bindgen_test]
async fn headers_are_sent_and_repeated_ones_are_joined() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/echo")).header("x-one", "1").append_header("x-two", "a");
    request.append_header("x-two", "b").await.unwrap();
    let entries = wire.entries().await;
    let get = entries.iter().find(|entry| entry.method == "GET").unwrap();
    assert_eq!(get.header("x-one"), Some("1"));
    assert_eq!(get.header("x-two"), Some("a, b"));
}

#[wasm_bindgen_test]
async fn exposed_response_headers_are_read_by_a_name_of_any_case() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/status/200?header=X-Answer:42")).await.unwrap();
    assert_eq!(response.header("x-ANSWER"), Some("42"));
    assert!(response.headers().iter().any(|(name, _)| name == "content-type"));
}

#[wasm_bindgen_test]
async fn an_error_status_is_a_response_until_a_success_is_asked_for() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/status/404?text=nothing")).await.unwrap();
    assert_eq!((response.status(), response.is_success()), (404, false));
    let error = response.error_for_status().unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert!(!error.to_string().contains("key="), "{error}");
}

#[wasm_bindgen_test]
async fn the_final_url_is_the_one_after_redirects() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/redirect?to=/status/200")).await.unwrap();
    assert!(response.url().ends_with("/status/200"), "{}", response.url());
    assert!(response.final_url_differs() && !response.final_origin_differs());
    let elsewhere = encoded(&wire.second_url("/status/200"));
    let response = http::get(wire.url(&format!("/redirect?to={elsewhere}"))).await.unwrap();
    assert!(response.final_url_differs() && response.final_origin_differs());
    let response = http::get(wire.url("/status/200") + "#fragment").await.unwrap();
    assert!(!response.final_url_differs() && !response.final_origin_differs());
}

#[wasm_bindgen_test]
async fn what_is_wrong_with_a_request_is_told_before_anything_is_sent() {
    let wire = Wire::new().await;
    let url = || wire.url("/echo");
    for request in [
        http::get(url()).header("bad name", "x"),
        http::get(url()).header("x", "line\nbreak"),
        http::get(url()).header("x", "汉"),
        http::get(url()).header("cookie", "a=1"),
        http::request("TRACE", url()),
        http::request("B AD", url()),
        http::get(url()).body("a body"),
        http::get(url()).timeout(std::time::Duration::from_secs(1)).json(&f64::NAN).header("é", "x"),
        http::get("javascript:alert(1)"),
        http::get("gopher://host/"),
        http::get("http://[bad"),
    ] {
        let error = request.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn a_custom_method_is_sent_as_written() {
    let wire = Wire::new().await;
    http::request("PROPFIND", wire.url("/echo")).await.unwrap();
    assert!(wire.entries().await.iter().any(|entry| entry.method == "PROPFIND"));
}

#[wasm_bindgen_test]
async fn an_answer_that_cors_hides_is_a_network_error_though_the_server_answered() {
    let wire = Wire::new().await;
    let error = http::get(wire.url("/status/200?cors=off")).await.unwrap_err();
    assert!(error.is_network(), "{error}");
    let entries = wire.entries().await;
    assert_eq!(entries[0].status, Some(200));
}

#[wasm_bindgen_test]
async fn a_refused_connection_is_a_network_error() {
    // Port 9 is blocked by every browser, and nobody listens there: https://fetch.spec.whatwg.org/#port-blocking
    assert!(http::get("http://127.0.0.1:9/").await.unwrap_err().is_network());
}

#[wasm_bindgen_test]
async fn credentials_go_across_origins_only_when_asked_for() {
    let wire = Wire::new().await;
    let cookie = format!("pagewire-{}=1", js_sys::Date::now());
    http::get(wire.url(&format!("/status/200?set_cookie={cookie}"))).with_credentials(true).await.unwrap();
    http::get(wire.url("/echo?with=no")).await.unwrap();
    http::get(wire.url("/echo?with=yes")).with_credentials(true).await.unwrap();
    let entries = wire.entries().await;
    let sent = |with: &str| {
        let entry = entries.iter().find(|entry| entry.query.contains(with)).unwrap();
        entry.header("cookie").is_some_and(|sent| sent.contains(&cookie))
    };
    assert!(!sent("with=no"));
    assert!(sent("with=yes"));
}

#[wasm_bindgen_test]
async fn dropped_before_the_answer_the_server_sees_the_disconnect() {
    let wire = Wire::new().await;
    assert!(within(200, http::get(wire.url("/delay/5000"))).await.is_none());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn dropped_in_the_middle_of_the_body_the_server_sees_the_disconnect() {
    let wire = Wire::new().await;
    let slow = http::get(wire.url("/bytes/10000000?chunk=10000&delay=20"));
    assert!(within(300, slow).await.is_none());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn dropped_in_the_middle_of_the_upload_the_server_sees_the_disconnect() {
    let wire = Wire::new().await;
    // The server sees it after it has read what was on its way, a few megabytes.
    let slow = http::post(wire.url("/upload?pace=4000000")).body(vec![1_u8; 40_000_000]);
    assert!(within(400, slow).await.is_none());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_future_that_was_never_polled_sends_nothing() {
    let wire = Wire::new().await;
    drop(http::get(wire.url("/echo")).into_future());
    sleep(100).await;
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn a_signal_aborts_and_says_who_did_it() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    let exchange = http::get(wire.url("/delay/5000")).abort_signal(&controller.signal()).start().unwrap();
    sleep(100).await;
    controller.abort();
    assert_eq!(exchange.await.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_signal_with_a_reason_that_is_no_error_aborts_as_well() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    let exchange = http::get(wire.url("/delay/5000")).abort_signal(&controller.signal()).start().unwrap();
    controller.abort_with_reason(&"a plain string".into());
    assert!(exchange.await.unwrap_err().is_aborted());
}

#[wasm_bindgen_test]
async fn a_signal_that_is_aborted_already_sends_nothing() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    controller.abort();
    let error = http::get(wire.url("/echo")).abort_signal(&controller.signal()).await.unwrap_err();
    assert!(error.is_aborted());
    sleep(100).await;
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn timing_says_where_the_time_went_or_nothing() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/delay/150")).with_timing().await.unwrap();
    let timing = response.timing().await.expect("the server allows it");
    let least = std::time::Duration::from_millis(140);
    assert!(timing.total >= least && timing.first_byte.is_some_and(|wait| wait >= least), "{timing:?}");
    let unasked = http::get(wire.url("/delay/1")).await.unwrap();
    assert!(unasked.timing().await.is_none());
    let hidden =
        http::get(wire.url("/status/200?header=Timing-Allow-Origin:https://other.example&cors=off&acao=*"));
    let hidden = hidden.with_timing().await.unwrap().timing().await;
    assert!(hidden.is_none_or(|timing| timing.dns.is_none() && timing.first_byte.is_none()), "{hidden:?}");
}

/// After the first hundred nothing grows any more.
#[wasm_bindgen_test]
async fn many_requests_leave_nothing_behind() {
    let wire = Wire::new().await;
    // Without a key nothing is recorded: the server's journal is no part of the claim.
    let url = wire.url("/echo").split_once('?').unwrap().0.to_owned();
    let ask = async |number| {
        let request = http::post(&url).query("number", number).header("x-a", "1").body("question");
        assert_eq!(request.await.unwrap().json::<serde_json::Value>().await.unwrap()["method"], "POST");
    };
    for number in 0..100 {
        ask(number).await;
    }
    let before = census().await;
    for number in 100..CALLS * 10 {
        ask(number).await;
    }
    assert_eq!(census().await, before);
}
