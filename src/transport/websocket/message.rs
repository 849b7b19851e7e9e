//! What goes over a socket, and the states of one.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::browser::value;
use crate::error::{Error, Result};

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

impl Message {
    /// A text message of JSON.
    ///
    /// ```
    /// use pagewire::websocket::Message;
    ///
    /// assert_eq!(Message::from_json(&("move", 3))?, Message::from(r#"["move",3]"#));
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if `value` cannot be JSON.
    pub fn from_json<T: Serialize + ?Sized>(value: &T) -> Result<Message> {
        let text = serde_json::to_string(value);
        text.map(Message::Text)
            .map_err(|error| Error::invalid("the message cannot be JSON").with_source(error))
    }

    /// The message read as JSON, whether it came as text or as bytes.
    ///
    /// ```
    /// use pagewire::websocket::Message;
    ///
    /// let (kind, count): (String, u32) = Message::from(r#"["move",3]"#).json()?;
    /// assert_eq!((kind.as_str(), count), ("move", 3));
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not JSON, or not of this shape; the source says where.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let bytes = match self {
            Message::Text(text) => text.as_bytes(),
            Message::Binary(bytes) => bytes,
        };
        serde_json::from_slice(bytes).map_err(|error| {
            Error::decode("the message is not the JSON that was asked for").with_source(error)
        })
    }

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
            None => Message::Binary(value::bytes_of(data).unwrap_or_default()),
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
    fn try_from(value: JsValue) -> std::result::Result<Self, JsValue> {
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
