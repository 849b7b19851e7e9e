//! An upload that tells how far it is.

use futures_util::StreamExt;
use futures_util::future::join;
use pagewire::http::{self, Event};
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub async fn run(url: String) {
    if let Err(error) = upload(url).await {
        console::error_1(&error.to_string().into());
    }
}

async fn upload(url: String) -> pagewire::Result<()> {
    let exchange = http::post(url).body(vec![0; 5_000_000]).upload_events().start()?;
    let mut events = exchange.events();
    let watching = async {
        while let Some(event) = events.next().await {
            if let Event::Upload(_, progress) = event {
                console::log_1(&(progress.loaded as f64).into());
            }
        }
    };
    let (response, ()) = join(exchange, watching).await;
    console::log_1(&response?.status().into());
    Ok(())
}
