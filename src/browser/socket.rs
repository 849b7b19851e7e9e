//! The browser's WebSocket. web-sys has it with a binding for each kind of argument, and `catch` where nothing throws.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = WebSocket, extends = EventTarget)]
    pub(crate) type RawSocket;

    /// `protocols` is an array, or undefined.
    #[wasm_bindgen(constructor, catch, js_class = "WebSocket")]
    pub(crate) fn new(url: &str, protocols: &JsValue) -> Result<RawSocket, JsValue>;

    #[wasm_bindgen(method, setter, js_name = binaryType)]
    pub(crate) fn set_binary_type(this: &RawSocket, binary_type: &str);

    #[wasm_bindgen(method, getter, js_name = readyState)]
    pub(crate) fn ready_state(this: &RawSocket) -> u16;

    #[wasm_bindgen(method, getter, js_name = bufferedAmount)]
    pub(crate) fn buffered_amount(this: &RawSocket) -> f64;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn protocol(this: &RawSocket) -> String;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn extensions(this: &RawSocket) -> String;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn url(this: &RawSocket) -> String;

    /// Does nothing on one that is closing or closed: <https://websockets.spec.whatwg.org/#dom-websocket-close>.
    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &RawSocket);

    /// With a code that a page may send, and a reason of at most 123 bytes: otherwise it throws.
    #[wasm_bindgen(method, js_name = close)]
    pub(crate) fn close_with(this: &RawSocket, code: u16, reason: &str);
}
