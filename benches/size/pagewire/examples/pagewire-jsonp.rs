//! A call by JSONP.

use pagewire::jsonp;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    match jsonp::get(url).await {
        Ok(answer) => console::log_1(&answer.text().into()),
        Err(error) => console::error_1(&error.to_string().into()),
    }
}
