//! A GET: its status, its text, or the error.

use ehttp::{Request, fetch_async};
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    match fetch_async(Request::get(url)).await {
        Ok(response) => {
            console::log_1(&response.status.into());
            console::log_1(&response.text().into());
        }
        Err(error) => console::error_1(&error.into()),
    }
}
