//! `websocket`: a connection that is open when you have it.

use futures_util::StreamExt;
use js_sys::{Promise, Uint8Array};
use pagewire::websocket::{self, Close, CloseEvent, Closing, Connect, Message, State, WebSocket};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::error::{invalid, to_js};
use crate::options::Options;
use crate::promise::promise;
use crate::pull::Pull;
use crate::value::{Address, Text, object};

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "ConnectOptions")]
    pub type ConnectOptions;

    /// A message to send.
    #[wasm_bindgen(typescript_type = "string | ArrayBuffer | ArrayBufferView")]
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
    let connect = prepare(url, options);
    promise(async {
        let socket = connect?.await.map_err(|error| to_js(&error))?;
        Ok(Socket::new(socket).into())
    })
}

fn prepare(url: Address, options: Option<ConnectOptions>) -> Result<Connect, JsValue> {
    let options = Options::new(options, &[&["protocols", "timeout", "signal", "receiveLimit"]])?;
    let mut connect = websocket::connect(url.text()).protocols(options.strings("protocols")?);
    if let Some(after) = options.duration("timeout")? {
        connect = connect.timeout(after);
    }
    if let Some(signal) = options.signal()? {
        connect = connect.abort_signal(&signal);
    }
    if let Some(limit) = options.nested("receiveLimit", &["messages", "bytes"])? {
        let most = |name| Ok::<_, JsValue>(limit.count(name)?.and_then(|most| usize::try_from(most).ok()));
        connect =
            connect.receive_limit(most("messages")?.unwrap_or(65_536), most("bytes")?.unwrap_or(64 << 20));
    }
    Ok(connect)
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
    /// Sends a message; resolves when the browser has taken it. Rejects with kind "closed" when the connection is not
    /// open.
    ///
    /// ```js
    /// await socket.send("text");
    /// await socket.send(new Uint8Array([0x00, 0xff]));
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn send(&self, message: Sendable) -> Promise {
        let socket = self.socket.clone();
        let message = Message::try_from(JsValue::from(message));
        promise(async move {
            let message = message.map_err(|_| invalid("a message is a string or bytes"))?;
            socket.send(message).await.map_err(|error| to_js(&error))?;
            Ok(JsValue::UNDEFINED)
        })
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
        let messages = socket.clone().map(|message| match message {
            Ok(Message::Text(text)) => Ok(text.into()),
            Ok(Message::Binary(bytes)) => Ok(Uint8Array::from(bytes.as_slice()).into()),
            Err(error) => Err(to_js(&error)),
        });
        Socket { socket, messages: Pull::new(messages) }
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").finish_non_exhaustive()
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

fn close_to_js(event: &CloseEvent) -> JsValue {
    object([
        ("code", event.code.into()),
        ("reason", event.reason.as_str().into()),
        ("wasClean", event.was_clean.into()),
    ])
}
