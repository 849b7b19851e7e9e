//! Sending: every kind of message, backpressure, and never a silent loss.

use futures_util::future::join;
use futures_util::{FutureExt, SinkExt, StreamExt};
use js_sys::Array;
use pagewire::websocket::{self, Close, Message};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Blob, File};

use super::{ended, is_webkit};
use crate::shared::{Entry, Wire, evaluate, within};

fn received(count: u64) -> impl Fn(&[Entry]) -> bool {
    move |entries| entries[0].websocket.as_ref().is_some_and(|socket| socket.messages_in == count)
}

#[wasm_bindgen_test]
async fn messages_of_every_length_of_frame_survive() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    for length in [0, 1, 125, 126, 127, 65535, 65536, 1_000_000] {
        let bytes: Vec<u8> = (0..length).map(|at| (at * 7 % 256) as u8).collect();
        socket.send(bytes.as_slice()).await.unwrap();
        socket.send("x".repeat(length)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary(bytes));
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("x".repeat(length)));
    }
}

#[wasm_bindgen_test]
async fn a_blob_and_a_file_are_sent_as_one_binary_message_each() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let parts = Array::of2(&"grü".into(), &"ße".into());
    let blob = Blob::new_with_str_sequence(&parts).unwrap();
    socket.send(&blob).await.unwrap();
    socket.send("between").await.unwrap();
    socket.send(File::new_with_str_sequence(&parts, "a.txt").unwrap()).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary("grüße".into()));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("between".into()));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary("grüße".into()));
}

#[wasm_bindgen_test]
async fn two_sockets_carry_their_own_bytes() {
    let wire = Wire::new().await;
    let connect = || async { websocket::connect(wire.ws("/ws/echo")).await.unwrap() };
    let (mut one, mut two) = join(connect(), connect()).await;
    let bytes = |of: u8| (0..10_240_u32).map(|at| (at as u8).wrapping_mul(31) ^ of).collect::<Vec<_>>();
    for _ in 0..20 {
        one.send(bytes(1)).await.unwrap();
        two.send(bytes(2)).await.unwrap();
    }
    for _ in 0..20 {
        assert_eq!(one.next().await.unwrap().unwrap(), Message::Binary(bytes(1)));
        assert_eq!(two.next().await.unwrap().unwrap(), Message::Binary(bytes(2)));
    }
}

#[wasm_bindgen_test]
async fn what_is_sent_is_buffered_at_once_in_bytes() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    assert_eq!(socket.buffered_amount(), 0);
    socket.send("ü".repeat(1000)).now_or_never().unwrap().unwrap();
    assert_eq!(socket.buffered_amount(), 2000);
}

#[wasm_bindgen_test]
async fn many_messages_to_a_slow_reader_all_arrive_before_the_close() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?pace=10")).send_buffer(256 << 10, 64 << 10);
    let mut reader = connect.await.unwrap();
    let socket = reader.clone();
    let mut most = 0;
    for _ in 0..50 {
        socket.send(vec![0; 64 << 10]).await.unwrap();
        most = most.max(socket.buffered_amount());
    }
    assert!(most < (256 << 10) + (64 << 10), "{most} bytes were in the buffer");
    for _ in 0..50 {
        reader.next().await.unwrap().unwrap();
    }
    let event = socket.close(Close::default()).await;
    assert!((event.was_clean, event.unsent) == (true, 0), "{event:?}");
    let entries = wire.when("the end of the socket", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 50);
}

#[wasm_bindgen_test]
async fn above_the_high_mark_sending_waits_until_the_low_one() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?mute=true&pace=5")).send_buffer(16 << 20, 100 << 10);
    let socket = connect.await.unwrap();
    let mut sent = 0;
    // The system between takes much before the browser's own buffer fills up. WebKit's never does.
    while !is_webkit()
        && let Some(outcome) = socket.send(vec![0; 256 << 10]).now_or_never()
    {
        outcome.unwrap();
        sent += 1;
        assert!(sent < 1000, "the mark stops nobody");
    }
    assert!(socket.buffered_amount() >= 16 << 20 || is_webkit());
    let through = async {
        socket.send("through").await.unwrap();
        socket.buffered_amount()
    };
    let left = within(20_000, through).await.expect("the buffer must empty itself");
    assert!(left <= (100 << 10) + "through".len(), "{left}");
    wire.when("all of it", received(sent + 1)).await;
}

