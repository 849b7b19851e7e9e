//! `websocket`: a connection that is open when you have it, and one that is kept up.

mod reconnecting;
mod setup;

use futures_util::StreamExt;
use js_sys::{Promise, Uint8Array};
use pagewire::websocket::{Close, Closing, Message, Outgoing, State, WebSocket};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::error::{close_to_js, invalid, to_js};
use crate::promise::{promise, promise_for};
use crate::pull::Pull;
use crate::value::{Address, Text};

pub use reconnecting::{Changes, Reconnecting, reconnecting};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.ts");

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "ConnectOptions")]
    pub type ConnectOptions;

    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "ReconnectOptions")]
    pub type ReconnectOptions;

    /// A message to send.
    #[wasm_bindgen(typescript_type = "string | ArrayBuffer | ArrayBufferView | Blob")]
    pub type Sendable;
}

/// Connects ([RFC 6455](https://www.rfc-editor.org/rfc/rfc6455)); resolves when the connection is open, and rejects with
/// kind "network" when it cannot be made. A relative URL is resolved against the page.
///
/// ```js
/// const socket = await websocket.connect("/chat", { protocols: ["chat.v2", "chat.v1"], timeout: 5000 });
/// ```
#[wasm_bindgen(js_namespace = websocket, unchecked_return_type = "Promise<websocket.Socket>")]
pub fn connect(url: Address, options: Option<ConnectOptions>) -> Promise {
    promise_for(setup::connect(url, options), |socket| Ok(Socket::new(socket).into()))
}

/// An open connection: an async iterator of the messages received, `string` or `Uint8Array`.
///
/// It lives until it is closed, by either side: no collector closes it. Leaving a loop over it does not close it.
///
/// ```js
/// const socket = await websocket.connect("/chat");
/// await socket.send("hello");
/// for await (const message of socket) {
///   console.log(typeof message === "string" ? message : message.length);
/// }
/// console.log((await socket.closed()).code);
/// ```
#[wasm_bindgen(js_namespace = websocket, js_name = Socket)]
#[derive(Clone)]
pub struct Socket {
    socket: WebSocket,
    messages: Pull,
}

#[wasm_bindgen(js_namespace = websocket, js_class = Socket)]
impl Socket {
    /// Sends a message; resolves when the browser has taken it, which it waits with while its buffer is full. Rejects with
    /// kind "closed", and how the connection ended as `error.close`, when the connection is not open. Messages go in the
    /// order of the calls; those of calls that nobody awaits have no bound, and lie in memory until there is room.
    ///
    /// ```js
    /// await socket.send("text");
    /// await socket.send(new Uint8Array([0x00, 0xff]));
    /// await socket.send(input.files[0]);
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn send(&self, message: Sendable) -> Promise {
        let sending = outgoing(message).map(|message| self.socket.send(message));
        promise_for(sending, |()| Ok(JsValue::UNDEFINED))
    }

    /// Closes the connection and resolves with how it ended. `code` is 1000 or 3000 to 4999; `reason` has at most 123
    /// bytes.
    ///
    /// ```js
    /// const { wasClean } = await socket.close(4001, "signed out");
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<CloseInfo>")]
    pub fn close(&self, code: Option<f64>, reason: Option<Text>) -> Promise {
        match read_close(code, reason.map(|reason| reason.text())) {
            Ok(close) => ended(self.socket.close(close)),
            Err(refusal) => Promise::reject(&refusal),
        }
    }

    /// Resolves with how the connection ended, whoever ended it.
    ///
    /// ```js
    /// const { code, reason } = await socket.closed();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<CloseInfo>")]
    pub fn closed(&self) -> Promise {
        ended(self.socket.closed())
    }

    /// The next message.
    ///
    /// ```js
    /// const { value: greeting } = await socket.next();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<IteratorResult<string | Uint8Array, undefined>>")]
    pub fn next(&self) -> Promise {
        self.messages.next()
    }

