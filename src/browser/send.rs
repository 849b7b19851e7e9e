//! `send()` of XMLHttpRequest and WebSocket: one binding for every kind of body, where web-sys has one for each.

use wasm_bindgen::prelude::*;

/// Calls `target.send(data)`.
pub(crate) fn send(target: &JsValue, data: &JsValue) -> Result<(), JsValue> {
    target.unchecked_ref::<Sender>().send(data)
}

#[wasm_bindgen]
extern "C" {
    type Sender;

    #[wasm_bindgen(method, structural, catch)]
    fn send(this: &Sender, data: &JsValue) -> Result<(), JsValue>;
}
