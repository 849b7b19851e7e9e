//! A response line by line.

use futures_util::TryStreamExt;
use pagewire::stream;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = read(url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn read(url: String) -> pagewire::Result<()> {
    let mut items = stream::lines(url);
    while let Some(item) = items.try_next().await? {
        console::log_1(&item.into());
    }
    Ok(())
}
