//! The subprotocols of a connection. A trait and not a list, so that an app that offers none carries nothing of this.

use js_sys::Array;
use wasm_bindgen::JsValue;

use crate::browser::socket::RawSocket;
use crate::proto::refusal::Refusal;

pub(super) trait Offer {
    /// How many there are.
    fn len(&self) -> usize;

    /// As the browser takes them.
    fn to_js(&self) -> Result<JsValue, Refusal>;

    /// Whether an open connection has none of them.
    fn is_ignored(&self, raw: &RawSocket) -> bool;
}

pub(super) struct Subprotocols(pub(super) Vec<String>);

impl Offer for Subprotocols {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn to_js(&self) -> Result<JsValue, Refusal> {
        Refusal::of_protocols(&self.0)?;
        Ok(self.0.iter().map(JsValue::from).collect::<Array>().into())
    }

    /// Chromium fails such a connection, Firefox opens it. "If protocols is not the empty list and [...] null, failure, or
    /// the empty byte sequence, then fail the WebSocket connection":
    /// <https://websockets.spec.whatwg.org/#concept-websocket-establish>
    fn is_ignored(&self, raw: &RawSocket) -> bool {
        !self.0.is_empty() && raw.protocol().is_empty()
    }
}
