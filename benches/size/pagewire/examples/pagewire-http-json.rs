//! A POST of JSON with time limits and retry, its answer as JSON.

use std::time::Duration;

use pagewire::http::{self, Retry};
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    let request = http::post(url).json(&["a", "b"]).timeout(Duration::from_secs(10)).retry(Retry::new());
    let numbers = async { request.await?.error_for_status()?.json::<Vec<u32>>().await };
    match numbers.await {
        Ok(numbers) => console::log_1(&numbers.len().into()),
        Err(error) => console::error_1(&error.to_string().into()),
    }
}
