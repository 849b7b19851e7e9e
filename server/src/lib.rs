//! The demo and test server: an independent witness of what was on the wire.
//!
//! It does not use the library. Every request whose query has `key=K` is recorded under K, with its headers, its body
//! and how it ended; `GET /journal?key=K` gives the record out, so a test asserts what was really sent.

mod cors;
mod journal;
mod params;
mod record;
mod routes;
mod serve;
mod tls;
mod websocket;

pub use journal::{Body, Close, Ended, Entry, Journal, Socket};
pub use routes::{State, app};
pub use serve::{Options, Server, StartError};
