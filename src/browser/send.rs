//! `send()` of XMLHttpRequest and WebSocket: one binding for every kind of body, where web-sys has one for each.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

/// Calls `target.send(data)`.
pub(crate) fn send(target: &JsValue, data: &JsValue) -> Result<(), JsValue> {
    target.unchecked_ref::<Sender>().send(data)
}

/// Calls `target.send(bytes)`, with a view on them: for what copies them before it returns, as XMLHttpRequest must
/// ("set source to a copy of the bytes", <https://fetch.spec.whatwg.org/#concept-bodyinit-extract>).
pub(crate) fn send_bytes(target: &JsValue, bytes: &[u8]) -> Result<(), JsValue> {
    if cfg!(target_feature = "atomics") {
        // A view on shared memory is refused.
        return send(target, &Uint8Array::from(bytes));
    }
    target.unchecked_ref::<Sender>().send_view(bytes)
}

#[wasm_bindgen]
extern "C" {
    type Sender;

    #[wasm_bindgen(method, structural, catch)]
    fn send(this: &Sender, data: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, structural, catch, js_name = send)]
    fn send_view(this: &Sender, data: &[u8]) -> Result<(), JsValue>;
}
