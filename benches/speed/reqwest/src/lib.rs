//! The jobs by reqwest, server-sent events with eventsource-stream.

use bench_shared::{Row, Rows, Sample, Tally};
use eventsource_stream::Eventsource;
use futures_util::{StreamExt, TryStreamExt};
use reqwest::Client;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub async fn get(url: String, count: u32) -> Result<String, JsError> {
    let client = Client::new();
    let mut tally = Tally::default();
    for _ in 0..count {
        tally.add(&client.get(&url).send().await?.text().await?);
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn json(url: String) -> Result<String, JsError> {
    let rows: Vec<Row> = reqwest::get(url).await?.json().await?;
    Ok(Rows::from_iter(rows).digest())
}

#[wasm_bindgen]
pub async fn download(url: String) -> Result<String, JsError> {
    let bytes = reqwest::get(url).await?.bytes().await?;
    let mut sample = Sample::default();
    sample.add(&bytes);
    Ok(sample.digest())
}

#[wasm_bindgen(js_name = stream)]
pub async fn read(url: String) -> Result<String, JsError> {
    let mut sample = Sample::default();
    let mut pieces = reqwest::get(url).await?.bytes_stream();
    while let Some(piece) = pieces.try_next().await? {
        sample.add(&piece);
    }
    Ok(sample.digest())
}

#[wasm_bindgen]
pub async fn events(url: String, count: u32) -> Result<String, JsError> {
    let mut events = reqwest::get(url).await?.bytes_stream().eventsource();
    let mut tally = Tally::default();
    while tally.count < count
        && let Some(event) = events.next().await.transpose()?
    {
        tally.add(&event.data);
    }
    Ok(tally.digest())
}

/// It has no lines: they are cut here, as an app would.
#[wasm_bindgen]
pub async fn ndjson(url: String) -> Result<String, JsError> {
    let mut rows = Rows::default();
    let mut rest = Vec::new();
    let mut pieces = reqwest::get(url).await?.bytes_stream();
    while let Some(piece) = pieces.try_next().await? {
        rest.extend_from_slice(&piece);
        let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
        for line in rest[..end].split(|byte| *byte == b'\n') {
            rows.add(serde_json::from_slice::<Row>(line)?);
        }
        rest.drain(..=end);
    }
    Ok(rows.digest())
}
