//! An image ping.

use pagewire::ping;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    match ping::image(url).await {
        Ok(pong) => console::log_1(&pong.loaded().into()),
        Err(error) => console::error_1(&error.to_string().into()),
    }
}
