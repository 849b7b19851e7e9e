//! The jobs by gloo-net.

use bench_shared::{Row, Rows, Sample, Tally, Unexpected, pattern, ping};
use futures_util::future::try_join;
use futures_util::{SinkExt, StreamExt};
use gloo_net::eventsource::futures::EventSource;
use gloo_net::http::Request;
use gloo_net::websocket::Message;
use gloo_net::websocket::futures::WebSocket;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub async fn get(url: String, count: u32) -> Result<String, JsError> {
    let mut tally = Tally::default();
    for _ in 0..count {
        tally.add(&Request::get(&url).send().await?.text().await?);
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn json(url: String) -> Result<String, JsError> {
    let rows: Vec<Row> = Request::get(&url).send().await?.json().await?;
    Ok(Rows::from_iter(rows).digest())
}

#[wasm_bindgen]
pub async fn download(url: String) -> Result<String, JsError> {
    let bytes = Request::get(&url).send().await?.binary().await?;
    let mut sample = Sample::default();
    sample.add(&bytes);
    Ok(sample.digest())
}

#[wasm_bindgen(js_name = nativeEvents)]
pub async fn native_events(url: String, count: u32) -> Result<String, JsError> {
    let mut source = EventSource::new(&url)?;
    let mut events = source.subscribe("message")?;
    let mut tally = Tally::default();
    while tally.count < count
        && let Some(event) = events.next().await
    {
        let (_, event) = event.map_err(|error| JsError::new(&error.to_string()))?;
        tally.add(&event.data().as_string().unwrap_or_default());
    }
    Ok(tally.digest())
}

/// It has no lines: the whole text, then line by line.
#[wasm_bindgen]
pub async fn ndjson(url: String) -> Result<String, JsError> {
    let text = Request::get(&url).send().await?.text().await?;
    let mut rows = Rows::default();
    for line in text.lines() {
        rows.add(serde_json::from_str::<Row>(line)?);
    }
    Ok(rows.digest())
}

#[wasm_bindgen(js_name = pingPong)]
pub async fn ping_pong(url: String, count: u32) -> Result<String, JsError> {
    let mut socket = WebSocket::open(&url)?;
    let mut tally = Tally::default();
    for number in 0..count {
        socket.send(Message::Text(ping(number))).await?;
        match socket.next().await.transpose()? {
            Some(Message::Text(text)) if text == ping(number) => tally.add(&text),
            _ => return Err(Unexpected("not the echo").into()),
        }
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn flood(url: String, count: u32) -> Result<String, JsError> {
    let mut socket = WebSocket::open(&url)?;
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
    let (mut sender, receiver) = WebSocket::open(&url)?.split();
    let message = pattern(size);
    let sending = async {
        for _ in 0..count {
            sender.send(Message::Bytes(message.clone())).await?;
        }
        Ok::<(), JsError>(())
    };
    let receiving = async {
        let mut sample = Sample::default();
        let mut messages = receiver.take(count as usize);
        while let Some(message) = messages.next().await {
            if let Message::Bytes(bytes) = message? {
                sample.add(&bytes);
            }
        }
        Ok(sample)
    };
    let ((), sample) = try_join(sending, receiving).await?;
    Ok(sample.digest())
}
