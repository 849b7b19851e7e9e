//! A WebSocket that sends a text and shows what comes back.

use futures_util::{SinkExt, TryStreamExt};
use tokio_tungstenite_wasm::{Message, Result, connect};
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = echo(&url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn echo(url: &str) -> Result<()> {
    let mut socket = connect(url).await?;
    socket.send(Message::text("hello")).await?;
    while let Some(message) = socket.try_next().await? {
        if let Message::Text(text) = message {
            console::log_1(&text.as_str().into());
        }
    }
    Ok(())
}
