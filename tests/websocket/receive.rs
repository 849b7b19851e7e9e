//! Receiving: order, JSON, bounds and what happens at them, the end.

use futures_util::stream::FusedStream;
use futures_util::{FutureExt, StreamExt};
use pagewire::websocket::{self, Message, Overflow, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use super::ended;
use crate::shared::{Entry, SOAK, Wire, memory_pages, sleep};

#[wasm_bindgen_test]
async fn text_and_bytes_come_back_in_order() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    socket.send("grüße").await.unwrap();
    socket.send(vec![0_u8, 255, 1]).await.unwrap();
    socket.send("end").await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("grüße".into()));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary(vec![0, 255, 1]));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("end".into()));
}

#[wasm_bindgen_test]
async fn json_is_read_as_its_type_and_what_is_none_is_an_error_between_others() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let mut moves = socket.json::<(String, u8)>();
    socket.send(Message::from_json(&("a", 1)).unwrap()).await.unwrap();
    socket.send("not JSON").await.unwrap();
    socket.send(br#"["b", 2]"#.to_vec()).await.unwrap();
    assert_eq!(moves.next().await.unwrap().unwrap(), ("a".to_owned(), 1));
    assert!(moves.next().await.unwrap().unwrap_err().is_decode());
    assert_eq!(moves.next().await.unwrap().unwrap(), ("b".to_owned(), 2));
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
    assert!(!socket.is_terminated());
    assert!(socket.next().await.unwrap().unwrap_err().is_too_large());
    assert!(socket.is_terminated());
    assert!(socket.next().await.is_none());
}

#[wasm_bindgen_test]
async fn more_bytes_than_the_limit_close_it_too() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?flood=10&size=100")).receive_limit(1000, 250);
    let socket = connect.await.unwrap();
    wire.when("the end of the socket", ended).await;
    let messages: Vec<_> = socket.collect().await;
    assert_eq!(messages.iter().filter(|message| message.is_ok()).count(), 2);
    assert!(messages[2].as_ref().is_err_and(pagewire::Error::is_too_large), "{messages:?}");
}

const FLOOD: u32 = if SOAK { 100_000 } else { 10_000 };

/// So many messages for a reader that sleeps through all of them, and gets at most a hundred.
async fn flooded(overflow: Overflow) -> (WebSocket, Vec<u32>) {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws(&format!("/ws/echo?flood={FLOOD}&size=50")));
    let mut socket = connect.receive_limit(100, 100 * 50).overflow(overflow).await.unwrap();
    // Echoes nothing, but comes after the flood.
    let sent = |entries: &[Entry]| {
        let socket = entries[0].websocket.as_ref();
        socket.is_some_and(|socket| socket.messages_out == u64::from(FLOOD)) || entries[0].ended.is_some()
    };
    let before = memory_pages();
    wire.when("the end of the flood", sent).await;
    // What the server has sent may still be on its way.
    let mut dropped = None;
    while dropped.replace(socket.dropped()) != Some(socket.dropped()) {
        sleep(500).await;
    }
    let most = if SOAK { "5 MB" } else { "500 kB" };
    assert!(memory_pages() - before <= 1, "{most} came in, of which 5 kB may be kept");
    let mut kept = Vec::new();
    // The error of a reader that was too far behind is left to the caller.
    let rest = if overflow == Overflow::Close { 100 } else { usize::MAX };
    while kept.len() < rest
        && let Some(Some(Ok(Message::Text(text)))) = socket.next().now_or_never()
    {
        assert_eq!(text.len(), 50);
        kept.push(text.trim_end_matches('.').parse().unwrap());
    }
    (socket, kept)
}

#[wasm_bindgen_test]
async fn many_messages_at_a_sleeping_reader_leave_the_newest_where_the_oldest_are_dropped() {
    let (socket, kept) = flooded(Overflow::DropOldest).await;
    assert_eq!(kept, (FLOOD - 100..FLOOD).collect::<Vec<_>>());
    assert_eq!(socket.dropped(), u64::from(FLOOD - 100));
}

#[wasm_bindgen_test]
async fn many_messages_at_a_sleeping_reader_leave_the_oldest_where_the_newest_are_dropped() {
    let (socket, kept) = flooded(Overflow::DropNewest).await;
    assert_eq!(kept, (0..100).collect::<Vec<_>>());
    assert_eq!(socket.dropped(), u64::from(FLOOD - 100));
}

#[wasm_bindgen_test]
async fn many_messages_at_a_sleeping_reader_leave_the_last_where_the_latest_is_kept() {
    let (socket, kept) = flooded(Overflow::KeepLatest).await;
    assert_eq!(kept, [FLOOD - 1]);
    assert_eq!(socket.dropped(), u64::from(FLOOD - 1));
}

#[wasm_bindgen_test]
async fn many_messages_at_a_sleeping_reader_end_in_an_error_by_default() {
    let (mut socket, kept) = flooded(Overflow::default()).await;
    assert_eq!(kept, (0..100).collect::<Vec<_>>());
    assert!(socket.next().await.unwrap().unwrap_err().is_too_large());
    assert!(socket.next().await.is_none());
    assert_eq!(socket.dropped(), 0);
}

#[wasm_bindgen_test]
async fn one_message_over_the_limit_does_not_drive_out_those_that_wait() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        let wire = Wire::new().await;
        let connect = websocket::connect(wire.ws("/ws/echo")).receive_limit(10, 100).overflow(overflow);
        let mut socket = connect.await.unwrap();
        for message in ["one".to_owned(), "x".repeat(101), "two".to_owned()] {
            socket.send(message).await.unwrap();
        }
        wire.when("three answers", |entries| {
            entries[0].websocket.as_ref().is_some_and(|s| s.messages_out == 3)
        })
        .await;
        sleep(100).await;
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("one".into()));
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("two".into()));
        assert_eq!(socket.dropped(), 1);
    }
}
