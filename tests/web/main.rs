//! The library in a page, against the test server: `cargo xtask test`, or `wasm-pack test --headless --chrome`.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod bodies;
mod client;
mod conformance_answers;
mod conformance_bodies;
mod conformance_cors;
mod conformance_engine;
mod conformance_events;
mod cors;
#[path = "../shared/guard.rs"]
mod guard;
mod http;
mod httpbin;
mod limits;
mod nchan;
mod peers;
mod progress;
#[path = "../shared/mod.rs"]
mod shared;
mod stream;
#[path = "../websocket/mod.rs"]
mod websocket;
mod websockets;
