//! `ping`: telling a server something without wanting an answer.

use js_sys::Promise;
use pagewire::http::Body;
use pagewire::ping::{self, Beacon, Image};
use wasm_bindgen::prelude::*;

use crate::error::{invalid, to_js};
use crate::options::Options;
use crate::promise::promise_for;
use crate::request::RequestBody;
use crate::value::{Address, object};

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("ping.ts");

#[wasm_bindgen]
extern "C" {
    /// See `ping.ts`.
    #[wasm_bindgen(typescript_type = "ImageOptions")]
    pub type ImageOptions;

    /// See `ping.ts`.
    #[wasm_bindgen(typescript_type = "BeaconOptions")]
    pub type BeaconOptions;
}

/// Asks for an image; resolves when one has come, or anything else. Only in a page.
#[wasm_bindgen(js_namespace = ping, unchecked_return_type = "Promise<Pong>")]
pub fn image(url: Address, options: Option<ImageOptions>) -> Promise {
    promise_for(prepare(url, options), |pong| {
        let [width, height] = match pong.size() {
            Some((width, height)) => [width.into(), height.into()],
            None => [JsValue::UNDEFINED, JsValue::UNDEFINED],
        };
        Ok(object([
            ("loaded", pong.loaded().into()),
            ("width", width),
            ("height", height),
            ("elapsed", (pong.elapsed().as_millis() as f64).into()),
        ]))
    })
}

/// Asks for an image and tells nobody what comes of it. Throws where nothing can be sent.
#[wasm_bindgen(js_namespace = ping)]
pub fn detach(url: Address, options: Option<ImageOptions>) -> Result<(), JsValue> {
    prepare(url, options)?.detach().map_err(|error| to_js(&error))
}

/// Sends a POST that outlives the page, and gives the way it went. Throws a `PagewireError`: of kind "too-large" if the
/// browser refuses it, as all beacons on their way may have 64 KiB together.
#[wasm_bindgen(js_namespace = ping, unchecked_return_type = "Via")]
pub fn beacon(
    url: Address,
    body: Option<RequestBody>,
    options: Option<BeaconOptions>,
) -> Result<String, JsValue> {
    let options = Options::new(options, &[&["query", "contentType", "fallback", "imageParameter"]])?;
    let mut beacon = ping::beacon(url.text());
    for (name, value) in options.pairs("query")? {
        beacon = beacon.query(&name, value);
    }
    if let Some(body) = body {
        beacon = beacon.body(read_body(body)?);
    }
    if let Some(content_type) = options.text("contentType")? {
        beacon = beacon.content_type(&content_type);
    }
    if options.is_set("fallback")? {
        beacon = beacon.with_fallback();
    }
    if let Some(name) = options.text("imageParameter")? {
        beacon = beacon.image_parameter(&name);
    }
    send(beacon)
}

fn send(beacon: Beacon) -> Result<String, JsValue> {
    beacon.send().map(|via| via.as_str().to_owned()).map_err(|error| to_js(&error))
}

/// Text as text, so that it can come down to an image's query.
fn read_body(body: RequestBody) -> Result<Body, JsValue> {
    let body = JsValue::from(body);
    match body.as_string() {
        Some(text) => Ok(text.into()),
        None => Body::try_from(body)
            .map_err(|_| invalid("the body must be text, bytes, a Blob, FormData or URLSearchParams")),
    }
}

fn prepare(url: Address, options: Option<ImageOptions>) -> Result<Image, JsValue> {
    let options = Options::new(options, &[&["query", "unique", "referrerPolicy", "timeout", "signal"]])?;
    let mut image = ping::image(url.text());
    for (name, value) in options.pairs("query")? {
        image = image.query(&name, value);
    }
    if let Some(name) = options.text("unique")? {
        image = image.unique(&name);
    }
    if let Some(policy) = options.referrer_policy()? {
        image = image.referrer_policy(policy);
    }
    if let Some(after) = options.duration("timeout")? {
        image = image.timeout(after);
    }
    if let Some(signal) = options.signal()? {
        image = image.abort_signal(&signal);
    }
    Ok(image)
}
