//! The WebSocket echo where it misbehaves as it was told, seen on the wire.

use std::io;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use pagewire_server::How;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{handshake, serve, soon};

/// Everything until the connection ends, and whether it ended without a reset.
async fn read_out(stream: &mut TcpStream) -> (Vec<u8>, io::Result<()>) {
    let mut bytes = Vec::new();
    let ended = soon(stream.read_to_end(&mut bytes)).await;
    (bytes, ended.map(drop))
}

fn after_head(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    &bytes[end + 4..]
}

#[tokio::test]
async fn early_messages_come_in_one_piece_with_the_answer_to_the_handshake() {
    let served = serve().await;
    let path = "/ws/echo?early=true&delay=80&greet=one&greet=two&greet_bytes=3";
    let mut stream = served.send_raw(handshake(path, "")).await;
    let mut bytes = vec![0; 4096];
    let length = soon(stream.read(&mut bytes)).await.unwrap();
    assert_eq!(after_head(&bytes[..length]), b"\x81\x03one\x81\x03two\x82\x03\x00\x01\x02");
}

#[tokio::test]
async fn without_early_the_same_messages_come_too() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?greet=one&greet_bytes=2", "").await;
    assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::text("one"));
    assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::binary(vec![0, 1]));
}

#[tokio::test]
async fn a_connection_can_end_without_a_close_frame() {
    let served = serve().await;
    let mut stream = served.send_raw(handshake("/ws/echo?key=k&greet=x&end=fin", "")).await;
    let (bytes, ended) = read_out(&mut stream).await;
    assert_eq!(after_head(&bytes), b"\x81\x01x");
    ended.unwrap();
    assert_eq!(served.ended("k").await.1.how, How::Disconnected);
}

#[tokio::test]
async fn a_connection_can_end_by_a_reset() {
    let served = serve().await;
    let mut stream = served.send_raw(handshake("/ws/echo?key=k&greet=x&end=reset", "")).await;
    let (_, ended) = read_out(&mut stream).await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(served.ended("k").await.1.how, How::Disconnected);
}

#[tokio::test]
async fn any_number_is_a_close_code() {
    let served = serve().await;
    for code in [0_u16, 999, 1004, 1005, 1006, 1016, 2999, 5000, 65535] {
        let path = format!("/ws/echo?greet=x&close={code}:so");
        let mut stream = served.send_raw(handshake(&path, "")).await;
        let mut bytes = Vec::new();
        while bytes.len() < 7 || !bytes.ends_with(b"so") {
            let mut piece = [0; 512];
            let length = soon(stream.read(&mut piece)).await.unwrap();
            assert_ne!(length, 0, "{code}");
            bytes.extend_from_slice(&piece[..length]);
        }
        let [high, low] = code.to_be_bytes();
        assert!(bytes.ends_with(&[0x88, 4, high, low, b's', b'o']), "{code}: {bytes:?}");
    }
}

#[tokio::test]
async fn a_deaf_server_does_not_answer_a_close() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?key=k&deaf=300", "").await;
    let start = Instant::now();
    socket.close(None).await.unwrap();
    assert!(matches!(soon(socket.next()).await, Some(Ok(Message::Close(_)))));
    assert!(start.elapsed() >= Duration::from_millis(250));
}

#[tokio::test]
async fn a_slow_reader_takes_its_time_for_each_message() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?key=k&pace=60", "").await;
    let start = Instant::now();
    for number in 0..5 {
        socket.send(Message::text(number.to_string())).await.unwrap();
    }
    for number in 0..5 {
        assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::text(number.to_string()));
    }
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_flood_is_numbered_and_filled_up() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/echo?flood=3&size=4", "").await;
    for number in 0..3 {
        assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::text(format!("{number}...")));
    }
}

#[tokio::test]
async fn a_message_goes_to_the_others_of_its_room_alone() {
    let served = serve().await;
    let (mut one, _) = served.socket("/ws/chat?room=a&key=one", "").await;
    let (mut two, _) = served.socket("/ws/chat?room=a", "").await;
    let (mut elsewhere, _) = served.socket("/ws/chat?room=b", "").await;
    one.send(Message::text("hello")).await.unwrap();
    assert_eq!(soon(two.next()).await.unwrap().unwrap(), Message::text("hello"));
    two.send(Message::binary(vec![1])).await.unwrap();
    // Its own message did not come first.
    assert_eq!(soon(one.next()).await.unwrap().unwrap(), Message::binary(vec![1]));
    elsewhere.close(None).await.unwrap();
    assert!(matches!(soon(elsewhere.next()).await, Some(Ok(Message::Close(_)))));
    let seen = served.entry("one").websocket.unwrap();
    assert_eq!((seen.messages_in, seen.messages_out), (1, 1));
}

#[tokio::test]
async fn a_member_is_cut_off_by_its_word_and_kept_away() {
    let served = serve().await;
    let path = "/ws/chat?room=a&cut=off&away=300&key=k&name=one";
    let (mut one, _) = served.socket(path, "").await;
    let (mut two, _) = served.socket("/ws/chat?room=a&name=two", "").await;
    one.send(Message::text("off")).await.unwrap();
    assert!(soon(one.next()).await.unwrap().is_err());
    assert_eq!(served.ended("k").await.1.how, How::Disconnected);
    two.send(Message::text("off")).await.unwrap();
    for (path, status) in [(path, "503"), ("/ws/chat?name=two", "101")] {
        let mut stream = served.send_raw(handshake(path, "")).await;
        let mut head = [0; 12];
        soon(stream.read_exact(&mut head)).await.unwrap();
        assert_eq!(head, format!("HTTP/1.1 {status}").as_bytes(), "{path}");
    }
    tokio::time::sleep(Duration::from_millis(350)).await;
    let (mut one, _) = served.socket(path, "").await;
    two.send(Message::text("back?")).await.unwrap();
    assert_eq!(soon(one.next()).await.unwrap().unwrap(), Message::text("back?"), "the word went to the room");
}
