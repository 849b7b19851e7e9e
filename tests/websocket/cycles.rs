//! Many connections, one after the other: nothing stays, neither here nor at the server.

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::task::{Context, Waker};

use futures_util::StreamExt;
use pagewire::websocket::{self, Message, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all_ended, is_short_lived};
use crate::shared::{SOAK, Wire, memory_pages, sleep};

const CYCLES: usize = if SOAK { 1500 } else { 100 };

const MESSAGES: usize = if SOAK { 10_000 } else { 1000 };

/// Drops one while it connects, and one after a message. Chromium makes a page whose connections fail wait for the next
/// one; a success between makes up for it.
async fn cycle(wire: &Wire) {
    let mut connecting = Box::pin(websocket::connect(wire.ws("/ws/echo")).into_future());
    assert!(pin!(&mut connecting).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(connecting);
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    socket.send(vec![7; 10_000]).await.unwrap();
    socket.next().await.unwrap().unwrap();
}

#[wasm_bindgen_test]
async fn many_connections_made_and_dropped_leave_nothing_behind() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    for _ in 0..10 {
        cycle(&wire).await;
    }
    let before = memory_pages();
    for _ in 10..CYCLES {
        cycle(&wire).await;
    }
    assert_eq!(memory_pages() - before, 0, "wasm memory grew");
    sleep(200).await;
    let entries = wire.when("the end of every socket", all_ended).await;
    let opened =
        entries.iter().filter(|entry| entry.websocket.as_ref().is_some_and(|socket| socket.messages_in == 1));
    assert_eq!(opened.count(), CYCLES);
}

/// After the first hundred nothing grows any more, on a connection that sends and receives.
#[wasm_bindgen_test]
async fn many_messages_leave_nothing_behind() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let bytes = vec![7; 10_000];
    let there_and_back = async |socket: &mut WebSocket| {
        socket.send("question").await.unwrap();
        socket.send(bytes.as_slice()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("question".to_owned()));
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary(bytes.clone()));
    };
    for _ in 0..100 {
        there_and_back(&mut socket).await;
    }
    let before = memory_pages();
    for _ in 100..MESSAGES {
        there_and_back(&mut socket).await;
    }
    assert_eq!(memory_pages() - before, 0, "wasm memory grew");
}
