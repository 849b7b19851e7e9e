//! Against `websockets`, a server that nobody here wrote.

use futures_util::StreamExt;
use pagewire::websocket::{self, Close, Message};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{peer, sleep};

#[wasm_bindgen_test]
async fn text_and_bytes_of_every_frame_length_come_back() {
    let Some(origin) = peer("websockets").await else { return };
    let mut socket = websocket::connect(format!("{origin}/echo")).await.unwrap();
    for length in [0, 125, 126, 65535, 65536, 1_000_000] {
        let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        socket.send(bytes.as_slice()).await.unwrap();
        socket.send("ü".repeat(length)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Binary(bytes));
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("ü".repeat(length)));
    }
    assert_eq!(socket.close(Close::new(4000, "done").unwrap()).await.code, 4000);
}

#[wasm_bindgen_test]
async fn extensions_and_the_subprotocol_are_told() {
    let Some(origin) = peer("websockets").await else { return };
    let connect = websocket::connect(format!("{origin}/echo")).protocols(["chat.v1", "chat.v2"]);
    let socket = connect.await.unwrap();
    assert_eq!(socket.protocol(), "chat.v2");
    // Every browser offers it, and this server takes it.
    assert!(socket.extensions().contains("permessage-deflate"), "{}", socket.extensions());
}

#[wasm_bindgen_test]
async fn a_close_by_the_server_has_its_code_and_reason() {
    let Some(origin) = peer("websockets").await else { return };
    for code in [1000, 1001, 1011, 3000, 4999] {
        let socket = websocket::connect(format!("{origin}/close/{code}")).await.unwrap();
        let end = socket.closed().await;
        assert_eq!((end.code, end.reason.as_str(), end.was_clean), (code, "as asked", true));
    }
}

#[wasm_bindgen_test]
async fn pings_are_answered_by_the_browser_so_that_an_idle_connection_stays() {
    let Some(origin) = peer("websockets").await else { return };
    let mut socket = websocket::connect(format!("{origin}/echo")).await.unwrap();
    sleep(2500).await;
    socket.send("still here").await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::from("still here"));
}
