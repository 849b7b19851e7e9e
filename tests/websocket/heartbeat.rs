//! Connections that are kept up with a heartbeat.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use pagewire::websocket::{self, Change, Heartbeat, Message, Overflow};
use wasm_bindgen_test::wasm_bindgen_test;

use super::reconnect::{lost, opened, quick};
use super::{is_short_lived, is_webkit};
use crate::shared::{Entry, Wire, evaluate, sleep, within};

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

/// Has the page keep the sockets that it makes, to be looked at.
const WATCH: &str = "self.made = []; self.RealSocket = self.WebSocket;
    self.WebSocket = class extends RealSocket { constructor(...given) { super(...given); made.push(this); } };";

#[wasm_bindgen_test]
async fn one_that_is_found_dead_is_closed_and_whoever_waited_for_it_goes_to_the_next() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    evaluate(WATCH).await.unwrap();
    let connect = websocket::connect(wire.ws("/ws/echo?deaf=60000")).send_buffer(1, 0);
    let socket = connect.reconnect(quick().queue(10, 1000).heartbeat(heartbeat()));
    opened(&socket).await;
    socket.send(vec![0; 20 << 20]).await.unwrap();
    let sent = within(10_000, socket.send("waits")).await.expect("it hears of the death");
    sent.unwrap();
    wire.when("a second connection", |entries| entries.len() == 2).await;
    let state = evaluate("self.WebSocket = self.RealSocket; return self.made[0].readyState;").await.unwrap();
    assert!(state.as_f64().is_some_and(|state| state >= 2.0), "the first is still open");
}

#[wasm_bindgen_test]
async fn a_page_that_stood_still_asks_again_before_it_takes_the_server_for_dead() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?pace=200")).reconnect(quick().heartbeat(heartbeat()));
    opened(&socket).await;
    let mut beats = 0;
    for _ in 0..3 {
        // The question goes out, and the answer comes while nothing runs.
        sleep(150).await;
        evaluate("const end = performance.now() + 900; while (performance.now() < end);").await.unwrap();
        sleep(300).await;
        beats += 1;
    }
    assert_eq!((beats, wire.entries().await.len()), (3, 1));
}

#[wasm_bindgen_test]
async fn what_is_still_being_sent_is_a_sign_of_life() {
    // WebKit does not tell how much it has sent.
    if is_short_lived() || is_webkit() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?mute=true&pace=50")).send_buffer(100 << 20, 0);
    let socket = connect.reconnect(quick().heartbeat(heartbeat()));
    opened(&socket).await;
    for _ in 0..40 {
        socket.send(vec![0; 1 << 20]).await.unwrap();
    }
    let arrived = |entries: &[Entry]| entries[0].websocket.as_ref().is_some_and(|s| s.messages_in >= 40);
    let entries = wire.when("all of it", |entries| arrived(entries) || entries.len() > 1).await;
    assert!(arrived(&entries), "{entries:?}");
}

#[wasm_bindgen_test]
async fn the_heartbeat_does_not_hide_that_the_reader_was_too_far_behind() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?flood=10&deaf=60000")).receive_limit(3, 1000);
    let connect = connect.overflow(Overflow::Close).close_timeout(Duration::from_millis(1500));
    let mut socket = connect.reconnect(quick().heartbeat(heartbeat()));
    let flooded = |entries: &[Entry]| {
        let socket = entries.first().and_then(|entry| entry.websocket.as_ref());
        socket.is_some_and(|socket| socket.messages_out == 10)
    };
    wire.when("the flood", flooded).await;
    sleep(200).await;
    for _ in 0..3 {
        socket.next().await.unwrap().unwrap();
    }
    let error = within(10_000, socket.next()).await.expect("an end").unwrap().unwrap_err();
    assert!(error.is_too_large(), "{error}");
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_page_that_comes_back_after_a_long_silence_asks_at_once() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let hour = Duration::from_secs(3600);
    let rules = Heartbeat::new(hour, hour, || "beat".into(), |message| *message == "beat".into());
    let socket = websocket::connect(wire.ws("/ws/echo")).reconnect(quick().heartbeat(rules));
    opened(&socket).await;
    // What a machine that slept for two hours finds.
    let wake = "self.realNow = Date.now; Date.now = () => self.realNow.call(Date) + 7200000;
        self.dispatchEvent(new Event('online'));";
    evaluate(wake).await.unwrap();
    sleep(300).await;
    evaluate("Date.now = self.realNow;").await.unwrap();
    let entries = wire.entries().await;
    assert_eq!(entries[0].websocket.as_ref().map(|socket| socket.messages_in), Some(1));
}
