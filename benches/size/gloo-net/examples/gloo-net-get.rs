//! A GET: its status, its text, or the typed error.

use gloo_net::http::Request;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = get(&url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn get(url: &str) -> Result<(), gloo_net::Error> {
    let response = Request::get(url).send().await?;
    console::log_1(&response.status().into());
    console::log_1(&response.text().await?.into());
    Ok(())
}
