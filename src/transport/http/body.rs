//! What a request carries.

use std::fmt;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::value;

/// A request body, made with `into()` from text, bytes, a `Blob`, a `File` or a `FormData`.
///
/// Bytes are copied once, into a buffer of exactly their length: nobody ever sees a view on wasm memory, which may grow
/// and detach while the request runs. A `Blob` or `File` is handed over without being read, and so is the better body for
/// what is large.
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
pub struct Body(Rc<dyn Content>); // Shared, because another attempt sends the same.

/// One kind of body. A trait and not an enum, so that an app that sends none of a kind does not carry its code.
trait Content {
    /// The value that `XMLHttpRequest.send()` takes.
    fn to_js(&self) -> JsValue;

    /// Whether nothing will be sent, as far as can be told beforehand.
    fn is_empty(&self) -> bool;

    /// The `Content-Type` that the browser gives to it, as
    /// [XHR](https://xhr.spec.whatwg.org/#the-send()-method) has it.
    fn implied_type(&self) -> Option<String>;

    /// Whether it goes out as a string.
    fn is_text(&self) -> bool {
        false
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        None
    }

    /// Its name in `Debug`: contents stay out of logs.
    fn name(&self) -> &'static str;
}

const TEXT: &str = "text/plain;charset=UTF-8";

struct Text(String);

impl Content for Text {
    fn to_js(&self) -> JsValue {
        JsValue::from_str(&self.0)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn implied_type(&self) -> Option<String> {
        Some(TEXT.to_owned())
    }

    fn is_text(&self) -> bool {
        true
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        Some(self.0.as_bytes())
    }

    fn name(&self) -> &'static str {
        "Body::Text"
    }
}

struct Bytes(Vec<u8>);

impl Content for Bytes {
    fn to_js(&self) -> JsValue {
        Uint8Array::from(self.0.as_slice()).into()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn implied_type(&self) -> Option<String> {
        None
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        Some(&self.0)
    }

    fn name(&self) -> &'static str {
        "Body::Bytes"
    }
}

struct Object(JsValue);

impl Content for Object {
    fn to_js(&self) -> JsValue {
        self.0.clone()
    }

    fn is_empty(&self) -> bool {
        // The one of a `Blob` and a `URLSearchParams`, the other of a buffer and its views; a `FormData` has neither.
        ["size", "byteLength"].iter().any(|name| value::property(&self.0, name).as_f64() == Some(0.0))
    }

    fn implied_type(&self) -> Option<String> {
        let object = &self.0;
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

    fn name(&self) -> &'static str {
        "Body::Object"
    }
}

impl Body {
    fn new(content: impl Content + 'static) -> Self {
        Body(Rc::new(content))
    }

    /// The value that `XMLHttpRequest.send()` takes.
    pub(crate) fn into_js(self) -> JsValue {
        self.0.to_js()
    }

    /// Whether nothing will be sent, as far as can be told beforehand.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The `Content-Type` that the browser gives to it.
    pub(crate) fn implied_type(&self) -> Option<String> {
        self.0.implied_type()
    }

    /// Whether it goes out as a string.
    pub(crate) fn is_text(&self) -> bool {
        self.0.is_text()
    }

    pub(crate) fn as_bytes(&self) -> Option<&[u8]> {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Body::new(Text(text.to_owned()))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body::new(Text(text))
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Body::new(Bytes(bytes.to_vec()))
    }
}

impl<const N: usize> From<&[u8; N]> for Body {
    fn from(bytes: &[u8; N]) -> Self {
        Body::new(Bytes(bytes.to_vec()))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body::new(Bytes(bytes))
    }
}

impl From<web_sys::Blob> for Body {
    fn from(blob: web_sys::Blob) -> Self {
        Body::new(Object(blob.into()))
    }
}

impl From<web_sys::File> for Body {
    fn from(file: web_sys::File) -> Self {
        Body::new(Object(file.into()))
    }
}

impl From<ArrayBuffer> for Body {
    fn from(buffer: ArrayBuffer) -> Self {
        Body::new(Object(buffer.into()))
    }
}

impl From<Uint8Array> for Body {
    fn from(bytes: Uint8Array) -> Self {
        Body::new(Object(unshared(bytes.into())))
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
        if fits { Ok(Body::new(Object(unshared(value)))) } else { Err(value) }
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
        Body::new(Object(form.into()))
    }
}
