//! Sockets, and what the server saw of them.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::websocket::{self, Close, Message, State};
use pagewire::{ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Entry, Wire, sleep, within};

/// At the latest when the handshake is answered: Firefox keeps one that was given up until then.
fn ended(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.ended.is_some())
}

#[wasm_bindgen_test]
async fn text_and_bytes_come_back_in_order() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    assert_eq!(socket.state(), State::Open);
    socket.send("grüße").await.unwrap();
    socket.send(vec![0_u8, 255, 1]).await.unwrap();
    socket.send("end").await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("grüße".into()));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary(vec![0, 255, 1]));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("end".into()));
}

#[wasm_bindgen_test]
async fn a_message_that_comes_with_the_handshake_is_not_lost() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?greet=welcome")).await.unwrap();
    let mut reader = socket.clone();
    sleep(300).await;
    assert_eq!(reader.next().await.unwrap().unwrap(), Message::Text("welcome".into()));
}

#[wasm_bindgen_test]
async fn the_server_hears_the_code_and_the_reason() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let event = socket.close(Close::new(4001, "signed out").unwrap()).await;
    assert_eq!((event.code, event.reason.as_str(), event.was_clean), (4001, "signed out", true));
    assert_eq!(socket.state(), State::Closed);
    assert_eq!(socket.close_event(), Some(event));
    let entries = wire.when("the end of the socket", ended).await;
    let close = entries[0].websocket.as_ref().unwrap().close.as_ref().unwrap();
    assert_eq!((close.code, close.reason.as_str(), close.by.as_str()), (Some(4001), "signed out", "client"));
}

#[wasm_bindgen_test]
async fn a_close_by_the_server_ends_the_stream_and_tells_why() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo?greet=hi&close=4002:enough")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("hi".into()));
    assert!(socket.next().await.is_none());
    assert!(socket.next().await.is_none());
    let event = socket.closed().await;
    assert_eq!((event.code, event.reason.as_str(), event.was_clean), (4002, "enough", true));
}

#[wasm_bindgen_test]
async fn sending_on_a_closed_socket_is_an_error_that_carries_code_and_reason() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?close=4002:enough")).await.unwrap();
    socket.send("first").await.unwrap();
    socket.closed().await;
    let error = socket.send("lost?").await.unwrap_err();
    assert!(error.is_closed());
    assert!(error.to_string().contains("4002: enough"), "{error}");
}

#[wasm_bindgen_test]
async fn sending_while_closing_is_an_error() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let closing = socket.close(Close::default());
    assert!(socket.send("too late").await.unwrap_err().is_closed());
    assert_eq!(closing.await.code, 1005);
}

#[wasm_bindgen_test]
async fn the_server_chooses_among_the_subprotocols() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?protocols=v2")).protocols(["v1", "v2"]);
    let socket = connect.await.unwrap();
    assert_eq!(socket.protocol(), "v2");
    let entries = wire.entries().await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().protocol.as_deref(), Some("v2"));
}

#[wasm_bindgen_test]
async fn a_subprotocol_that_is_no_token_or_repeated_is_refused_before_connecting() {
    let wire = Wire::new().await;
    for protocols in [["a b", "c"], ["v1", "v1"]] {
        let error = websocket::connect(wire.ws("/ws/echo")).protocols(protocols).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
    }
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn an_http_url_becomes_a_ws_url() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.url("/ws/echo")).await.unwrap();
    assert!(socket.url().starts_with("ws://127.0.0.1"), "{}", socket.url());
}

#[wasm_bindgen_test]
async fn a_url_that_is_none_is_refused_before_connecting() {
    for url in ["ftp://127.0.0.1/", "ws://[bad", "data:text/plain,x"] {
        assert!(websocket::connect(url).await.unwrap_err().is_invalid_request(), "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_refused_handshake_is_a_network_error() {
    let wire = Wire::new().await;
    assert!(websocket::connect(wire.ws("/status/403")).await.unwrap_err().is_network());
}

#[wasm_bindgen_test]
async fn connecting_has_a_time_limit() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?hold=2000")).timeout(Duration::from_millis(200));
    let error = within(3000, connect).await.expect("the limit must end the attempt").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Connect));
    wire.when("the end of the attempt", ended).await;
}

#[wasm_bindgen_test]
async fn a_signal_gives_up_an_attempt() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    let attempt =
        async { websocket::connect(wire.ws("/ws/echo?hold=2000")).abort_signal(&controller.signal()).await };
    let (outcome, ()) = futures_util::future::join(attempt, async {
        sleep(100).await;
        controller.abort();
    })
    .await;
    assert!(outcome.unwrap_err().is_aborted());
}

#[wasm_bindgen_test]
async fn an_attempt_dropped_while_connecting_leaves_nothing_open() {
    let wire = Wire::new().await;
    assert!(within(200, websocket::connect(wire.ws("/ws/echo?hold=2000"))).await.is_none());
    wire.when("the end of the attempt", ended).await;
}

#[wasm_bindgen_test]
async fn dropping_the_last_clone_closes_the_connection() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let clone = socket.clone();
    drop(socket);
    clone.send("still open").await.unwrap();
    drop(clone);
    let entries = wire.when("the end of the socket", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 1);
}

#[wasm_bindgen_test]
async fn more_messages_than_the_limit_close_the_connection_with_an_error() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).receive_limit(3, 1 << 20).await.unwrap();
    for number in 0..5 {
        socket.send(format!("{number}")).await.unwrap();
    }
    wire.when("the end of the socket", ended).await;
    for number in 0..3 {
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text(format!("{number}")));
    }
    assert!(socket.next().await.unwrap().unwrap_err().is_too_large());
    assert!(socket.next().await.is_none());
}
