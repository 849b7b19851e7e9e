//! `jsonp`: data of another origin by a script.

use js_sys::{JSON, Promise};
use pagewire::jsonp::{self, Call};
use wasm_bindgen::prelude::*;

use crate::options::Options;
use crate::promise::promise_for;
use crate::value::Address;

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("jsonp.ts");

#[wasm_bindgen]
extern "C" {
    /// See `jsonp.ts`.
    #[wasm_bindgen(typescript_type = "JsonpOptions")]
    pub type JsonpOptions;

    /// See `jsonp.ts`.
    #[wasm_bindgen(typescript_type = "TrustedJsonpOptions")]
    pub type TrustedJsonpOptions;
}

/// Calls, and resolves with the data. The script runs in a frame of its own, where it cannot touch the page. A page with a
/// Content Security Policy needs in it `frame-src data:`, the frame's program by its hash, and the server.
#[wasm_bindgen(js_namespace = jsonp, unchecked_return_type = "Promise<unknown>")]
pub fn get(url: Address, options: Option<JsonpOptions>) -> Promise {
    let call = Options::new(options, &[KNOWN, &["allowRedirectsTo"]])
        .and_then(|options| prepare(jsonp::get(url.text()), &options));
    send(call)
}

/// Calls, and resolves with the data. The script runs in the page, with every right that the page has: only for servers
/// that are trusted like the page's own.
#[wasm_bindgen(
    js_namespace = jsonp,
    js_name = getAndTrustTheServerWithThisPage,
    unchecked_return_type = "Promise<unknown>"
)]
pub fn get_and_trust(url: Address, options: Option<TrustedJsonpOptions>) -> Promise {
    let call = Options::new(options, &[KNOWN, &["nonce"]])
        .and_then(|options| prepare(jsonp::get_and_trust_the_server_with_this_page(url.text()), &options));
    send(call)
}

const KNOWN: &[&str] = &[
    "query",
    "callbackParameter",
    "callbackName",
    "timeout",
    "signal",
    "maxSize",
    "charset",
    "referrerPolicy",
];

type SetText = fn(Call, &str) -> Call;

const TEXTS: [(&str, SetText); 4] = [
    ("callbackParameter", Call::callback_parameter),
    ("callbackName", Call::callback_name),
    ("nonce", Call::nonce),
    ("charset", Call::charset),
];

fn prepare(mut call: Call, options: &Options) -> Result<Call, JsValue> {
    for (name, value) in options.pairs("query")? {
        call = call.query(&name, value);
    }
    for (name, set) in TEXTS {
        if let Some(text) = options.text(name)? {
            call = set(call, &text);
        }
    }
    if let Some(after) = options.duration("timeout")? {
        call = call.timeout(after);
    }
    if let Some(signal) = options.signal()? {
        call = call.abort_signal(&signal);
    }
    if let Some(bytes) = options.size("maxSize")? {
        call = call.max_size(bytes);
    }
    if let Some(policy) = options.referrer_policy()? {
        call = call.referrer_policy(policy);
    }
    for origin in options.strings("allowRedirectsTo")? {
        call = call.allow_redirects_to(&origin);
    }
    Ok(call)
}

fn send(call: Result<Call, JsValue>) -> Promise {
    promise_for(call, |answer| JSON::parse(answer.text()))
}
