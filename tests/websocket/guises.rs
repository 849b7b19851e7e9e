//! A socket in other guises: a stream of bytes, and a handle that may cross threads.

use futures_util::{AsyncReadExt, AsyncWriteExt, StreamExt};
use pagewire::websocket::{self, Close, Message, SendWebSocket};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all_ended, ended};
use crate::shared::Wire;

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
    assert_eq!(reader.read(&mut [0]).await.unwrap(), 0);
    let entries = wire.when("the end", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 5);
    assert_eq!(writer.write(b"x").await.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

#[wasm_bindgen_test]
async fn a_cut_stream_of_bytes_does_not_look_complete() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?greet=part&delay=50&end=fin")).await.unwrap();
    let mut read = Vec::new();
    let error = socket.into_io().read_to_end(&mut read).await.unwrap_err();
    assert_eq!((read.as_slice(), error.kind()), (&b"part"[..], std::io::ErrorKind::ConnectionReset));
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
