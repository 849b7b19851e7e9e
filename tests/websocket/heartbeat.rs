//! Connections that are kept up with a heartbeat.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use pagewire::websocket::{self, Change, Heartbeat, Message};
use wasm_bindgen_test::wasm_bindgen_test;

use super::is_short_lived;
use super::reconnect::{lost, opened, quick};
use crate::shared::{Entry, Wire};

fn heartbeat() -> Heartbeat {
    let (every, patience) = (Duration::from_millis(100), Duration::from_millis(400));
    Heartbeat::new(every, patience, || "beat".into(), |message| *message == "beat".into())
}

#[wasm_bindgen_test]
async fn a_server_that_answers_the_heartbeat_is_alive_and_the_reader_sees_none_of_it() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).reconnect(quick().heartbeat(heartbeat()));
    opened(&socket).await;
    let beats =
        |entries: &[Entry]| entries[0].websocket.as_ref().is_some_and(|socket| socket.messages_in >= 4);
    wire.when("four heartbeats", beats).await;
    assert!(socket.next().now_or_never().is_none());
    socket.send("message").await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::from("message"));
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_server_that_is_gone_without_a_word_is_found_out() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?deaf=60000"));
    let socket = connect.reconnect(quick().heartbeat(heartbeat()));
    let Change::Lost { end, .. } = lost(&socket).await else { panic!() };
    assert_eq!(end, None);
    wire.when("a second connection", |entries| entries.len() == 2).await;
}
