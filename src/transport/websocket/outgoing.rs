//! What can be sent: a message, or a blob that wasm never sees.

use std::fmt;

use wasm_bindgen::JsValue;
use web_sys::{Blob, File};

use super::Message;

/// Something to send: text, bytes, a [`Message`], or a `Blob` or `File`, whose bytes go to the browser's socket as one
/// binary message without passing through wasm.
///
/// ```no_run
/// # async fn example(photo: &web_sys::File) -> pagewire::Result<()> {
/// use pagewire::websocket;
///
/// let socket = websocket::connect("/chat").await?;
/// socket.send("a photo:").await?;
/// socket.send(photo).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Outgoing(Payload);

#[derive(Clone)]
enum Payload {
    Message(Message),
    Blob(Blob),
}

impl Outgoing {
    /// The length in bytes.
    pub(super) fn len(&self) -> usize {
        match &self.0 {
            Payload::Message(message) => message.len(),
            // A float-to-integer cast saturates.
            Payload::Blob(blob) => blob.size() as usize,
        }
    }

    pub(super) fn to_js(&self) -> JsValue {
        match &self.0 {
            Payload::Message(message) => message.to_js(),
            Payload::Blob(blob) => blob.into(),
        }
    }
}

impl fmt::Debug for Outgoing {
    /// The length alone: what is sent may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("bytes", &self.len()).finish_non_exhaustive()
    }
}

impl From<Message> for Outgoing {
    fn from(message: Message) -> Self {
        Outgoing(Payload::Message(message))
    }
}

impl From<&str> for Outgoing {
    fn from(text: &str) -> Self {
        Message::from(text).into()
    }
}

impl From<String> for Outgoing {
    fn from(text: String) -> Self {
        Message::from(text).into()
    }
}

impl From<&[u8]> for Outgoing {
    fn from(bytes: &[u8]) -> Self {
        Message::from(bytes).into()
    }
}

impl From<Vec<u8>> for Outgoing {
    fn from(bytes: Vec<u8>) -> Self {
        Message::from(bytes).into()
    }
}

impl From<&Blob> for Outgoing {
    fn from(blob: &Blob) -> Self {
        Outgoing(Payload::Blob(blob.clone()))
    }
}

impl From<Blob> for Outgoing {
    fn from(blob: Blob) -> Self {
        Outgoing(Payload::Blob(blob))
    }
}

impl From<&File> for Outgoing {
    fn from(file: &File) -> Self {
        let blob: &Blob = file.as_ref();
        blob.into()
    }
}

impl From<File> for Outgoing {
    fn from(file: File) -> Self {
        Outgoing(Payload::Blob(file.into()))
    }
}
