//! Each wire, in whichever worker this is.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::environment::Capability;
use pagewire::poll::{self, Cursor};
use pagewire::websocket::{Close, Message};
use pagewire::{http, sse, stream, websocket};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, in_service_worker, scope_name};

/// Not in a service worker, which has no XMLHttpRequest, nor in a page, where wasm-pack runs these tests.
pub(crate) fn may_block() -> bool {
    ["DedicatedWorkerGlobalScope", "SharedWorkerGlobalScope"].contains(&scope_name().as_str())
}

#[wasm_bindgen_test]
async fn http_works_or_says_that_there_is_no_xmlhttprequest() {
    let wire = Wire::new().await;
    let answer = http::get(wire.url("/status/200?text=hello&header=X-Answer:42")).await;
    if in_service_worker() && !cfg!(feature = "service-worker") {
        assert!(answer.unwrap_err().is_unsupported());
        assert!(wire.entries().await.is_empty());
        return;
    }
    let answer = answer.unwrap();
    assert_eq!((answer.status(), answer.header("x-answer")), (200, Some("42")));
    assert_eq!(answer.text().await.unwrap(), "hello");
    assert_eq!(wire.entries().await.len(), 1);
}

#[cfg(feature = "service-worker")]
#[wasm_bindgen_test]
async fn http_is_whole_in_every_worker() {
    let wire = Wire::new().await;
    let exchange = http::get(wire.url("/bytes/200000?chunk=20000&delay=20")).start().unwrap();
    let events = exchange.events();
    let (response, events): (_, Vec<_>) = futures_util::future::join(exchange, events.collect()).await;
    assert_eq!(response.unwrap().bytes().await.unwrap().len(), 200_000);
    assert!(events.len() > 5, "{events:?}");
    let charset = "header=Content-Type:text/plain;charset=windows-1252";
    let latin = http::get(wire.url(&format!("/status/200?text=caf%C3%A9&{charset}"))).await.unwrap();
    assert_eq!(latin.text().await.unwrap(), "cafÃ©");
    let late = http::get(wire.url("/delay/3000")).timeout(Duration::from_millis(200)).await.unwrap_err();
    assert_eq!(late.phase(), Some(pagewire::Phase::Total));
    let retried = http::get(wire.url("/status/503"))
        .retry(http::Retry::new().backoff(Duration::from_millis(10), Duration::from_millis(10)))
        .await
        .unwrap();
    assert_eq!(retried.attempts(), 3);
    let blob =
        http::get(wire.url("/bytes/10")).response_type(http::ResponseType::Blob).await.unwrap().blob().await;
    assert_eq!(blob.unwrap().size(), 10.0);
    let large =
        http::get(wire.url("/bytes/3000000?chunk=50000&delay=5")).max_size(100_000).await.unwrap_err();
    assert!(large.is_too_large());
    assert!(http::get(wire.url("/status/200?cors=off")).await.unwrap_err().is_network());
    if in_service_worker() {
        let progress = http::post(wire.url("/echo")).body("x").upload_events().await.unwrap_err();
        assert!(progress.is_unsupported());
    }
}

#[wasm_bindgen_test]
async fn a_relative_url_is_resolved_against_the_script_of_the_worker() {
    let mut lines = stream::lines("/test-server.txt");
    let line = lines.next().await.unwrap().unwrap();
    assert!(line.contains("127.0.0.1"), "{line}");
    if !in_service_worker() {
        let text = http::get("/test-server.txt").await.unwrap().text().await.unwrap();
        assert!(text.contains(&line), "{text}");
    }
}

#[wasm_bindgen_test]
async fn lines_arrive_in_order() {
    let wire = Wire::new().await;
    let lines: Vec<_> = stream::lines(wire.url("/lines?count=3&every=10")).collect().await;
    let lines: Result<Vec<_>, _> = lines.into_iter().collect();
    assert_eq!(lines.unwrap(), ["line 1", "line 2", "line 3"]);
}

