//! The library in workers: dedicated, shared and service worker, chosen by the runner's environment variable.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod conformance;
mod environment;
#[path = "../shared/guard.rs"]
mod guard;
#[path = "../shared/mod.rs"]
mod shared;
#[path = "../websocket/mod.rs"]
mod websocket;
mod wires;
