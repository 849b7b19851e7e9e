//! A GET: its status, its text, or the typed error.

use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = get(url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn get(url: String) -> reqwest::Result<()> {
    let response = reqwest::get(url).await?;
    console::log_1(&response.status().as_u16().into());
    console::log_1(&response.text().await?.into());
    Ok(())
}
