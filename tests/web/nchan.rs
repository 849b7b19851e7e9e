//! Against the WebSockets of nginx with Nchan.

use futures_util::StreamExt;
use pagewire::websocket::{self, Message, Reconnect};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{peer, random_key};

/// The addresses to publish and to subscribe at, on a channel of this test alone.
async fn channel() -> Option<(String, String)> {
    let origin = peer("nchan").await?;
    let id = random_key().replace('-', "");
    Some((format!("{origin}/pub/{id}"), format!("{origin}/sub/{id}")))
}

#[wasm_bindgen_test]
async fn what_is_published_reaches_the_subscriber_in_order() {
    let Some((publish, subscribe)) = channel().await else { return };
    let mut subscriber = websocket::connect(subscribe).await.unwrap();
    let publisher = websocket::connect(publish).await.unwrap();
    for number in 0..50 {
        publisher.send(format!("message {number}")).await.unwrap();
    }
    for number in 0..50 {
        assert_eq!(subscriber.next().await.unwrap().unwrap(), Message::Text(format!("message {number}")));
    }
}

#[wasm_bindgen_test]
async fn a_late_subscriber_gets_what_the_channel_kept_with_the_handshake() {
    let Some((publish, subscribe)) = channel().await else { return };
    let mut publisher = websocket::connect(publish).await.unwrap();
    publisher.send("kept").await.unwrap();
    // Nchan answers each message with what it knows of the channel.
    publisher.next().await.unwrap().unwrap();
    let mut subscriber = websocket::connect(subscribe).await.unwrap();
    assert_eq!(subscriber.next().await.unwrap().unwrap(), Message::from("kept"));
}

#[wasm_bindgen_test]
async fn a_subprotocol_is_named_or_the_connection_fails() {
    let Some((_, subscribe)) = channel().await else { return };
    let named = websocket::connect(subscribe.as_str()).protocols(["ws+meta.nchan"]).await.unwrap();
    assert_eq!(named.protocol(), "ws+meta.nchan");
    // Nchan answers with an empty name, which one browser opens and others do not.
    let error = websocket::connect(subscribe).protocols(["other"]).await.unwrap_err();
    assert!(error.is_network(), "{error}");
}

#[wasm_bindgen_test]
async fn a_connection_that_is_kept_up_works_with_it_too() {
    let Some((publish, subscribe)) = channel().await else { return };
    let mut subscriber = websocket::connect(subscribe).reconnect(Reconnect::new());
    let publisher = websocket::connect(publish).reconnect(Reconnect::new().queue(10, 1000));
    publisher.send("queued before the connection").await.unwrap();
    assert_eq!(subscriber.next().await.unwrap().unwrap(), Message::from("queued before the connection"));
}
