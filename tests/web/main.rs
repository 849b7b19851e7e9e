//! The library in a page, against the test server: `cargo xtask test`, or `wasm-pack test --headless --chrome`.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod another_page;
mod bodies;
mod client;
mod conformance_answers;
mod conformance_bodies;
mod conformance_cors;
mod conformance_engine;
mod conformance_events;
mod conformance_wire;
mod cors;
#[path = "../globals/environment.rs"]
mod environment;
#[path = "../shared/guard.rs"]
mod guard;
mod http;
mod httpbin;
mod jsonp;
mod jsonp_history;
mod jsonp_hostile;
mod jsonp_policy;
mod leaks;
mod limits;
mod nchan;
mod peers;
mod ping;
mod ping_page;
mod poll;
mod poll_cursor;
mod progress;
#[path = "../shared/mod.rs"]
mod shared;
mod sse;
mod stream;
mod streams;
#[path = "../websocket/mod.rs"]
mod websocket;
mod websockets;
mod xhr_stream;
