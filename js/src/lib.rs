//! The ES module of pagewire: exports and conversions, no decisions.

pub mod cors;
pub mod environment;
mod error;
pub mod http;
pub mod jsonp;
mod options;
pub mod ping;
mod promise;
mod pull;
pub mod stream;
mod value;
pub mod websocket;

use wasm_bindgen::prelude::wasm_bindgen;

/// Evidence that is gone once a request has failed: a page's policy reports its violations only once.
#[wasm_bindgen(start)]
fn start() {
    pagewire::cors::watch();
}

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.ts");
