//! The response: its status and headers, and its body read as text, JSON or bytes.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use js_sys::{ArrayBuffer, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::XmlHttpRequest;

use super::Headers;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::{charset, url};

/// A complete response. Any status is one: see [`error_for_status`](Response::error_for_status).
#[derive(Clone)]
pub struct Response {
    status: u16,
    source: Source,
    headers: OnceCell<Headers>,
    requested: String,
}

/// Where the response is. Its parts are read on demand: each costs a copy out of JavaScript.
#[derive(Clone)]
pub(crate) enum Source {
    Xhr(XmlHttpRequest),
}

impl Response {
    pub(crate) fn new(status: u16, source: Source, requested: &str) -> Self {
        Response {
            status,
            source,
            headers: OnceCell::new(),
            requested: url::redact(requested),
        }
    }

    /// The [status](https://fetch.spec.whatwg.org/#concept-status), 200 to 599.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase; empty over HTTP/2 and later, which have none.
    #[must_use]
    pub fn status_text(&self) -> String {
        match &self.source {
            Source::Xhr(raw) => raw.status_text().unwrap_or_default(),
        }
    }

    /// True for a status from 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// True for 304: the copy that the request's validator named is still good, and the body is empty.
    #[must_use]
    pub fn is_not_modified(&self) -> bool {
        self.status == 304
    }

    /// The response headers that this page may read. Across origins that is a
    /// [short list](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name) and what the server exposes.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        self.headers.get_or_init(|| match &self.source {
            Source::Xhr(raw) => Headers::parse_all(&raw.get_all_response_headers().unwrap_or_default()),
        })
    }

    /// The value of one header, by a name of any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)
    }

    /// The URL that answered, after redirects, without a fragment.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.source {
            Source::Xhr(raw) => raw.response_url(),
        }
    }

    /// The response itself if its status is 200 to 299.
    ///
    /// # Errors
    /// [`ErrorKind::Status`] with the status otherwise.
    pub fn error_for_status(self) -> Result<Self> {
        if self.is_success() {
            return Ok(self);
        }
        let error = Error::new(
            ErrorKind::Status(self.status),
            "the server answered with an error status",
        );
        Err(error.with_url(&self.requested))
    }

    /// The body as text, decoded by the charset of `Content-Type`, else as UTF-8. Invalid sequences become U+FFFD, as
    /// in a browser; a byte order mark is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the charset is not one the browser knows.
    #[expect(
        clippy::unused_async,
        reason = "a body held in a Blob can only be read asynchronously"
    )]
    pub async fn text(self) -> Result<String> {
        let label = self
            .header("content-type")
            .and_then(charset::charset_of)
            .unwrap_or("utf-8");
        if label.eq_ignore_ascii_case("utf-8") || label.eq_ignore_ascii_case("utf8") {
            let bytes = self.buffer().to_vec();
            let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
            return Ok(match String::from_utf8_lossy(text) {
                Cow::Owned(replaced) => replaced,
                // Valid, the usual case: the allocation is kept unless a byte order mark was cut off.
                Cow::Borrowed(same) if same.len() != bytes.len() => same.to_owned(),
                Cow::Borrowed(_) => String::from_utf8(bytes).unwrap_or_default(),
            });
        }
        let decoded = TextDecoder::new(label).and_then(|decoder| decoder.decode(&self.buffer()));
        decoded.map_err(|_| {
            Error::decode("the browser does not know the charset of this text").with_url(&self.requested)
        })
    }

    /// The body as a value, read from JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if it is not JSON, or not of this shape; the source says where.
    #[expect(
        clippy::unused_async,
        reason = "a body held in a Blob can only be read asynchronously"
    )]
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let bytes = self.buffer().to_vec();
        let json = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        serde_json::from_slice(json).map_err(|error| {
            Error::decode("the body is not the JSON that was asked for")
                .with_url(&self.requested)
                .with_source(error)
        })
    }

    /// The body as bytes.
    ///
    /// # Errors
    /// None for a response that is held in memory.
    #[expect(
        clippy::unused_async,
        reason = "a body held in a Blob can only be read asynchronously"
    )]
    pub async fn bytes(self) -> Result<Vec<u8>> {
        Ok(self.buffer().to_vec())
    }

    /// The body as the `ArrayBuffer` that the browser holds: nothing enters wasm memory.
    ///
    /// # Errors
    /// None for a response that is held in memory.
    #[expect(
        clippy::unused_async,
        reason = "a body held in a Blob can only be read asynchronously"
    )]
    pub async fn array_buffer(self) -> Result<ArrayBuffer> {
        Ok(self.buffer().buffer())
    }

    fn buffer(&self) -> Uint8Array {
        let response = match &self.source {
            Source::Xhr(raw) => raw.response().unwrap_or(JsValue::NULL),
        };
        if response.is_object() {
            Uint8Array::new(&response)
        } else {
            Uint8Array::new_with_length(0)
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("requested", &self.requested)
            .finish_non_exhaustive()
    }
}

#[wasm_bindgen]
extern "C" {
    // https://encoding.spec.whatwg.org/#interface-textdecoder
    type TextDecoder;

    #[wasm_bindgen(constructor, catch)]
    fn new(label: &str) -> Result<TextDecoder, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &Uint8Array) -> Result<String, JsValue>;
}
