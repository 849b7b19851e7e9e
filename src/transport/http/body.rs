//! What a request carries.

use std::fmt;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::value;

/// A request body, made with `into()` from text, bytes, a `Blob`, a `File` or a `FormData`.
///
/// Bytes are copied once, into a buffer of exactly their length: the browser never sees a view on wasm memory, which
/// may grow and detach while the request runs. A `Blob` or `File` is handed over without being read.
///
/// ```no_run
/// # async fn example(file: web_sys::File) -> pagewire::Result<()> {
/// use pagewire::http::{self, Body};
///
/// # let as_text = true;
/// let body: Body = if as_text { "hello".into() } else { file.into() };
/// http::put("/note").body(body).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Body(Content);

// Shared, because another attempt sends the same.
#[derive(Clone)]
enum Content {
    Text(Rc<str>),
    Bytes(Rc<[u8]>),
    Object(JsValue),
}

impl Body {
    /// The value that `XMLHttpRequest.send()` takes.
    pub(crate) fn into_js(self) -> JsValue {
        match self.0 {
            Content::Text(text) => JsValue::from_str(&text),
            Content::Bytes(bytes) => Uint8Array::from(&*bytes).into(),
            Content::Object(object) => object,
        }
    }

    /// Whether nothing will be sent, as far as can be told beforehand.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.0 {
            Content::Text(text) => text.is_empty(),
            Content::Bytes(bytes) => bytes.is_empty(),
            Content::Object(object) => {
                object.dyn_ref::<web_sys::Blob>().is_some_and(|blob| blob.size() == 0.0)
                    || object.dyn_ref::<ArrayBuffer>().is_some_and(|buffer| buffer.byte_length() == 0)
                    || object.dyn_ref::<Uint8Array>().is_some_and(|bytes| bytes.length() == 0)
            }
        }
    }

    /// The `Content-Type` that the browser gives to it, as
    /// [XHR](https://xhr.spec.whatwg.org/#the-send()-method) has it.
    pub(crate) fn implied_type(&self) -> Option<String> {
        const TEXT: &str = "text/plain;charset=UTF-8";
        match &self.0 {
            Content::Text(_) => Some(TEXT.to_owned()),
            Content::Bytes(_) => None,
            Content::Object(object) if object.is_string() => Some(TEXT.to_owned()),
            Content::Object(object) => {
                if let Some(blob) = object.dyn_ref::<web_sys::Blob>() {
                    Some(blob.type_()).filter(|kind| !kind.is_empty())
                } else if object.is_instance_of::<web_sys::FormData>() {
                    Some("multipart/form-data; boundary=x".to_owned())
                } else if object.is_instance_of::<web_sys::UrlSearchParams>() {
                    Some("application/x-www-form-urlencoded;charset=UTF-8".to_owned())
                } else {
                    None
                }
            }
        }
    }

    /// Whether it goes out as a string.
    pub(crate) fn is_text(&self) -> bool {
        match &self.0 {
            Content::Text(_) => true,
            Content::Bytes(_) => false,
            Content::Object(object) => object.is_string(),
        }
    }

    pub(crate) fn as_bytes(&self) -> Option<&[u8]> {
        match &self.0 {
            Content::Text(text) => Some(text.as_bytes()),
            Content::Bytes(bytes) => Some(bytes),
            Content::Object(_) => None,
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Contents stay out of logs.
        f.write_str(match &self.0 {
            Content::Text(_) => "Body::Text",
            Content::Bytes(_) => "Body::Bytes",
            Content::Object(_) => "Body::Object",
        })
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Body(Content::Text(text.into()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body(Content::Text(text.into()))
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Body(Content::Bytes(bytes.into()))
    }
}

impl<const N: usize> From<&[u8; N]> for Body {
    fn from(bytes: &[u8; N]) -> Self {
        Body(Content::Bytes(bytes.as_slice().into()))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body(Content::Bytes(bytes.into()))
    }
}

impl From<web_sys::Blob> for Body {
    fn from(blob: web_sys::Blob) -> Self {
        Body(Content::Object(blob.into()))
    }
}

impl From<web_sys::File> for Body {
    fn from(file: web_sys::File) -> Self {
        Body(Content::Object(file.into()))
    }
}

impl From<ArrayBuffer> for Body {
    fn from(buffer: ArrayBuffer) -> Self {
        Body(Content::Object(buffer.into()))
    }
}

impl From<Uint8Array> for Body {
    fn from(bytes: Uint8Array) -> Self {
        Body(Content::Object(unshared(bytes.into())))
    }
}

impl TryFrom<JsValue> for Body {
    type Error = JsValue;

    /// Takes what [a body may be](https://fetch.spec.whatwg.org/#typedefdef-xmlhttprequestbodyinit), and gives back
    /// anything else: XMLHttpRequest would send `[object Object]` for it.
    fn try_from(value: JsValue) -> Result<Self, JsValue> {
        if let Some(text) = value.as_string() {
            return Ok(text.into());
        }
        let fits = value.is_instance_of::<web_sys::Blob>()
            || value.is_instance_of::<web_sys::FormData>()
            || value.is_instance_of::<web_sys::UrlSearchParams>()
            || value.is_instance_of::<ArrayBuffer>()
            || ArrayBuffer::is_view(&value);
        if fits { Ok(Body(Content::Object(unshared(value)))) } else { Err(value) }
    }
}

/// A copy of a view on shared memory, which may change while it is sent: two engines refuse it, and WebKit sends its
/// numbers as text. Anything else as it is.
fn unshared(value: JsValue) -> JsValue {
    match value::shared_bytes(&value) {
        Some(bytes) => bytes.into(),
        None => value,
    }
}

impl From<web_sys::FormData> for Body {
    fn from(form: web_sys::FormData) -> Self {
        Body(Content::Object(form.into()))
    }
}
