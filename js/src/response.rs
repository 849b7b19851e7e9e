//! The response, as an object of JavaScript.

use std::time::Duration;

use js_sys::{Array, JSON, Promise, Uint8Array};
use pagewire::ErrorKind;
use pagewire::http;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::error::{caused, to_js};
use crate::promise::{promise, promise_for, promise_of};
use crate::value::{Text, object};

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("response.ts");

#[wasm_bindgen]
extern "C" {
    /// Headers as pairs.
    #[wasm_bindgen(typescript_type = "[string, string][]")]
    pub type HeaderPairs;
}

/// A complete response. Any status is one: see `errorForStatus`. Its body can be read any number of times, in any form.
///
/// ```js
/// const response = await http.get("/articles/7");
/// if (response.status === 404) showMissing();
/// else show(await response.errorForStatus().json());
/// ```
#[wasm_bindgen(js_namespace = http, js_name = Response)]
#[derive(Debug)]
pub struct Response {
    pub(crate) parts: http::Response,
}

impl From<http::Response> for Response {
    fn from(parts: http::Response) -> Self {
        Response { parts }
    }
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

    /// True for 304: the copy that the request's validator named is still good, and the body is empty.
    #[wasm_bindgen(getter, js_name = notModified)]
    pub fn not_modified(&self) -> bool {
        self.parts.is_not_modified()
    }

    /// The URL that answered, after redirects.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.parts.url()
    }

    /// Whether the response came from another URL than the one that was asked for: the request was redirected.
    #[wasm_bindgen(getter, js_name = finalUrlDiffers)]
    pub fn final_url_differs(&self) -> bool {
        self.parts.final_url_differs()
    }

    /// Whether the response came from another origin than the one that was asked for.
    #[wasm_bindgen(getter, js_name = finalOriginDiffers)]
    pub fn final_origin_differs(&self) -> bool {
        self.parts.final_origin_differs()
    }

    /// How many times the request was sent: 1 without a retry.
    #[wasm_bindgen(getter)]
    pub fn attempts(&self) -> u32 {
        self.parts.attempts()
    }

    /// The response headers that this page may read, as pairs.
    ///
    /// ```js
    /// const headers = new Headers(response.headers);
    /// ```
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> HeaderPairs {
        pairs(self.parts.headers())
    }

    /// One header's value, by a name of any case.
    ///
    /// ```js
    /// const next = response.header("link");
    /// ```
    pub fn header(&self, name: Text) -> Option<String> {
        self.parts.header(&name.text()).map(str::to_owned)
    }

    /// The response itself for a status from 200 to 299; for another it throws a `PagewireError` of kind "status", with
    /// the first 4 KiB of the body where that is held in memory.
    ///
    /// ```js
    /// try {
    ///   (await http.post("/articles", null, { json: article })).errorForStatus();
    /// } catch (error) {
    ///   if (error.status === 422) showFault(error.body);
    /// }
    /// ```
    #[wasm_bindgen(js_name = errorForStatus, unchecked_return_type = "http.Response")]
    pub fn error_for_status(&self) -> Result<Response, JsValue> {
        let parts = self.parts.clone().error_for_status().map_err(|error| to_js(&error))?;
        Ok(Response { parts })
    }

    /// The body as text, by the charset of `Content-Type` or `overrideMimeType`, else as UTF-8.
    ///
    /// ```js
    /// output.textContent = await response.text();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn text(&self) -> Promise {
        promise_of(self.parts.clone().text())
    }

    /// The body as a value, read from JSON, which is UTF-8 whatever `Content-Type` says.
    ///
    /// ```js
    /// const { title } = await response.json();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<any>")]
    pub fn json(&self) -> Promise {
        let text = self.parts.clone().json_text();
        promise_for(Ok(text), |text| {
            JSON::parse(&text).map_err(|cause| caused(ErrorKind::Decode, "the body is not JSON", cause))
        })
    }

    /// The body as bytes, not copied.
    ///
    /// ```js
    /// const [first] = await response.bytes();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8Array>")]
    pub fn bytes(&self) -> Promise {
        let buffer = self.parts.clone().array_buffer();
        promise_for(Ok(buffer), |buffer| Ok(Uint8Array::new(&buffer).into()))
    }

    /// The body as an `ArrayBuffer`, not copied.
    ///
    /// ```js
    /// const sound = await audio.decodeAudioData(await response.arrayBuffer());
    /// ```
    #[wasm_bindgen(js_name = arrayBuffer, unchecked_return_type = "Promise<ArrayBuffer>")]
    pub fn array_buffer(&self) -> Promise {
        promise_of(self.parts.clone().array_buffer())
    }

    /// The body as a `Blob` of the response's type. Ask for a large one beforehand, with `responseType: "blob"`: then
    /// the browser may keep it on disk.
    ///
    /// ```js
    /// const report = await http.get("/report.pdf", { responseType: "blob" });
    /// link.href = URL.createObjectURL(await report.blob());
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<Blob>")]
    pub fn blob(&self) -> Promise {
        promise_of(self.parts.clone().blob())
    }

    /// The body as a document, HTML or XML. It must be asked for beforehand, with `responseType: "document"`; rejects
    /// with kind "decode" where the body is neither.
    ///
    /// ```js
    /// const page = await http.get("/about.html", { responseType: "document" });
    /// console.log((await page.document()).title);
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<Document>")]
    pub fn document(&self) -> Promise {
        promise_of(self.parts.clone().document())
    }

    /// Where the time went, if the request had the option `timing` and the browser tells: `undefined` rather than the
    /// timing of another request of the same URL.
    ///
    /// ```js
    /// const response = await http.get("/articles", { timing: true });
    /// console.log((await response.timing())?.firstByte, "ms to the first byte");
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<Timing | undefined>")]
    pub fn timing(&self) -> Promise {
        let parts = self.parts.clone();
        promise(async move { Ok(parts.timing().await.map_or(JsValue::UNDEFINED, timing_to_js)) })
    }
}

fn timing_to_js(timing: http::Timing) -> JsValue {
    let milliseconds = |span: Duration| JsValue::from(span.as_secs_f64() * 1000.0);
    let granted = |span: Option<Duration>| span.map_or(JsValue::UNDEFINED, milliseconds);
    object([
        ("redirect", granted(timing.redirect)),
        ("dns", granted(timing.dns)),
        ("connect", granted(timing.connect)),
        ("tls", granted(timing.tls)),
        ("firstByte", granted(timing.first_byte)),
        ("body", granted(timing.body)),
        ("total", milliseconds(timing.total)),
    ])
}

/// Headers as pairs of name and value.
pub(crate) fn pairs(headers: &http::Headers) -> HeaderPairs {
    let pairs: Array = headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect();
    pairs.unchecked_into()
}