    /// The iterator that `for await` asks for: the connection itself.
    #[wasm_bindgen(
        js_name = "[Symbol.asyncIterator]",
        unchecked_return_type = "AsyncIterator<string | Uint8Array, undefined>"
    )]
    pub fn iterator(&self) -> Socket {
        self.clone()
    }

    /// 0 connecting, 1 open, 2 closing, 3 closed.
    ///
    /// ```js
    /// button.disabled = socket.readyState !== 1;
    /// ```
    #[wasm_bindgen(getter, js_name = readyState)]
    pub fn ready_state(&self) -> u8 {
        match self.socket.state() {
            State::Connecting => 0,
            State::Open => 1,
            State::Closing => 2,
            State::Closed => 3,
        }
    }

    /// The subprotocol that the server chose, or an empty string.
    ///
    /// ```js
    /// const isNew = socket.protocol === "chat.v2";
    /// ```
    #[wasm_bindgen(getter)]
    pub fn protocol(&self) -> String {
        self.socket.protocol()
    }

    /// The extensions in use.
    #[wasm_bindgen(getter)]
    pub fn extensions(&self) -> String {
        self.socket.extensions()
    }

    /// How many received messages were dropped for want of room, by the chosen `overflow`.
    ///
    /// ```js
    /// if (socket.dropped > 0) warn("some prices were never seen");
    /// ```
    #[wasm_bindgen(getter)]
    pub fn dropped(&self) -> f64 {
        self.socket.dropped() as f64
    }

    /// Bytes that the browser has taken and not yet sent.
    ///
    /// ```js
    /// meter.value = socket.bufferedAmount;
    /// ```
    #[wasm_bindgen(getter, js_name = bufferedAmount)]
    pub fn buffered_amount(&self) -> f64 {
        self.socket.buffered_amount() as f64
    }

    /// The absolute URL.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.socket.url()
    }

    // Takes the place of the generated `free`, which `[Symbol.dispose]` calls too: here disposing closes. The memory
    // goes back when the object is collected.
    /// Closes the connection.
    #[wasm_bindgen(js_name = free, skip_typescript)]
    pub fn dispose(&self) {
        drop(self.socket.close(Close::default()));
    }
}

impl Socket {
    fn new(socket: WebSocket) -> Self {
        // An open connection owns itself, as the browser's own does: dropping the JavaScript object does not close it.
        let kept = socket.clone();
        spawn_local(async move {
            kept.closed().await;
        });
        let messages = Pull::new(socket.clone().map(message_to_js));
        Socket { socket, messages }
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").finish_non_exhaustive()
    }
}

fn message_to_js(message: pagewire::Result<Message>) -> Result<JsValue, JsValue> {
    match message {
        Ok(Message::Text(text)) => Ok(text.into()),
        Ok(Message::Binary(bytes)) => Ok(Uint8Array::from(bytes.as_slice()).into()),
        Err(error) => Err(to_js(&error)),
    }
}

fn outgoing(message: Sendable) -> Result<Outgoing, JsValue> {
    match JsValue::from(message).dyn_into::<Blob>() {
        Ok(blob) => Ok(blob.into()),
        Err(other) => match Message::try_from(other) {
            Ok(message) => Ok(message.into()),
            Err(_) => Err(invalid("a message is a string, bytes or a Blob")),
        },
    }
}

fn read_close(code: Option<f64>, reason: Option<String>) -> Result<Close, JsValue> {
    match (code, reason) {
        (None, None) => Ok(Close::default()),
        (code, reason) => {
            let code = code.unwrap_or(f64::from(Close::NORMAL));
            let whole = (code.fract() == 0.0 && (0.0..=65535.0).contains(&code)).then_some(code as u16);
            let code = whole.ok_or_else(|| invalid("a close code is 1000, or 3000 to 4999"))?;
            Close::new(code, reason.unwrap_or_default()).map_err(|refusal| invalid(&refusal.to_string()))
        }
    }
}

fn ended(closing: Closing) -> Promise {
    promise(async { Ok(close_to_js(&closing.await)) })
}
