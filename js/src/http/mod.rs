//! `http`: requests over XMLHttpRequest.

mod around;
mod client;
mod exchange;
mod response;
pub(crate) mod setup;
mod watch;

use js_sys::{Function, Promise};
use pagewire::http::{self, Request};
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::options::Options;
use crate::promise::promise;
use crate::value::{Address, Text};
use around::Outgoing;
pub use client::{Client, ClientOptions};
pub use exchange::Exchange;
pub use response::Response;

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "RequestOptions")]
    pub type RequestOptions;

    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "ExchangeOptions")]
    pub type ExchangeOptions;

    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "BlockingOptions")]
    pub type BlockingOptions;

    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "Body")]
    pub type RequestBody;

    /// Headers as pairs.
    #[wasm_bindgen(typescript_type = "[string, string][]")]
    pub type HeaderPairs;
}

/// A GET request.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn get(url: Address, options: Option<RequestOptions>) -> Promise {
    send(http::request("GET", url.text()), None, options, Vec::new())
}

/// A HEAD request.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn head(url: Address, options: Option<RequestOptions>) -> Promise {
    send(http::request("HEAD", url.text()), None, options, Vec::new())
}

/// A DELETE request.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn del(url: Address, options: Option<RequestOptions>) -> Promise {
    send(http::request("DELETE", url.text()), None, options, Vec::new())
}

/// A POST request.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn post(url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
    send(http::request("POST", url.text()), body, options, Vec::new())
}

/// A PUT request.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn put(url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
    send(http::request("PUT", url.text()), body, options, Vec::new())
}

/// A PATCH request.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn patch(url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
    send(http::request("PATCH", url.text()), body, options, Vec::new())
}

/// A request with any method, a custom one such as "PURGE" too.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn request(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<RequestOptions>,
) -> Promise {
    send(http::request(&method.text(), url.text()), body, options, Vec::new())
}

/// Sends a request at once and gives it while it is on its way. Throws where the request is not valid.
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "http.Exchange")]
pub fn start(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<ExchangeOptions>,
) -> Result<Exchange, JsValue> {
    let options = Options::new(options, &[setup::COMMON, setup::COMPLETE, &["uploadEvents"]])?;
    let mut request = prepare(http::request(&method.text(), url.text()), body, &options)?;
    if options.flag("uploadEvents")? == Some(true) {
        request = request.upload_events();
    }
    request.start().map(Exchange::new).map_err(|error| to_js(&error))
}

/// Sends, and blocks this worker until the response is complete. Only in dedicated and shared workers: elsewhere it
/// throws a `PagewireError` of kind "unsupported", as it does for what a blocking request cannot have.
#[wasm_bindgen(js_namespace = http, js_name = sendBlocking, unchecked_return_type = "http.Response")]
pub fn send_blocking(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<BlockingOptions>,
) -> Result<Response, JsValue> {
    blocking(method, url, body, options, Request::send_blocking)
}

/// Sends, and freezes the whole page until the response is complete: no input, no painting, no other script. For those
/// who insist; browsers deprecate it and may refuse. The platform allows text only and no time limit.
#[wasm_bindgen(
    js_namespace = http,
    js_name = sendBlockingAndFreezeThePage,
    unchecked_return_type = "http.Response"
)]
pub fn send_blocking_and_freeze_the_page(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<BlockingOptions>,
) -> Result<Response, JsValue> {
    blocking(method, url, body, options, Request::send_blocking_and_freeze_the_page)
}

fn blocking(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<BlockingOptions>,
    send: fn(Request) -> pagewire::Result<http::Response>,
) -> Result<Response, JsValue> {
    // Names that the library refuses here are known: its refusal says why.
    let options = Options::new(options, &[setup::COMMON, setup::COMPLETE])?;
    let request = prepare(http::request(&method.text(), url.text()), body, &options)?;
    send(request).map(|parts| Response { parts }).map_err(|error| to_js(&error))
}

fn prepare(request: Request, body: Option<RequestBody>, options: &Options) -> Result<Request, JsValue> {
    setup::complete(setup::common(request, options)?, body, options)
}

/// The options are read at once, so changing them afterwards changes nothing.
fn send(
    request: Request,
    body: Option<RequestBody>,
    options: Option<RequestOptions>,
    around: Vec<Function>,
) -> Promise {
    match Outgoing::new(request, body, options) {
        Ok(outgoing) => promise(outgoing.send(around)),
        Err(refusal) => Promise::reject(&refusal),
    }
}
