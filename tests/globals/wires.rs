//! Each wire, in whichever worker this is.

use futures_util::StreamExt;
use pagewire::websocket::{Close, Message};
use pagewire::{http, stream, websocket};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, scope_name};

fn in_service_worker() -> bool {
    scope_name() == "ServiceWorkerGlobalScope"
}

#[wasm_bindgen_test]
async fn http_works_or_says_that_there_is_no_xmlhttprequest() {
    let wire = Wire::new().await;
    let answer = http::get(wire.url("/status/200?text=hello")).await;
    if in_service_worker() {
        assert!(answer.unwrap_err().is_unsupported());
        assert!(wire.entries().await.is_empty());
    } else {
        assert_eq!(answer.unwrap().text().await.unwrap(), "hello");
        assert_eq!(wire.entries().await.len(), 1);
    }
}

#[wasm_bindgen_test]
async fn a_relative_url_is_resolved_against_the_script_of_the_worker() {
    if in_service_worker() {
        return;
    }
    let text = http::get("/test-server.txt").await.unwrap().text().await.unwrap();
    assert!(text.contains("127.0.0.1"), "{text}");
}

#[wasm_bindgen_test]
async fn lines_arrive_in_order() {
    let wire = Wire::new().await;
    let lines: Vec<_> = stream::lines(wire.url("/lines?count=3&every=10")).collect().await;
    let lines: Result<Vec<_>, _> = lines.into_iter().collect();
    assert_eq!(lines.unwrap(), ["line 1", "line 2", "line 3"]);
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
async fn a_socket_echoes_and_closes() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    socket.send("hello").await.unwrap();
    assert_eq!(
        socket.next().await.unwrap().unwrap(),
        Message::Text("hello".into())
    );
    let ended = socket.close(Close::new(4001, "bye").unwrap()).await;
    assert_eq!(
        (ended.code, ended.reason.as_str(), ended.was_clean),
        (4001, "bye", true)
    );
}
