//! What is set on an opened request: its headers, credentials, and a media type laid down.

use wasm_bindgen::JsValue;
use web_sys::XmlHttpRequest;

use crate::transport::http::Request;

/// A function and not a flag, so that an app that sets nothing does not carry its code.
pub(crate) type Settings = fn(&XmlHttpRequest, &Request) -> Result<(), JsValue>;

pub(crate) fn set_up(raw: &XmlHttpRequest, request: &Request) -> Result<(), JsValue> {
    for (name, value) in request.context.sent.asked.headers.iter() {
        raw.set_request_header(name, value)?;
    }
    if request.context.sent.asked.with_credentials {
        raw.set_with_credentials(true);
    }
    match &request.context.mime_override {
        Some(mime_type) => raw.override_mime_type(mime_type),
        None => Ok(()),
    }
}
