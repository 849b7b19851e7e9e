//! A WebSocket that sends a text and shows what comes back.

use futures_util::TryStreamExt;
use pagewire::websocket::{self, Message};
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = echo(url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn echo(url: String) -> pagewire::Result<()> {
    let mut socket = websocket::connect(url).await?;
    socket.send("hello").await?;
    while let Some(message) = socket.try_next().await? {
        if let Message::Text(text) = message {
            console::log_1(&text.into());
        }
    }
    Ok(())
}
