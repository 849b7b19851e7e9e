//! Server-sent events by the library's own parser.

use futures_util::TryStreamExt;
use pagewire::sse;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = read(url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn read(url: String) -> pagewire::Result<()> {
    let mut items = sse::connect(url).open();
    while let Some(item) = items.try_next().await? {
        console::log_1(&item.data().into());
    }
    Ok(())
}
