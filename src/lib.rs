//! Every wire a web page has to a server, behind one typed API.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`cors`] | what a cross-origin request costs, told before; why a request failed, told afterwards |
//! | [`environment`] | what the running browser has, and why not |
//! | [`http`] | requests over XMLHttpRequest: progress both ways, time limits, typed errors |
//! | [`stream`] | a response read while it arrives: bytes, lines |
//! | [`ping`] | telling a server something: by an image, or by a beacon that outlives the page |
//! | [`jsonp`] | data by a script of another origin, run where it cannot touch the page |
//! | [`websocket`] | a socket that is open when you have it and tells how it ended |
//!
//! Dropping a handle stops its network activity, silently and at any moment. On targets other than `wasm32` everything
//! compiles and every network call returns [`ErrorKind::Unsupported`], so a front end can be rendered on a server.

mod browser;
mod error;
mod proto;
mod transport;

pub use error::{AbortedBy, Error, ErrorKind, Phase, Result};
pub use transport::{cors, environment, http, jsonp, ping, stream, websocket};

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    //! The library's own tests run in a page.
    wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
}

#[cfg(all(test, target_arch = "wasm32"))]
#[path = "../tests/shared/mod.rs"]
mod shared;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
