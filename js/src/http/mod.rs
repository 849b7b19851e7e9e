//! `http`: requests over XMLHttpRequest.

mod around;
mod client;
mod exchange;
mod fake;
mod watch;

use js_sys::{Function, Promise};
use pagewire::http::{self, Request};
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::options::Options;
use crate::promise::promise;
use crate::request::{self, RequestBody};
use crate::response::Response;
use crate::value::{Address, Text};
use around::Outgoing;
pub use client::{Client, ClientOptions};
pub use exchange::Exchange;

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.ts");

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
}

/// A [GET](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.1) request. Like each of its kind it rejects with a
/// `PagewireError`; a status is no failure until `errorForStatus` is asked.
///
/// ```js
/// const articles = await (await http.get("/articles", { query: { page: 2 }, timeout: 10_000 })).json();
/// ```
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn get(url: Address, options: Option<RequestOptions>) -> Promise {
    send(http::request("GET", url.text()), None, options, Vec::new())
}

/// A [HEAD](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2) request: the headers alone.
///
/// ```js
/// const size = (await http.head("/film.mp4")).header("content-length");
/// ```
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn head(url: Address, options: Option<RequestOptions>) -> Promise {
    send(http::request("HEAD", url.text()), None, options, Vec::new())
}

/// A [DELETE](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.5) request.
///
/// ```js
/// const gone = await http.del("/articles/7");
/// if (gone.status !== 404) gone.errorForStatus();
/// ```
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn del(url: Address, options: Option<RequestOptions>) -> Promise {
    send(http::request("DELETE", url.text()), None, options, Vec::new())
}

/// A [POST](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.3) request, with a body or one of the options `json` and
/// `form`.
///
/// ```js
/// await http.post("/photos", input.files[0], { onUpload: ({ loaded, total }) => bar.update(loaded, total) });
/// await http.post("/articles", null, { json: { title: "On wires" } });
/// ```
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn post(url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
    send(http::request("POST", url.text()), body, options, Vec::new())
}

/// A [PUT](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.4) request.
///
/// ```js
/// await http.put("/articles/7/title", "On wires");
/// ```
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn put(url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
    send(http::request("PUT", url.text()), body, options, Vec::new())
}

/// A [PATCH](https://www.rfc-editor.org/rfc/rfc5789) request.
///
/// ```js
/// await http.patch("/articles/7", null, { json: { title: "On wires" } });
/// ```
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "Promise<http.Response>")]
pub fn patch(url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
    send(http::request("PATCH", url.text()), body, options, Vec::new())
}

/// A request with any method, a custom one such as "PURGE" too; "CONNECT", "TRACE" and "TRACK" are
/// [forbidden](https://fetch.spec.whatwg.org/#forbidden-method).
///
/// ```js
/// await http.request("PURGE", "/cache/front-page");
/// ```
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
///
/// ```js
/// const exchange = http.start("POST", "/films", file, { uploadEvents: true });
/// cancel.onclick = () => exchange.abort();
/// for await (const event of exchange) {
///   if (event.kind === "upload") console.log(event.moment, event.loaded, event.total);
/// }
/// const response = await exchange.response;
/// ```
#[wasm_bindgen(js_namespace = http, unchecked_return_type = "http.Exchange")]
pub fn start(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<ExchangeOptions>,
) -> Result<Exchange, JsValue> {
    let options = Options::new(options, &[request::COMMON, request::COMPLETE, &["uploadEvents"]])?;
    let mut request = prepare(http::request(&method.text(), url.text()), body, &options)?;
    if options.is_set("uploadEvents")? {
        request = request.upload_events();
    }
    request.start().map(Exchange::new).map_err(|error| to_js(&error))
}

/// Sends, and blocks this worker until the response is complete. Only in dedicated and shared workers: elsewhere it
/// throws a `PagewireError` of kind "unsupported", as it does for what a blocking request cannot have.
///
/// ```js
/// // In a worker, for code that cannot await.
/// const words = http.sendBlocking("GET", "/words.bin").errorForStatus();
/// ```
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
///
/// ```js
/// const isThere = http.sendBlockingAndFreezeThePage("HEAD", "/templates/card").ok;
/// ```
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
    let options = Options::new(options, &[request::COMMON, request::COMPLETE])?;
    let request = prepare(http::request(&method.text(), url.text()), body, &options)?;
    send(request).map(|parts| Response { parts }).map_err(|error| to_js(&error))
}

/// The request that these arguments would send.
pub(crate) fn planned(
    request: Request,
    body: Option<RequestBody>,
    options: Option<RequestOptions>,
) -> Result<Request, JsValue> {
    Ok(Outgoing::new(request, body, options)?.into_request())
}

fn prepare(request: Request, body: Option<RequestBody>, options: &Options) -> Result<Request, JsValue> {
    request::complete(request::common(request, options)?, body, options)
}

/// The options are read at once, so changing them afterwards changes nothing.
fn send(
    request: Request,
    body: Option<RequestBody>,
    options: Option<RequestOptions>,
    around: Vec<Function>,
) -> Promise {
    run(Outgoing::new(request, body, options), around)
}

fn run(outgoing: Result<Outgoing, JsValue>, around: Vec<Function>) -> Promise {
    match outgoing {
        Ok(outgoing) => promise(outgoing.send(around)),
        Err(refusal) => Promise::reject(&refusal),
    }
}
