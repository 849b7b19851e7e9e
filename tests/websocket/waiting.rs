//! Messages for a connection that is kept up, while there is none: they wait within a bound, and none is lost silently.

use std::pin::pin;

use futures_util::StreamExt;
use futures_util::future::poll_immediate;
use pagewire::websocket::{self, Change, Close, Message, Reconnect};
use wasm_bindgen_test::wasm_bindgen_test;

use super::reconnect::{HOUR, lost, opened, quick};
use super::{all_ended, is_short_lived};
use crate::shared::{Entry, Wire, sleep};

#[wasm_bindgen_test]
async fn messages_wait_for_a_connection_within_a_bound_and_arrive_in_order() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo?hold=300")).reconnect(quick().queue(3, 10));
    for text in ["1", "2", "3"] {
        socket.send(text).await.unwrap();
    }
    assert!(socket.send("4").await.unwrap_err().is_too_large());
    assert_eq!(socket.queued(), 3);
    opened(&socket).await;
    for text in ["1", "2", "3"] {
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::from(text));
    }
    assert_eq!(socket.queued(), 0);
    assert_eq!(wire.entries().await[0].websocket.as_ref().unwrap().messages_in, 3);
}

#[wasm_bindgen_test]
async fn the_bytes_that_wait_have_a_bound_too() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?hold=300")).reconnect(quick().queue(100, 10));
    socket.send("12345").await.unwrap();
    assert!(socket.send("678901").await.unwrap_err().is_too_large());
    socket.send("67890").await.unwrap();
}

#[wasm_bindgen_test]
async fn a_message_that_waited_for_room_in_a_lost_connection_goes_by_the_next_one_at_once() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?delay=500&end=fin")).send_buffer(1, 0);
    let socket = connect.reconnect(quick().queue(10, 1000));
    opened(&socket).await;
    socket.send(vec![0; 8 << 20]).await.unwrap();
    let mut second = pin!(socket.send("second"));
    // WebKit says that its buffer is empty.
    if poll_immediate(second.as_mut()).await.is_some() {
        return;
    }
    wire.when("two connections", |entries| entries.len() > 1).await;
    while socket.latest() != Change::Open {
        sleep(5).await;
    }
    second.await.unwrap();
    assert_eq!(socket.queued(), 0);
    let has_come = |entry: &Entry| entry.websocket.as_ref().is_some_and(|socket| socket.messages_in == 1);
    wire.when("the message", |entries| entries.iter().skip(1).any(has_come)).await;
}

#[wasm_bindgen_test]
async fn without_a_queue_a_message_is_refused_while_there_is_no_connection() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&delay=50&end=fin&hold=100"));
    let socket = connect.reconnect(Reconnect::new().backoff(HOUR, HOUR));
    assert!(socket.send("too early").await.unwrap_err().is_closed());
    lost(&socket).await;
    assert!(socket.send("too late").await.unwrap_err().is_closed());
    assert_eq!(wire.entries().await[0].websocket.as_ref().unwrap().messages_in, 0);
}

#[wasm_bindgen_test]
async fn a_message_is_never_dropped_without_a_word_whether_before_while_or_after_it_is_open() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let single = websocket::connect(wire.ws("/ws/echo?close=4000")).await.unwrap();
    single.send("taken").await.unwrap();
    single.closed().await;
    assert!(single.send("after").await.unwrap_err().is_closed());
    let kept = websocket::connect(wire.ws("/ws/echo?hold=200")).reconnect(quick().queue(2, 100));
    let mut before = Vec::new();
    for text in ["one", "two", "three"] {
        before.push(kept.send(text).await.is_ok());
    }
    opened(&kept).await;
    let while_open = kept.send("four").await.is_ok();
    kept.close(Close::default()).await;
    let after = kept.send("five").await.is_ok();
    assert_eq!((before, while_open, after), (vec![true, true, false], true, false));
    let entries = wire.when("the end", all_ended).await;
    let taken: u64 = entries.iter().filter_map(|entry| entry.websocket.as_ref()).map(|s| s.messages_in).sum();
    assert_eq!(taken, 1 + 3);
}
