//! The jobs by pagewire.

use std::cell::RefCell;
use std::time::Duration;

use bench_shared::{Row, Rows, Sample, Tally, Unexpected, pattern, ping, uploaded};
use futures_util::future::{join, try_join};
use futures_util::{StreamExt, TryStreamExt};
use pagewire::http::{self, Body, Event};
use pagewire::websocket::{self, Message};
use pagewire::{poll, sse, stream};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

thread_local! {
    static BODY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

#[wasm_bindgen]
pub async fn get(url: String, count: u32) -> Result<String, JsError> {
    let mut tally = Tally::default();
    for _ in 0..count {
        tally.add(&http::get(&url).await?.text().await?);
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn json(url: String) -> Result<String, JsError> {
    let rows: Vec<Row> = http::get(url).await?.json().await?;
    Ok(Rows::from_iter(rows).digest())
}

#[wasm_bindgen]
pub async fn download(url: String) -> Result<String, JsError> {
    let bytes = http::get(url).await?.bytes().await?;
    let mut sample = Sample::default();
    sample.add(&bytes);
    Ok(sample.digest())
}

/// Makes the body of the next upload, which is no part of the job.
#[wasm_bindgen]
pub fn prepare(length: usize) {
    BODY.set(pattern(length));
}

#[wasm_bindgen]
pub async fn upload(url: String) -> Result<String, JsError> {
    upload_body(url, BODY.take().into()).await
}

#[wasm_bindgen(js_name = uploadBlob)]
pub async fn upload_blob(url: String, blob: Blob) -> Result<String, JsError> {
    upload_body(url, blob.into()).await
}

async fn upload_body(url: String, body: Body) -> Result<String, JsError> {
    let exchange = http::post(url).body(body).upload_events().start()?;
    let mut events = exchange.events();
    let mut loaded = 0.0;
    let watching = async {
        while let Some(event) = events.next().await {
            if let Event::Upload(_, progress) = event {
                loaded = progress.loaded as f64;
            }
        }
    };
    let (response, ()) = join(exchange, watching).await;
    Ok(uploaded(&response?.text().await?, loaded))
}

#[wasm_bindgen(js_name = stream)]
pub async fn read(url: String) -> Result<String, JsError> {
    let mut sample = Sample::default();
    let mut pieces = stream::bytes(url);
    while let Some(piece) = pieces.try_next().await? {
        sample.add(&piece);
    }
    Ok(sample.digest())
}

#[wasm_bindgen]
pub async fn events(url: String, count: u32) -> Result<String, JsError> {
    tally(sse::connect(url).open(), count).await
}

#[wasm_bindgen(js_name = nativeEvents)]
pub async fn native_events(url: String, count: u32) -> Result<String, JsError> {
    tally(sse::native(url).open(), count).await
}

async fn tally(mut events: sse::EventStream, count: u32) -> Result<String, JsError> {
    let mut tally = Tally::default();
    while tally.count < count
        && let Some(event) = events.try_next().await?
    {
        tally.add(event.data());
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn ndjson(url: String) -> Result<String, JsError> {
    let mut rows = Rows::default();
    let mut records = stream::ndjson::<Row>(url);
    while let Some(row) = records.try_next().await? {
        rows.add(row);
    }
    Ok(rows.digest())
}

/// Each question at once after the answer to the one before.
#[wasm_bindgen]
pub async fn polls(url: String, count: u32) -> Result<String, JsError> {
    let mut tally = Tally::default();
    let mut answers = poll::long(url).spacing(Duration::ZERO).open();
    while tally.count < count
        && let Some(answer) = answers.try_next().await?
    {
        tally.add(&answer.text().await?);
    }
    Ok(tally.digest())
}

#[wasm_bindgen(js_name = pingPong)]
pub async fn ping_pong(url: String, count: u32) -> Result<String, JsError> {
    let mut socket = websocket::connect(url).await?;
    let mut tally = Tally::default();
    for number in 0..count {
        socket.send(ping(number)).await?;
        match socket.try_next().await? {
            Some(Message::Text(text)) if text == ping(number) => tally.add(&text),
            _ => return Err(Unexpected("not the echo").into()),
        }
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn flood(url: String, count: u32) -> Result<String, JsError> {
    let mut socket = websocket::connect(url).await?;
    let mut tally = Tally::default();
    while tally.count < count
        && let Some(Message::Text(text)) = socket.try_next().await?
    {
        tally.add(&text);
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn binary(url: String, count: u32, size: usize) -> Result<String, JsError> {
    let socket = websocket::connect(url).await?;
    let message = pattern(size);
    let sending = async {
        for _ in 0..count {
            socket.send(message.as_slice()).await?;
        }
        Ok::<(), pagewire::Error>(())
    };
    let receiving = async {
        let mut sample = Sample::default();
        let mut messages = socket.clone().take(count as usize);
        while let Some(message) = messages.try_next().await? {
            if let Message::Binary(bytes) = message {
                sample.add(&bytes);
            }
        }
        Ok(sample)
    };
    let ((), sample) = try_join(sending, receiving).await?;
    Ok(sample.digest())
}
