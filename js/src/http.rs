//! `http`: requests over XMLHttpRequest.

use futures_util::StreamExt;
use futures_util::future::try_join;
use js_sys::{Array, Function, JSON, Object, Reflect, Uint8Array};
use pagewire::http::{self, Body, Event, Events, Progress, Request};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::error::{invalid, to_js};
use crate::options::Options;

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "RequestOptions")]
    pub type RequestOptions;

    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "Body")]
    pub type RequestBody;

    /// Headers as pairs.
    #[wasm_bindgen(typescript_type = "[string, string][]")]
    pub type HeaderPairs;
}

const OPTIONS: &[&str] = &[
    "headers",
    "query",
    "timeout",
    "firstByteTimeout",
    "idleTimeout",
    "withCredentials",
    "signal",
    "onDownload",
    "onUpload",
    "onState",
];

const BODY: &str =
    "the body must be text, bytes, a Blob, FormData or URLSearchParams: for JSON pass JSON.stringify(value)";

/// A GET request.
#[wasm_bindgen(js_namespace = http)]
pub async fn get(url: String, options: Option<RequestOptions>) -> Result<Response, JsValue> {
    send(http::get(url), JsValue::UNDEFINED, options).await
}

/// A HEAD request.
#[wasm_bindgen(js_namespace = http)]
pub async fn head(url: String, options: Option<RequestOptions>) -> Result<Response, JsValue> {
    send(http::head(url), JsValue::UNDEFINED, options).await
}

/// A DELETE request.
#[wasm_bindgen(js_namespace = http)]
pub async fn del(url: String, options: Option<RequestOptions>) -> Result<Response, JsValue> {
    send(http::delete(url), JsValue::UNDEFINED, options).await
}

/// A POST request.
#[wasm_bindgen(js_namespace = http)]
pub async fn post(
    url: String,
    body: RequestBody,
    options: Option<RequestOptions>,
) -> Result<Response, JsValue> {
    send(http::post(url), body.into(), options).await
}

/// A PUT request.
#[wasm_bindgen(js_namespace = http)]
pub async fn put(
    url: String,
    body: RequestBody,
    options: Option<RequestOptions>,
) -> Result<Response, JsValue> {
    send(http::put(url), body.into(), options).await
}

/// A PATCH request.
#[wasm_bindgen(js_namespace = http)]
pub async fn patch(
    url: String,
    body: RequestBody,
    options: Option<RequestOptions>,
) -> Result<Response, JsValue> {
    send(http::patch(url), body.into(), options).await
}

/// A request with any method.
#[wasm_bindgen(js_namespace = http)]
pub async fn request(
    method: String,
    url: String,
    body: RequestBody,
    options: Option<RequestOptions>,
) -> Result<Response, JsValue> {
    send(http::request(&method, url), body.into(), options).await
}

/// A complete response.
#[wasm_bindgen(js_namespace = http, js_name = Response)]
#[derive(Debug)]
pub struct Response {
    parts: http::Response,
}

#[wasm_bindgen(js_namespace = http, js_class = Response)]
impl Response {
    /// The status, 200 to 599.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> u16 {
        self.parts.status()
    }

    /// The reason phrase; empty over HTTP/2 and later.
    #[wasm_bindgen(getter, js_name = statusText)]
    pub fn status_text(&self) -> String {
        self.parts.status_text()
    }

    /// True for a status from 200 to 299.
    #[wasm_bindgen(getter)]
    pub fn ok(&self) -> bool {
        self.parts.is_success()
    }

    /// The URL that answered, after redirects.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.parts.url()
    }

    /// The response headers that this page may read, as pairs.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> HeaderPairs {
        let pairs: Array = self
            .parts
            .headers()
            .iter()
            .map(|(name, value)| Array::of2(&name.into(), &value.into()))
            .collect();
        pairs.unchecked_into()
    }

    /// One header's value, by a name of any case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.parts.header(name).map(str::to_owned)
    }

    /// The body as text. It can be read any number of times, in any form.
    pub async fn text(&self) -> Result<String, JsValue> {
        self.parts.clone().text().await.map_err(|error| to_js(&error))
    }

    /// The body as a value, read from JSON.
    #[wasm_bindgen(unchecked_return_type = "any")]
    pub async fn json(&self) -> Result<JsValue, JsValue> {
        let text = self.text().await?;
        JSON::parse(&text).map_err(|cause| {
            let error = invalid("the body is not JSON");
            let _ = Reflect::set(&error, &"kind".into(), &"decode".into());
            let _ = Reflect::set(&error, &"cause".into(), &cause);
            error
        })
    }

    /// The body as bytes, not copied.
    pub async fn bytes(&self) -> Result<Uint8Array, JsValue> {
        let buffer = self.parts.clone().array_buffer().await.map_err(|error| to_js(&error))?;
        Ok(Uint8Array::new(&buffer))
    }
}

async fn send(request: Request, body: JsValue, options: Option<RequestOptions>) -> Result<Response, JsValue> {
    let options = Options::new(options, OPTIONS)?;
    let watchers = Watchers {
        download: options.function("onDownload")?,
        upload: options.function("onUpload")?,
        state: options.function("onState")?,
    };
    let mut request = options.apply(request)?;
    if !body.is_undefined() && !body.is_null() {
        let body = Body::try_from(body).map_err(|_| invalid(BODY))?;
        request = request.body(body);
    }
    if watchers.upload.is_some() {
        request = request.upload_events();
    }
    let answered = if watchers.is_none() { request.await } else { watchers.follow(request).await? };
    answered.map(|parts| Response { parts }).map_err(|error| to_js(&error))
}

/// The callbacks of one request.
struct Watchers {
    download: Option<Function>,
    upload: Option<Function>,
    state: Option<Function>,
}

impl Watchers {
    fn is_none(&self) -> bool {
        self.download.is_none() && self.upload.is_none() && self.state.is_none()
    }

    /// Sends, and tells the callbacks what happens. One that throws ends the exchange with what it threw.
    async fn follow(&self, request: Request) -> Result<pagewire::Result<http::Response>, JsValue> {
        let exchange = match request.start() {
            Ok(exchange) => exchange,
            Err(error) => return Ok(Err(error)),
        };
        let events = exchange.events();
        // A callback's error drops the exchange, which aborts it.
        let ((), answered) = try_join(self.tell(events), async { Ok(exchange.await) }).await?;
        Ok(answered)
    }

    async fn tell(&self, mut events: Events) -> Result<(), JsValue> {
        while let Some(event) = events.next().await {
            let (callback, argument) = match event {
                Event::ReadyState(state) => (&self.state, JsValue::from(state.as_u16())),
                Event::Download(_, progress) => (&self.download, progress_to_js(progress)),
                Event::Upload(_, progress) => (&self.upload, progress_to_js(progress)),
                _ => continue,
            };
            if let Some(callback) = callback {
                callback.call1(&JsValue::UNDEFINED, &argument)?;
            }
        }
        Ok(())
    }
}

fn progress_to_js(progress: Progress) -> JsValue {
    let object = Object::new();
    let optional = |value: Option<f64>| value.map_or(JsValue::UNDEFINED, JsValue::from);
    let set = |name: &str, value: JsValue| {
        let _ = Reflect::set(&object, &name.into(), &value);
    };
    set("loaded", JsValue::from(progress.loaded as f64));
    set("total", optional(progress.total.map(|total| total as f64)));
    set("rate", optional(progress.rate));
    set("remaining", optional(progress.remaining.map(|remaining| remaining.as_secs_f64() * 1000.0)));
    object.into()
}
