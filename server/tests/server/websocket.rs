//! The WebSocket echo, seen from both ends.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use pagewire_server::{How, Side, Socket};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use crate::client::{Served, get, handshake, serve, soon};

async fn receive(socket: &mut WebSocketStream<TcpStream>) -> Message {
    soon(socket.next()).await.unwrap().unwrap()
}

async fn socket_ended(served: &Served, key: &str) -> Socket {
    served.ended(key).await.0.websocket.unwrap()
}

fn close_frame(code: u16, reason: &'static str) -> Message {
    Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))
}

#[tokio::test]
async fn text_and_binary_come_back_and_are_counted() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?key=k", "").await;
    for message in [Message::text("grüße"), Message::binary(vec![0, 255]), Message::text("")] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(receive(&mut socket).await, message);
    }
    assert!(served.entry("k").ended.is_none(), "ended while open");
    socket.close(None).await.unwrap();
    let (entry, ended) = served.ended("k").await;
    let seen = entry.websocket.unwrap();
    assert_eq!((seen.messages_in, seen.bytes_in, seen.messages_out), (3, 9, 3));
    assert_eq!(seen.protocol, None);
    assert_eq!((entry.status, ended.how, ended.sent), (Some(101), How::Complete, 9));
}

#[tokio::test]
async fn a_large_message_in_one_frame_comes_back_whole() {
    let served = serve().await;
    let (socket, _) = served.socket("/ws/echo?key=k", "").await;
    let no_limit = WebSocketConfig::default().max_frame_size(None);
    let mut socket =
        WebSocketStream::from_raw_socket(socket.into_inner(), Role::Client, Some(no_limit)).await;
    let large = Message::binary(vec![7; 20_000_000]);
    socket.send(large.clone()).await.unwrap();
    assert!(receive(&mut socket).await == large);
}

#[tokio::test]
async fn the_first_offered_protocol_that_is_supported_is_chosen() {
    let served = serve().await;
    for (key, supported, chosen) in [
        ("first", "b,c", Some("b")),
        ("order", "c,b", Some("b")),
        ("last", "c", Some("c")),
        ("none", "x", None),
        ("case", "A", None),
        ("nothing", "", None),
    ] {
        let path = format!("/ws/echo?key={key}&protocols={supported}");
        // The client refuses a handshake that names no protocol, as the standard wishes; the answer is what counts.
        let raw = handshake(&path, "Sec-WebSocket-Protocol: a, b, c\r\n");
        let mut stream = served.send_raw(raw).await;
        let mut head = vec![0; 2048];
        let length = tokio::io::AsyncReadExt::read(&mut stream, &mut head).await.unwrap();
        let head = String::from_utf8_lossy(&head[..length]).into_owned();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        let named = head.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
        assert_eq!(named, chosen, "{key}");
        let entry = served.entry_when(key, |entry| entry.websocket.is_some()).await;
        assert_eq!(entry.websocket.unwrap().protocol.as_deref(), chosen, "{key}");
    }
}

#[tokio::test]
async fn a_handshake_is_held_as_long_as_asked_for() {
    let served = serve().await;
    let start = Instant::now();
    served.socket("/ws/echo?hold=120", "").await;
    assert!(start.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_client_that_leaves_while_its_handshake_is_held_is_recorded() {
    let served = serve().await;
    let stream = served.send_raw(handshake("/ws/echo?hold=60000&key=k", "")).await;
    served.entry_when("k", |_| true).await;
    drop(stream);
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.status, ended.how), (None, How::Disconnected));
    assert!(entry.websocket.is_none());
}

#[tokio::test]
async fn a_greeting_comes_before_anything_is_sent() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?key=k&greet=hello+there", "").await;
    assert_eq!(receive(&mut socket).await, Message::text("hello there"));
    socket.send(Message::text("x")).await.unwrap();
    assert_eq!(receive(&mut socket).await, Message::text("x"));
    assert_eq!(served.entry("k").websocket.unwrap().messages_out, 2);
}

#[tokio::test]
async fn the_server_closes_after_its_greeting() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?key=k&greet=hello&close=4001:so+be+it", "").await;
    assert_eq!(receive(&mut socket).await, Message::text("hello"));
    assert_eq!(receive(&mut socket).await, close_frame(4001, "so be it"));
    assert!(socket.next().await.is_none());
    let seen = socket_ended(&served, "k").await;
    let close = seen.close.unwrap();
    assert_eq!((close.code, close.reason.as_str(), close.by), (Some(4001), "so be it", Side::Server));
    assert_eq!(seen.ended, Some(How::Complete));
}

#[tokio::test]
async fn without_a_greeting_the_server_closes_after_the_first_message() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?key=k&close=1000", "").await;
    socket.send(Message::text("one")).await.unwrap();
    assert_eq!(receive(&mut socket).await, Message::text("one"));
    assert_eq!(receive(&mut socket).await, close_frame(1000, ""));
}

#[tokio::test]
async fn the_close_of_the_client_is_answered_and_recorded() {
    let served = serve().await;
    for (key, frame, code, reason) in [
        ("code", Some(close_frame(3999, "done")), Some(3999), "done"),
        ("empty", Some(Message::Close(None)), None, ""),
    ] {
        let (mut socket, _) = served.socket(&format!("/ws/echo?key={key}"), "").await;
        socket.send(frame.unwrap()).await.unwrap();
        assert!(matches!(receive(&mut socket).await, Message::Close(_)), "{key}");
        let seen = socket_ended(&served, key).await;
        let close = seen.close.unwrap();
        assert_eq!((close.code, close.reason.as_str(), close.by), (code, reason, Side::Client));
        assert_eq!(seen.ended, Some(How::Complete));
    }
}

#[tokio::test]
async fn a_client_that_leaves_without_a_close_frame_is_recorded() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?key=k", "").await;
    socket.send(Message::text("one")).await.unwrap();
    receive(&mut socket).await;
    drop(socket);
    let seen = socket_ended(&served, "k").await;
    assert!(seen.close.is_none());
    assert_eq!((seen.ended, seen.messages_in), (Some(How::Disconnected), 1));
}

#[tokio::test]
async fn a_request_that_is_no_handshake_is_refused() {
    let served = serve().await;
    let answer = served.send(get("/ws/echo?key=k")).await;
    assert!(answer.status.is_client_error());
    assert!(served.entry("k").websocket.is_none());
}

#[tokio::test]
async fn a_close_that_makes_no_sense_is_refused() {
    let served = serve().await;
    let raw = handshake("/ws/echo?close=soon&key=k", "");
    let _stream = served.send_raw(raw).await;
    let (entry, _) = served.ended("k").await;
    assert_eq!(entry.status, Some(400));
}
