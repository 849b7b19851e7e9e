//! The ES module of pagewire: exports and conversions, no decisions.

// A module of some namespaces leaves helpers of the others unused.
#![cfg_attr(not(feature = "default"), allow(dead_code))]

#[cfg(feature = "cors")]
pub mod cors;
#[cfg(feature = "environment")]
pub mod environment;
mod error;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "jsonp")]
pub mod jsonp;
mod options;
mod over_xhr;
#[cfg(feature = "ping")]
pub mod ping;
#[cfg(feature = "poll")]
pub mod poll;
mod promise;
mod pull;
#[cfg(any(feature = "poll", feature = "stream"))]
pub mod reading;
mod request;
#[cfg(any(feature = "http", feature = "poll"))]
mod response;
#[cfg(feature = "sse")]
pub mod sse;
#[cfg(feature = "stream")]
pub mod stream;
mod value;
#[cfg(feature = "websocket")]
pub mod websocket;

use wasm_bindgen::prelude::wasm_bindgen;

/// Evidence that is gone once a request has failed: a page's policy reports its violations only once.
#[cfg(feature = "cors")]
#[wasm_bindgen(start)]
fn start() {
    pagewire::cors::watch();
}

/// The interfaces that all parts use.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.ts");

/// Those of what a server sends bit by bit.
#[cfg(any(feature = "poll", feature = "sse", feature = "stream"))]
#[wasm_bindgen(typescript_custom_section)]
const PUSH: &str = include_str!("push.ts");
