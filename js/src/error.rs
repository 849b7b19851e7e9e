//! Errors as JavaScript has them: real `Error`s with a stable `kind`.

use std::error::Error as _;

use js_sys::Reflect;
use pagewire::{Error, ErrorKind};
use wasm_bindgen::prelude::*;

/// Turns an error of the library into a `PagewireError`.
pub(crate) fn to_js(error: &Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    js.set_name("PagewireError");
    let set = |name: &str, value: JsValue| {
        // An object made here takes every property.
        let _ = Reflect::set(&js, &name.into(), &value);
    };
    set("kind", error.kind().as_str().into());
    if let Some(url) = error.url() {
        set("url", url.into());
    }
    match error.kind() {
        ErrorKind::Timeout(phase) => set("phase", phase.as_str().into()),
        ErrorKind::Aborted(by) => set("by", by.as_str().into()),
        ErrorKind::Status(status) => set("status", status.into()),
        _ => {}
    }
    if let Some(source) = error.source() {
        set("cause", js_sys::Error::new(&source.to_string()).into());
    }
    js.into()
}

/// A refusal of what the caller of the module passed.
pub(crate) fn invalid(message: &str) -> JsValue {
    let js = js_sys::Error::new(message);
    js.set_name("PagewireError");
    let _ = Reflect::set(&js, &"kind".into(), &ErrorKind::InvalidRequest.as_str().into());
    js.into()
}
