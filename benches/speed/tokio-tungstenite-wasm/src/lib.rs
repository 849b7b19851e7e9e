//! The jobs by tokio-tungstenite-wasm.

use bench_shared::{Sample, Tally, Unexpected, pattern, ping};
use futures_util::future::try_join;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite_wasm::{Message, connect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(js_name = pingPong)]
pub async fn ping_pong(url: String, count: u32) -> Result<String, JsError> {
    let mut socket = connect(&url).await?;
    let mut tally = Tally::default();
    for number in 0..count {
        socket.send(Message::text(ping(number))).await?;
        match socket.next().await.transpose()? {
            Some(Message::Text(text)) if *text == ping(number) => tally.add(&text),
            _ => return Err(Unexpected("not the echo").into()),
        }
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn flood(url: String, count: u32) -> Result<String, JsError> {
    let mut socket = connect(&url).await?;
    let mut tally = Tally::default();
    while tally.count < count
        && let Some(Message::Text(text)) = socket.next().await.transpose()?
    {
        tally.add(&text);
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn binary(url: String, count: u32, size: usize) -> Result<String, JsError> {
    let (mut sender, receiver) = connect(&url).await?.split();
    let message = pattern(size);
    let sending = async {
        for _ in 0..count {
            sender.send(Message::binary(message.clone())).await?;
        }
        Ok::<(), JsError>(())
    };
    let receiving = async {
        let mut sample = Sample::default();
        let mut messages = receiver.take(count as usize);
        while let Some(message) = messages.next().await {
            if let Message::Binary(bytes) = message? {
                sample.add(&bytes);
            }
        }
        Ok(sample)
    };
    let ((), sample) = try_join(sending, receiving).await?;
    Ok(sample.digest())
}
