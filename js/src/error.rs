//! Errors as JavaScript has them: real `Error`s with a stable `kind`.

use std::error::Error as _;

use pagewire::websocket::{CloseEvent, Refusal};
use pagewire::{Error, ErrorKind};
use wasm_bindgen::prelude::*;

#[cfg(feature = "cors")]
use crate::cors;
use crate::value::{object, set};

/// Turns an error of the library into a `PagewireError`.
pub(crate) fn to_js(error: &Error) -> JsValue {
    let js = made(error.kind(), &error.to_string());
    if let Some(url) = error.url() {
        set(&js, &[("url", url.into())]);
    }
    if let Some(body) = error.body() {
        set(&js, &[("body", body.into())]);
    }
    if let Some(offset) = error.offset() {
        set(&js, &[("offset", (offset as f64).into())]);
    }
    if error.attempts() > 1 {
        set(&js, &[("attempts", error.attempts().into())]);
    }
    match error.kind() {
        ErrorKind::Timeout(phase) => set(&js, &[("phase", phase.as_str().into())]),
        ErrorKind::Aborted(by) => set(&js, &[("by", by.as_str().into())]),
        ErrorKind::Status(status) => set(&js, &[("status", status.into())]),
        _ => {}
    }
    if let Some(end) = error.close_event() {
        set(&js, &[("close", close_to_js(end))]);
    }
    if let Some(refusal) = Refusal::of(error) {
        set(&js, &[("refusal", refusal.as_str().into())]);
    }
    if let Some(source) = error.source() {
        set(&js, &[("cause", js_sys::Error::new(&source.to_string()).into())]);
    }
    #[cfg(feature = "cors")]
    cors::attach(&js, error);
    js
}

/// How a WebSocket ended, as `CloseInfo` in `websocket/types.ts`.
pub(crate) fn close_to_js(event: &CloseEvent) -> JsValue {
    object([
        ("code", event.code.into()),
        ("reason", event.reason.as_str().into()),
        ("wasClean", event.was_clean.into()),
        ("unsent", (event.unsent as f64).into()),
    ])
}

/// A refusal of what the caller of the module passed.
pub(crate) fn invalid(message: &str) -> JsValue {
    made(ErrorKind::InvalidRequest, message)
}

/// A failure of JavaScript's own, told as one of the library.
pub(crate) fn caused(kind: ErrorKind, message: &str, cause: JsValue) -> JsValue {
    let js = made(kind, message);
    set(&js, &[("cause", cause)]);
    js
}

fn made(kind: ErrorKind, message: &str) -> JsValue {
    let js = js_sys::Error::new(message);
    js.set_name("PagewireError");
    set(&js, &[("kind", kind.as_str().into())]);
    js.into()
}