#[wasm_bindgen_test]
async fn a_send_that_was_dropped_while_it_waited_has_sent_nothing() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?deaf=500")).send_buffer(1, 0);
    let socket = connect.await.unwrap();
    socket.send(vec![0; 20 << 20]).await.unwrap();
    assert!(within(50, socket.send("never")).await.is_none());
    socket.send("later").await.unwrap();
    let event = socket.close(Close::default()).await;
    assert!(event.was_clean, "{event:?}");
    let entries = wire.when("the end of the socket", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 2);
}

#[wasm_bindgen_test]
async fn sending_with_room_sets_no_timer() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    evaluate(
        "self.delays = []; self.realTimeout = self.setTimeout;
         self.setTimeout = (...given) => { self.delays.push(given[1]); return self.realTimeout.call(self, ...given); };",
    )
    .await
    .unwrap();
    for number in 0..20 {
        socket.send(number.to_string()).await.unwrap();
        socket.next().await.unwrap().unwrap();
    }
    // The harness of the tests sets a long one now and then.
    let delays = evaluate(
        "self.setTimeout = self.realTimeout; return self.delays.filter((delay) => delay < 1000).join();",
    )
    .await
    .unwrap();
    assert_eq!(delays.as_string().as_deref(), Some(""));
}

#[wasm_bindgen_test]
async fn sending_on_a_closed_socket_is_an_error_that_carries_code_and_reason() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo?close=4002:enough")).await.unwrap();
    SinkExt::send(&mut socket, "first".into()).await.unwrap();
    socket.closed().await;
    for error in [
        socket.send("lost?").await.unwrap_err(),
        SinkExt::send(&mut socket, "lost?".into()).await.unwrap_err(),
    ] {
        assert!(error.is_closed());
        let event = error.close_event().unwrap();
        assert_eq!((event.code, event.reason.as_str()), (4002, "enough"));
        assert!(error.to_string().contains("4002: enough"), "{error}");
    }
    assert_eq!(wire.entries().await[0].websocket.as_ref().unwrap().messages_in, 1);
}

#[wasm_bindgen_test]
async fn sending_while_closing_is_an_error() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let closing = socket.close(Close::default());
    assert!(socket.send("too late").await.unwrap_err().is_closed());
    assert_eq!(closing.await.code, 1005);
    assert_eq!(wire.when("the end", ended).await[0].websocket.as_ref().unwrap().messages_in, 0);
}

#[wasm_bindgen_test]
async fn a_send_that_waits_is_told_when_the_connection_ends() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?greet=x&end=reset")).send_buffer(1, 0).await.unwrap();
    let first = socket.send(vec![0; 20 << 20]).await;
    let second = within(10_000, socket.send("second")).await.expect("the end must wake it");
    // WebKit says that its buffer is empty, so nothing waits there.
    assert!(second.is_err_and(|error| error.is_closed()) || is_webkit(), "{first:?}");
}

#[wasm_bindgen_test]
async fn what_the_browser_knows_to_be_unsent_is_told_with_the_end() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&delay=1500&end=reset"));
    let mut socket = connect.send_buffer(100 << 20, 0).await.unwrap();
    // The server reads nothing of it, and then resets.
    for _ in 0..20 {
        socket.send(vec![0; 1 << 20]).await.unwrap();
    }
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::from("x"));
    let left = socket.buffered_amount();
    let event = within(20_000, socket.closed()).await.expect("a reset is an end");
    assert!(!event.was_clean);
    // WebKit takes everything for sent at once.
    assert_eq!(event.unsent, left as u64);
    assert!(left > 1 << 20 || is_webkit(), "{event:?}");
}

#[wasm_bindgen_test]
async fn the_halves_of_a_split_socket_work_while_a_clone_tells_of_it() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?protocols=v1")).protocols(["v1"]).await.unwrap();
    let about = socket.clone();
    let (mut sink, mut stream) = socket.split();
    sink.send(Message::from("through the sink")).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), Message::from("through the sink"));
    assert_eq!((about.protocol().as_str(), about.close_event()), ("v1", None));
    SinkExt::<Message>::close(&mut sink).await.unwrap();
    assert!(stream.next().await.is_none());
    assert_eq!(about.close_event().map(|event| event.code), Some(1005));
}
