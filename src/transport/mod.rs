//! One module per API of the platform, each on top of `browser` and `proto`.

pub mod cors;
pub mod environment;
pub mod http;
pub mod jsonp;
pub mod ping;
pub mod poll;
pub mod sse;
pub mod stream;
pub mod websocket;

mod address;
mod attempt;
mod fetch;
mod incoming;
mod race;
mod rest;
mod retry;
mod unique;
mod watchdog;
mod xhr;
