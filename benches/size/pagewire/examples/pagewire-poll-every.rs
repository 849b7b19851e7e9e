//! Short polling.

use std::time::Duration;

use futures_util::TryStreamExt;
use pagewire::poll;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = read(url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn read(url: String) -> pagewire::Result<()> {
    let mut items = poll::every(Duration::from_secs(10), url).open();
    while let Some(item) = items.try_next().await? {
        console::log_1(&item.status().into());
    }
    Ok(())
}
