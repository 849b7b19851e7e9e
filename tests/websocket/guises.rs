//! A socket in other guises: a stream of bytes, and a handle that may cross threads.

use std::io::ErrorKind;
use std::time::Duration;

use futures_util::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, SinkExt, StreamExt};
use pagewire::websocket::{self, Close, Message, SendWebSocket, WebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all_ended, ended, is_webkit};
use crate::shared::{Wire, within};

#[wasm_bindgen_test]
async fn bytes_pass_whole_whatever_the_bounds_of_messages_and_buffers() {
    let wire = Wire::new().await;
    let (mut reader, mut writer) = websocket::connect(wire.ws("/ws/echo")).await.unwrap().into_io().split();
    let sent: Vec<u8> = (0..300_000_u32).map(|at| (at * 7 % 251) as u8).collect();
    let write = async {
        writer.write_all(&sent).await.unwrap();
        writer.flush().await.unwrap();
    };
    let mut came = vec![0; sent.len()];
    let read = async {
        let mut at = 0;
        while at < came.len() {
            let end = (at + 1013).min(came.len());
            at += reader.read(&mut came[at..end]).await.unwrap();
        }
    };
    futures_util::future::join(write, read).await;
    assert!(came == sent);
    writer.close().await.unwrap();
    let entries = wire.when("the end", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 5);
    assert_eq!(writer.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[wasm_bindgen_test]
async fn a_cut_stream_of_bytes_does_not_look_complete() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?greet=part&delay=50&end=fin")).await.unwrap();
    let mut read = Vec::new();
    let error = socket.into_io().read_to_end(&mut read).await.unwrap_err();
    assert_eq!((read.as_slice(), error.kind()), (&b"part"[..], ErrorKind::ConnectionReset));
    let socket = websocket::connect(wire.ws("/ws/echo?greet=whole&close=1000")).await.unwrap();
    let mut read = Vec::new();
    socket.into_io().read_to_end(&mut read).await.unwrap();
    assert_eq!(read, b"whole");
}

fn needs_send<T: Send + 'static>(value: T) -> T {
    value
}

#[wasm_bindgen_test]
async fn a_handle_that_may_cross_threads_sends_receives_and_closes() {
    let wire = Wire::new().await;
    let mut socket: SendWebSocket =
        needs_send(websocket::connect(wire.ws("/ws/echo")).await.unwrap().into_send());
    for number in 0..100 {
        socket.send(number.to_string()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::from(number.to_string()));
    }
    let end = socket.close(Close::new(4001, "bye").unwrap()).await.unwrap();
    assert_eq!((end.code, end.was_clean), (4001, true));
    assert!(socket.next().await.is_none());
    assert!(socket.send("late").await.unwrap_err().is_closed());
    let entries = wire.when("the end", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 100);
}

#[wasm_bindgen_test]
async fn dropping_that_handle_closes_the_connection() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap().into_send();
    socket.send("x").await.unwrap();
    drop(socket);
    wire.when("the end", |entries| !entries.is_empty() && all_ended(entries)).await;
}

/// A server that reads nothing for so long, and a client that does not wait long for it.
async fn impatient(wire: &Wire, deaf: u32) -> WebSocket {
    let connect = websocket::connect(wire.ws(&format!("/ws/echo?deaf={deaf}"))).send_buffer(1, 0);
    connect.close_timeout(Duration::from_millis(300)).await.unwrap()
}

#[wasm_bindgen_test]
async fn writing_that_was_cut_does_not_look_complete() {
    let wire = Wire::new().await;
    let mut socket = impatient(&wire, 60_000).await;
    SinkExt::send(&mut socket, Message::from(vec![0; 20 << 20])).await.unwrap();
    let error = within(5000, SinkExt::<Message>::close(&mut socket)).await.expect("an end").unwrap_err();
    assert_eq!(error.close_event().map(|end| (end.code, end.was_clean)), Some((1006, false)));
    let mut io = impatient(&wire, 60_000).await.into_io();
    io.write_all(b"cut").await.unwrap();
    let error = within(5000, io.close()).await.expect("an end").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[wasm_bindgen_test]
async fn only_the_end_of_a_server_that_is_done_is_the_end_of_the_bytes() {
    for (code, is_end) in [("1000", true), ("1001", true), ("1011", false), ("4000", false)] {
        let wire = Wire::new().await;
        let socket =
            websocket::connect(wire.ws(&format!("/ws/echo?greet=whole&close={code}"))).await.unwrap();
        let mut read = Vec::new();
        let outcome = socket.into_io().read_to_end(&mut read).await;
        assert_eq!((outcome.is_ok(), read.as_slice()), (is_end, &b"whole"[..]), "{code}");
    }
}

#[wasm_bindgen_test]
async fn after_the_own_close_the_bytes_do_not_look_complete() {
    let wire = Wire::new().await;
    let mut io = websocket::connect(wire.ws("/ws/echo?pace=100")).await.unwrap().into_io();
    io.write_all(b"echoed too late").await.unwrap();
    io.close().await.unwrap();
    let error = io.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
}

#[wasm_bindgen_test]
async fn lines_of_every_length_pass_whole() {
    let wire = Wire::new().await;
    let (reader, mut writer) = websocket::connect(wire.ws("/ws/echo")).await.unwrap().into_io().split();
    let sent: Vec<String> = (0..200).map(|number| "€".repeat(number * 7 % 500)).collect();
    let write = async {
        for line in &sent {
            writer.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        }
    };
    let lines = futures_util::io::BufReader::new(reader).lines().take(sent.len());
    let read = lines.map(Result::unwrap).collect::<Vec<_>>();
    let (came, ()) = futures_util::future::join(read, write).await;
    assert!(came == sent);
}

#[wasm_bindgen_test]
async fn dropping_that_handle_while_it_waits_for_room_closes_the_connection_and_sends_no_more() {
    let wire = Wire::new().await;
    let mut socket = impatient(&wire, 500).await.into_send();
    socket.send(vec![0; 20 << 20]).await.unwrap();
    assert!(within(50, socket.send("never")).await.is_none() || is_webkit());
    drop(socket);
    let entries = wire.when("the end", |entries| !entries.is_empty() && all_ended(entries)).await;
    assert!(entries[0].websocket.as_ref().unwrap().messages_in == 1 || is_webkit());
}

#[wasm_bindgen_test]
async fn the_close_of_that_handle_does_not_stand_behind_what_waits_for_room() {
    let wire = Wire::new().await;
    let mut socket = impatient(&wire, 60_000).await.into_send();
    socket.send(vec![0; 20 << 20]).await.unwrap();
    assert!(within(50, socket.send("never")).await.is_none() || is_webkit());
    let end = within(5000, socket.close(Close::default())).await.expect("an end").unwrap();
    assert_eq!((end.code, end.was_clean), (1006, false));
}
