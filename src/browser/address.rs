//! Addresses as the browser reads them: by its own parser, against its own base.

use wasm_bindgen::prelude::*;
use web_sys::Url;

use super::global::base;
use super::value::property;

/// The URL that the browser would ask for; `None` for what is no URL.
pub(crate) fn resolve(address: &str) -> Option<Url> {
    Parser::new(address, &base()).ok().map(JsCast::unchecked_into)
}

/// A copy without the name and the password.
pub(crate) fn without_credentials(url: &Url) -> Option<Url> {
    let url = Url::new(&url.href()).ok()?;
    url.set_username("");
    url.set_password("");
    Some(url)
}

/// The origin of this page or worker: `"null"` in a sandboxed frame. Not that of a `<base href>`.
pub(crate) fn own_origin() -> Option<String> {
    // https://html.spec.whatwg.org/#dom-origin; absent in Node.
    property(&js_sys::global(), "origin").as_string()
}

/// By the browser's own parser: what looks relative need not be, as `//other.example/` shows.
pub(crate) fn is_same_origin(address: &str) -> bool {
    match (resolve(address), own_origin()) {
        (Some(there), Some(here)) => there.origin() == here && here != "null",
        _ => false,
    }
}

#[wasm_bindgen]
extern "C" {
    // web-sys has one without a base and one with it; this one takes undefined, too.
    type Parser;

    #[wasm_bindgen(constructor, catch, js_class = "URL")]
    fn new(address: &str, base: &JsValue) -> Result<Parser, JsValue>;
}
