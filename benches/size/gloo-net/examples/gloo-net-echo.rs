//! A WebSocket that sends a text and shows what comes back.

use futures_util::{SinkExt, TryStreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    match WebSocket::open(&url) {
        Ok(socket) => {
            if let Err(error) = echo(socket).await {
                console::error_1(&error.to_string().into());
            }
        }
        Err(error) => console::error_1(&error.to_string().into()),
    }
}

async fn echo(mut socket: WebSocket) -> Result<(), WebSocketError> {
    socket.send(Message::Text("hello".to_owned())).await?;
    while let Some(message) = socket.try_next().await? {
        if let Message::Text(text) = message {
            console::log_1(&text.into());
        }
    }
    Ok(())
}
