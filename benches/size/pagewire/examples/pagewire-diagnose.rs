//! Why a GET failed.

use pagewire::http;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    match http::get(url).await {
        Ok(response) => console::log_1(&response.status().into()),
        Err(error) => console::error_1(&error.diagnose().probe().await.to_string().into()),
    }
}