#[wasm_bindgen_test]
async fn streams_over_xmlhttprequest_work_or_say_that_there_is_none() {
    let wire = Wire::new().await;
    let engine = stream::Xhr::new().budget(10).resume_by_query("from");
    let url = wire.url("/pieces?every=120&type=application/x-ndjson&hex=310a320a330a340a350a36&hex=0a370a");
    let numbers: Vec<_> = stream::ndjson::<u8>(url).over_xhr(engine).collect().await;
    if in_service_worker() {
        assert!(numbers[0].as_ref().unwrap_err().is_unsupported());
        assert!(wire.entries().await.is_empty());
        return;
    }
    let numbers: Result<Vec<_>, _> = numbers.into_iter().collect();
    assert_eq!(numbers.unwrap(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(wire.entries().await.len(), 2);
}

#[wasm_bindgen_test]
async fn a_dropped_stream_closes_its_connection() {
    let wire = Wire::new().await;
    let mut lines = stream::lines(wire.url("/lines?count=0&every=20"));
    assert_eq!(lines.next().await.unwrap().unwrap(), "line 1");
    drop(lines);
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn events_go_on_where_the_connection_was_lost() {
    let wire = Wire::new().await;
    let retry = http::Retry::new().forever().backoff(Duration::from_millis(1), Duration::from_millis(1));
    let events = sse::connect(wire.url("/sse?count=3&per=2&every=5")).retry(retry).pause_when_hidden().open();
    let data: Vec<_> = events.map(|event| event.unwrap().into_data()).collect().await;
    assert_eq!(data, ["event 1", "event 2", "event 3"]);
}

#[wasm_bindgen_test]
async fn the_browser_s_event_source_works_or_says_that_there_is_none() {
    let wire = Wire::new().await;
    let first = sse::native(wire.url("/sse?count=0")).open().next().await.unwrap();
    match Capability::EventSource.available() {
        Ok(()) => assert_eq!(first.unwrap().data(), "event 1"),
        Err(_) => assert!(first.unwrap_err().is_unsupported()),
    }
}

#[wasm_bindgen_test]
async fn polls_are_held_and_asked_again() {
    let wire = Wire::new().await;
    let mut answers =
        poll::long(wire.url("/poll?count=2&every=50")).cursor(Cursor::json("next", "after")).open();
    let first = answers.next().await.unwrap();
    if in_service_worker() && !cfg!(feature = "service-worker") {
        assert!(first.unwrap_err().is_unsupported());
        return;
    }
    assert!(first.unwrap().text().await.unwrap().contains("message 1"));
    assert!(answers.next().await.unwrap().unwrap().text().await.unwrap().contains("message 2"));
}

#[wasm_bindgen_test]
async fn a_socket_echoes_and_closes() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    socket.send("hello").await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("hello".into()));
    let ended = socket.close(Close::new(4001, "bye").unwrap()).await;
    assert_eq!((ended.code, ended.reason.as_str(), ended.was_clean), (4001, "bye", true));
}

#[wasm_bindgen_test]
async fn a_worker_may_block_for_text_and_bytes() {
    let wire = Wire::new().await;
    let answer = http::get(wire.url("/status/200?text=hello")).send_blocking();
    if !may_block() {
        assert!(answer.unwrap_err().is_unsupported());
        return;
    }
    assert_eq!(answer.unwrap().text().await.unwrap(), "hello");
    let bytes = http::get(wire.url("/bytes/1000")).send_blocking().unwrap();
    assert_eq!(bytes.bytes().await.unwrap().len(), 1000);
    let echoed = http::post(wire.url("/echo")).body("question").send_blocking().unwrap();
    assert!(echoed.text().await.unwrap().contains("question"));
    assert!(http::get(wire.url("/status/200?cors=off")).send_blocking().unwrap_err().is_network());
}

#[wasm_bindgen_test]
fn a_blocking_request_has_a_total_limit_and_refuses_what_it_cannot_have() {
    if !may_block() {
        return;
    }
    let limit = Duration::from_millis(200);
    let url = |path: &str| format!("{}{path}", blocking_origin());
    let late = http::get(url("/delay/3000")).timeout(limit).send_blocking().unwrap_err();
    assert_eq!(late.phase(), Some(pagewire::Phase::Total));
    for request in [
        http::get(url("/status/200")).idle_timeout(limit),
        http::get(url("/status/200")).first_byte_timeout(limit),
        http::get(url("/status/200")).timeout(Duration::MAX),
        http::get(url("/status/200")).retry(http::Retry::new()),
        http::get(url("/status/200")).max_size(1),
    ] {
        assert!(request.send_blocking().unwrap_err().is_unsupported());
    }
}

/// The first origin, asked for by blocking too.
fn blocking_origin() -> String {
    let response = http::get("/test-server.txt").send_blocking().unwrap();
    let text = futures_util::FutureExt::now_or_never(response.text()).unwrap().unwrap();
    text.lines().next().unwrap().to_owned()
}
