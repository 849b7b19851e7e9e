//! The ES module of pagewire: exports and conversions, no decisions.

mod error;
mod http;
mod options;
mod pull;
mod stream;
mod websocket;

use wasm_bindgen::prelude::*;

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.ts");
