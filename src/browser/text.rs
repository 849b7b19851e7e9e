//! Text out of bytes, by the browser's own decoders.

use wasm_bindgen::prelude::*;

/// The text, as [`TextDecoder`](https://encoding.spec.whatwg.org/#interface-textdecoder) gives it: without a byte order
/// mark, and with U+FFFD for what is malformed. A label that is none counts as UTF-8, as in a browser; and on a target
/// without one, every label.
///
/// # Errors
/// What the browser throws for a text that is longer than it can hold.
pub(crate) fn decode(label: &str, bytes: &[u8]) -> Result<String, JsValue> {
    if !cfg!(target_arch = "wasm32") {
        let text = String::from_utf8_lossy(bytes);
        return Ok(text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned());
    }
    TextDecoder::new(label).or_else(|_| TextDecoder::new("utf-8"))?.decode(bytes)
}

#[wasm_bindgen]
extern "C" {
    type TextDecoder;

    #[wasm_bindgen(constructor, catch)]
    fn new(label: &str) -> Result<TextDecoder, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &[u8]) -> Result<String, JsValue>;
}
