//! What can be sent: a message, or a blob that wasm never sees.

use std::fmt;
use std::rc::Rc;

use js_sys::Uint8Array;
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
pub struct Outgoing(Rc<dyn Payload>);

/// A trait, so that an app that sends text alone carries nothing of bytes and blobs.
trait Payload {
    /// The length in bytes.
    fn len(&self) -> usize;

    /// What `send()` takes.
    fn to_js(&self) -> JsValue;
}

impl Outgoing {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn to_js(&self) -> JsValue {
        self.0.to_js()
    }
}

impl Payload for String {
    fn len(&self) -> usize {
        self.len()
    }

    fn to_js(&self) -> JsValue {
        self.into()
    }
}

impl Payload for Vec<u8> {
    fn len(&self) -> usize {
        self.len()
    }

    /// A fresh buffer of exactly their length.
    fn to_js(&self) -> JsValue {
        Uint8Array::from(self.as_slice()).into()
    }
}

impl Payload for Blob {
    fn len(&self) -> usize {
        // A float-to-integer cast saturates.
        self.size() as usize
    }

    fn to_js(&self) -> JsValue {
        self.into()
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
        match message {
            Message::Text(text) => text.into(),
            Message::Binary(bytes) => bytes.into(),
        }
    }
}

impl From<&str> for Outgoing {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Outgoing {
    fn from(text: String) -> Self {
        Outgoing(Rc::new(text))
    }
}

impl From<&[u8]> for Outgoing {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl From<Vec<u8>> for Outgoing {
    fn from(bytes: Vec<u8>) -> Self {
        Outgoing(Rc::new(bytes))
    }
}

impl From<&Blob> for Outgoing {
    fn from(blob: &Blob) -> Self {
        blob.clone().into()
    }
}

impl From<Blob> for Outgoing {
    fn from(blob: Blob) -> Self {
        Outgoing(Rc::new(blob))
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
        Blob::from(file).into()
    }
}
