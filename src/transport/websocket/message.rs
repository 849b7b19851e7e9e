//! What goes over a socket, and how one ends.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use crate::browser::value;

/// A message, sent or received. Binary ones are always bytes, never a `Blob`.
///
/// ```
/// use pagewire::websocket::Message;
///
/// assert_eq!(Message::from("hello"), Message::Text("hello".to_owned()));
/// assert_eq!(Message::from(vec![1, 2]), Message::Binary(vec![1, 2]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Message {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Vec<u8>),
}

/// The [states](https://websockets.spec.whatwg.org/#dom-websocket-readystate) of a connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket::{self, State};
///
/// let socket = websocket::connect("/chat").await?;
/// let may_send = socket.state() == State::Open;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// 0: the handshake is on its way.
    Connecting,
    /// 1: messages flow.
    Open,
    /// 2: the closing handshake is on its way.
    Closing,
    /// 3: over.
    Closed,
}

/// How a connection [ended](https://websockets.spec.whatwg.org/#closeevent).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket;
///
/// let end = websocket::connect("/chat").await?.closed().await;
/// match end.code {
///     1000 | 1001 => println!("the server has said good-bye"),
///     1006 => println!("the connection broke"),
///     code => println!("{code}: {}", end.reason),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseEvent {
    /// The close code: any number that the server sent; 1005 if it sent none, 1006 if the connection broke.
    pub code: u16,
    /// The reason that the server sent.
    pub reason: String,
    /// Whether the closing handshake was completed.
    pub was_clean: bool,
}

impl Message {
    /// The length in bytes, as counted against the limits of a queue.
    pub(super) fn len(&self) -> usize {
        match self {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
        }
    }

    /// A message event's data. Never a `Blob`: the socket's `binaryType` is `arraybuffer` from its first moment.
    pub(super) fn from_js(data: &JsValue) -> Self {
        match data.as_string() {
            Some(text) => Message::Text(text),
            None => Message::Binary(Uint8Array::new(data).to_vec()),
        }
    }

    /// What `send()` takes: for bytes a fresh buffer of exactly their length.
    pub(super) fn to_js(&self) -> JsValue {
        match self {
            Message::Text(text) => JsValue::from_str(text),
            Message::Binary(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Message::Text(text.to_owned())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Message::Text(text)
    }
}

impl From<&[u8]> for Message {
    fn from(bytes: &[u8]) -> Self {
        Message::Binary(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Message::Binary(bytes)
    }
}

impl TryFrom<JsValue> for Message {
    type Error = JsValue;

    /// Takes a string, an `ArrayBuffer` or a view of one, and gives back anything else.
    fn try_from(value: JsValue) -> Result<Self, JsValue> {
        if let Some(text) = value.as_string() {
            return Ok(Message::Text(text));
        }
        value::bytes(&value).map(Message::Binary).ok_or(value)
    }
}

impl State {
    pub(super) fn from_u16(number: u16) -> Self {
        match number {
            0 => State::Connecting,
            1 => State::Open,
            2 => State::Closing,
            _ => State::Closed,
        }
    }
}
