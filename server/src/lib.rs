//! The demo and test server: an independent witness of what was on the wire.
//!
//! It does not use the library. A test tells it by the query of each request how to behave (see [`app`]); every request
//! whose query has `key=K` is recorded under K, with its headers, its body and how it ended. `GET /journal?key=K`, or
//! [`Server::journal`] within one process, gives the record out, so a test asserts what was really sent.

mod answer;
mod cors;
mod journal;
mod line;
mod params;
mod received;
mod record;
mod routes;
mod sent;
mod serve;
mod tls;
mod websocket;
mod wire;
mod witness;

pub use journal::{Body, Close, Ended, Entry, How, Journal, Side, Socket};
pub use routes::{State, app};
pub use serve::{Options, Server, StartError};
