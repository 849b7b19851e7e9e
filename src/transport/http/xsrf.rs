//! The token that proves that a request comes from the site's own page.

use wasm_bindgen::prelude::*;

use super::Request;
use crate::browser::address::is_same_origin;

/// Copies `cookie` into `header`, where the request changes something and stays within the page's origin.
pub(super) fn protect(request: Request, cookie: &str, header: &str) -> Request {
    if request.context.sent.asked.method.is_safe()
        || request.context.sent.asked.headers.contains(header)
        || !is_same_origin(&request.context.sent.url)
    {
        return request;
    }
    match cookie_value(&cookies(), cookie) {
        Some(token) => request.header(header, &token),
        None => request,
    }
}

fn cookie_value(cookies: &str, name: &str) -> Option<String> {
    cookies.split(';').find_map(|pair| {
        let (known, value) = pair.trim_start().split_once('=')?;
        (known == name).then(|| decode(value))
    })
}

/// Servers percent-encode what a cookie may not hold.
fn decode(value: &str) -> String {
    js_sys::decode_uri_component(value).map_or_else(|_| value.to_owned(), String::from)
}

/// The page's cookies; a worker cannot read them.
fn cookies() -> String {
    DOCUMENT.with(|document| document.as_ref()?.cookie().ok()).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    type CookieDocument;

    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Option<CookieDocument>;

    // Throws in a frame with an opaque origin.
    #[wasm_bindgen(method, getter, catch)]
    fn cookie(this: &CookieDocument) -> Result<String, JsValue>;
}
