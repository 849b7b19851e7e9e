//! The jobs by ehttp.

use bench_shared::{Row, Rows, Sample, Tally, Unexpected};
use ehttp::streaming::{Part, fetch_async_streaming};
use ehttp::{Request, fetch_async};
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub async fn get(url: String, count: u32) -> Result<String, JsError> {
    let mut tally = Tally::default();
    for _ in 0..count {
        let response = fetch_async(Request::get(&url)).await.map_err(failed)?;
        tally.add(response.text().ok_or(Unexpected("no text"))?);
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn json(url: String) -> Result<String, JsError> {
    let response = fetch_async(Request::get(url)).await.map_err(failed)?;
    Ok(Rows::from_iter(response.json::<Vec<Row>>()?).digest())
}

#[wasm_bindgen]
pub async fn download(url: String) -> Result<String, JsError> {
    let response = fetch_async(Request::get(url)).await.map_err(failed)?;
    let mut sample = Sample::default();
    sample.add(&response.bytes);
    Ok(sample.digest())
}

#[wasm_bindgen(js_name = stream)]
pub async fn read(url: String) -> Result<String, JsError> {
    let request = Request::get(url);
    let mut parts = fetch_async_streaming(&request).await.map_err(failed)?;
    let mut sample = Sample::default();
    while let Some(part) = parts.next().await.transpose().map_err(failed)? {
        if let Part::Chunk(bytes) = part {
            sample.add(&bytes);
        }
    }
    Ok(sample.digest())
}

fn failed(error: String) -> JsError {
    JsError::new(&error)
}
