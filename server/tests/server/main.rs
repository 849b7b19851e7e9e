//! The server over real sockets: each route, what is recorded, CORS, WebSocket, TLS, start and stop.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod bulk;
mod client;
mod comet;
mod cors;
mod disconnects;
mod feed;
mod files;
mod journal;
mod jsonp;
mod lifecycle;
mod ping;
mod program;
mod raw;
mod routes;
mod streams;
mod tls;
mod turns;
mod unruly;
mod websocket;
mod wishes;
