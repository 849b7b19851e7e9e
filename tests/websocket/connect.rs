//! Connecting: what comes of it, and every way in which nothing does.

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use pagewire::cors::{Unseen, Verdict};
use pagewire::websocket::{self, Message, Refusal, State};
use pagewire::{ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all_ended, ended, is_webkit};
use crate::shared::{Wire, sleep, within};

/// How many attempts reached the server, once all of them are over. Firefox makes one connection to a host at a time, so an
/// attempt may be given up before any of it is sent.
async fn nothing_stays(wire: &Wire) -> usize {
    sleep(300).await;
    wire.when("the end of every attempt", all_ended).await.len()
}

#[wasm_bindgen_test]
async fn a_message_that_comes_with_the_handshake_is_not_lost() {
    let wire = Wire::new().await;
    let mut socket =
        websocket::connect(wire.ws("/ws/echo?early=true&greet=one&greet=two&greet_bytes=3")).await.unwrap();
    sleep(500).await;
    socket.send(vec![9]).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("one".into()));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("two".into()));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary(vec![0, 1, 2]));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary(vec![9]));
}

#[wasm_bindgen_test]
async fn the_server_chooses_among_the_subprotocols() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?protocols=v2")).protocols(["v1", "v2"]);
    let socket = connect.await.unwrap();
    assert_eq!(socket.protocol(), "v2");
    // The server writes it down when it has answered.
    let entries = wire.when("the socket", |entries| entries[0].websocket.is_some()).await;
    assert_eq!(entries[0].header("sec-websocket-protocol"), Some("v1, v2"));
    assert_eq!(entries[0].websocket.as_ref().unwrap().protocol.as_deref(), Some("v2"));
}

#[wasm_bindgen_test]
async fn one_subprotocol_or_none_is_fine() {
    let wire = Wire::new().await;
    let one = websocket::connect(wire.ws("/ws/echo?protocols=v1")).protocols(["v1"]).await.unwrap();
    assert_eq!(one.protocol(), "v1");
    let none = websocket::connect(wire.ws("/ws/echo?protocols=v1")).await.unwrap();
    assert_eq!(none.protocol(), "");
    assert_eq!(wire.entries().await[1].header("sec-websocket-protocol"), None);
}

#[wasm_bindgen_test]
async fn a_server_that_names_no_subprotocol_is_one_error_in_every_browser() {
    let wire = Wire::new().await;
    let error = websocket::connect(wire.ws("/ws/echo")).protocols(["v1", "v2"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    wire.when("the end of the socket", ended).await;
}

#[wasm_bindgen_test]
async fn a_subprotocol_that_is_no_token_or_repeated_is_refused_before_connecting() {
    let wire = Wire::new().await;
    for protocols in [["a b", "c"], ["v1", "v1"], ["", "c"]] {
        let error = websocket::connect(wire.ws("/ws/echo")).protocols(protocols).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(Refusal::of(&error), Some(Refusal::Subprotocol));
    }
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn names_that_differ_in_case_are_two_subprotocols() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?protocols=V1")).protocols(["v1", "V1"]);
    assert_eq!(connect.await.unwrap().protocol(), "V1");
}

#[wasm_bindgen_test]
async fn an_http_url_becomes_a_ws_url() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.url("/ws/echo")).await.unwrap();
    assert!(socket.url().starts_with("ws://127.0.0.1"), "{}", socket.url());
}

#[wasm_bindgen_test]
async fn a_relative_url_is_resolved_against_the_page() {
    // The runner that serves the page speaks no WebSocket.
    let error = websocket::connect("/no-socket-here").await.unwrap_err();
    assert!(error.is_network());
    let url = error.url().unwrap();
    assert!(url.starts_with("ws://127.0.0.1:") && url.ends_with("/no-socket-here"), "{url}");
}

#[wasm_bindgen_test]
async fn what_no_browser_connects_to_is_refused_with_its_reason() {
    for (url, refusal) in [
        ("ftp://127.0.0.1/", Refusal::Scheme),
        ("data:text/plain,x", Refusal::Scheme),
        ("ws://[bad", Refusal::Url),
        ("ws://127.0.0.1:4600/#part", Refusal::Fragment),
        ("ws://127.0.0.1:6000/", Refusal::Port(6000)),
        ("http://127.0.0.1:22/", Refusal::Port(22)),
    ] {
        let error = websocket::connect(url).await.unwrap_err();
        assert!(error.is_invalid_request(), "{url}");
        assert_eq!(Refusal::of(&error), Some(refusal), "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_refused_handshake_is_a_network_error_that_can_be_diagnosed() {
    let wire = Wire::new().await;
    let error = websocket::connect(wire.ws("/status/403")).await.unwrap_err();
    assert!(error.is_network());
    assert_eq!(error.diagnose().await.verdict, Verdict::CannotTell(Unseen::NotProbed));
    assert_eq!(error.diagnose().probe().await.verdict, Verdict::NoWebSocket);
}

#[wasm_bindgen_test]
async fn a_redirect_is_not_followed() {
    let wire = Wire::new().await;
    let outcome = websocket::connect(wire.ws("/redirect?to=/ws/echo&status=301")).await;
    // WebKitGTK follows it all the same.
    assert!(outcome.is_err_and(|error| error.is_network()) || is_webkit());
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_server_that_is_not_there_or_speaks_no_tls_is_a_network_error() {
    let wire = Wire::new().await;
    for url in ["ws://127.0.0.1:2/", &wire.ws("/ws/echo").replacen("ws", "wss", 1)] {
        let error =
            within(20_000, websocket::connect(url)).await.expect("it must come to an end").unwrap_err();
        assert!(error.is_network(), "{error}");
    }
}

#[wasm_bindgen_test]
async fn connecting_has_a_time_limit() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?hold=2000")).timeout(Duration::from_millis(200));
    let error = within(3000, connect).await.expect("the limit must end the attempt").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Connect));
    nothing_stays(&wire).await;
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
    let late = websocket::connect(wire.ws("/ws/echo")).abort_signal(&controller.signal()).await;
    assert!(late.unwrap_err().is_aborted());
    assert!(nothing_stays(&wire).await <= 1);
}

#[wasm_bindgen_test]
async fn an_attempt_dropped_while_connecting_leaves_nothing_open() {
    let wire = Wire::new().await;
    assert!(within(200, websocket::connect(wire.ws("/ws/echo?hold=2000"))).await.is_none());
    nothing_stays(&wire).await;
}

#[wasm_bindgen_test]
async fn an_attempt_dropped_after_one_poll_or_none_leaves_nothing_open() {
    let wire = Wire::new().await;
    drop(websocket::connect(wire.ws("/ws/echo?never")).into_future());
    let mut polled = Box::pin(websocket::connect(wire.ws("/ws/echo")).into_future());
    assert!(pin!(&mut polled).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(polled);
    sleep(300).await;
    let entries = wire.when("the end of what came of it", all_ended).await;
    assert!(entries.iter().all(|entry| !entry.query.contains("never")), "{entries:?}");
}

#[wasm_bindgen_test]
async fn an_open_socket_tells_its_parts_and_its_state() {
    let wire = Wire::new().await;
    let url = wire.ws("/ws/echo");
    let socket = websocket::connect(&url).await.unwrap();
    assert_eq!((socket.state(), socket.url(), socket.close_event()), (State::Open, url, None));
    assert_eq!(socket.extensions(), "");
    assert!(format!("{socket:?}").contains("WebSocket"));
}
