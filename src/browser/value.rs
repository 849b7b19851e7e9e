//! From any JavaScript value to text, bytes or an error, without a panic: anything can be thrown, and anything sent.

use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

pub(crate) use crate::error::Thrown;

impl Thrown {
    pub(crate) fn new(value: &JsValue) -> Self {
        if value.is_object() {
            let name = property(value, "name").as_string();
            let message = property(value, "message").as_string();
            if name.is_some() || message.is_some() {
                return Thrown { name: name.unwrap_or_default(), message: message.unwrap_or_default() };
            }
        }
        Thrown { name: String::new(), message: text(value) }
    }

    /// The same of what is known to be an error, such as a `DOMException`.
    pub(crate) fn of_error(value: &JsValue) -> Self {
        let part = |name| property(value, name).as_string().unwrap_or_default();
        Thrown { name: part("name"), message: part("message") }
    }

    /// The name alone of an error: a browser's message may repeat the URL, with all that is secret in it.
    pub(crate) fn name_of(value: &JsValue) -> Self {
        Thrown { name: property(value, "name").as_string().unwrap_or_default(), message: String::new() }
    }

    /// The same of one that is taken apart already.
    pub(crate) fn without_message(self) -> Self {
        Thrown { name: self.name, message: String::new() }
    }
}

/// Any value as text, as `String(value)` gives it; its type where even that throws.
pub(crate) fn text(value: &JsValue) -> String {
    match to_string(value) {
        Ok(text) => text,
        Err(_) => value.js_typeof().as_string().unwrap_or_default(),
    }
}

/// The bytes of an `ArrayBuffer` or of a view's own window of one, copied once; none for one that is detached.
pub(crate) fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    let (buffer, offset, length) = if let Some(buffer) = value.dyn_ref::<ArrayBuffer>() {
        (JsValue::from(buffer), 0, buffer.byte_length())
    } else if ArrayBuffer::is_view(value) {
        let view = value.unchecked_ref::<View>();
        // A detached `DataView` throws, where a detached typed array has a length of 0.
        match (view.byte_offset(), view.byte_length()) {
            (Ok(offset), Ok(length)) => (view.buffer(), offset, length),
            _ => return Some(Vec::new()),
        }
    } else {
        return None;
    };
    if length == 0 {
        return Some(Vec::new());
    }
    Window::new(&buffer, offset, length).ok().map(|window| window.copied())
}

/// A copy of the bytes of a view, if it is one on shared memory.
pub(crate) fn shared_bytes(value: &JsValue) -> Option<Uint8Array> {
    let is_view = ArrayBuffer::is_view(value);
    if !is_view || value.unchecked_ref::<View>().buffer().is_instance_of::<ArrayBuffer>() {
        return None;
    }
    bytes(value).map(|bytes| Uint8Array::from(bytes.as_slice()))
}

/// The bytes of a whole buffer, copied once.
///
/// # Errors
/// What the browser throws for a buffer that is detached.
pub(crate) fn bytes_of(buffer: &JsValue) -> Result<Vec<u8>, JsValue> {
    Ok(Window::of(buffer)?.copied())
}

/// A property; undefined of what has none, and where its getter throws.
pub(crate) fn property(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or_default()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = String)]
    fn to_string(value: &JsValue) -> Result<String, JsValue>;

    // https://webidl.spec.whatwg.org/#ArrayBufferView: what a typed array and a `DataView` have in common.
    type View;

    #[wasm_bindgen(method, getter)]
    fn buffer(this: &View) -> JsValue;

    #[wasm_bindgen(method, getter, catch, js_name = byteOffset)]
    fn byte_offset(this: &View) -> Result<u32, JsValue>;

    #[wasm_bindgen(method, getter, catch, js_name = byteLength)]
    fn byte_length(this: &View) -> Result<u32, JsValue>;

    // js-sys has it without `catch`, and it throws for a detached buffer.
    #[wasm_bindgen(js_name = Uint8Array)]
    type Window;

    #[wasm_bindgen(constructor, catch, js_class = Uint8Array)]
    fn of(buffer: &JsValue) -> Result<Window, JsValue>;

    #[wasm_bindgen(constructor, catch, js_class = Uint8Array)]
    fn new(buffer: &JsValue, offset: u32, length: u32) -> Result<Window, JsValue>;

    // `Uint8Array::to_vec` of js-sys asserts, and so carries what prints a number.
    #[wasm_bindgen(method, js_name = valueOf)]
    fn copied(this: &Window) -> Vec<u8>;
}
