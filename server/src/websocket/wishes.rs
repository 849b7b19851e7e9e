//! How a test wants an echo to behave, from the query of its URL.

use std::time::Duration;

use axum::extract::ws::CloseFrame;

use crate::params::{BadParam, Params};

/// Everything that an echo can be told.
#[derive(Debug)]
pub(super) struct Wishes {
    /// Wait so long before the handshake is answered.
    pub(super) hold: Duration,
    /// Wait so long before the greeting.
    pub(super) delay: Duration,
    /// The greeting: text messages to send before anything is read.
    pub(super) greetings: Vec<String>,
    /// The length of a binary message to send after them; byte i is i modulo 251.
    pub(super) greeting_bytes: Option<usize>,
    /// Send the greeting in one piece with the answer to the handshake.
    pub(super) early: bool,
    /// So many messages to send then, numbered from 0.
    pub(super) flood: usize,
    /// Each of them filled up with dots to this length.
    pub(super) size: usize,
    /// Read nothing for so long.
    pub(super) deaf: Duration,
    /// Wait so long before each message is read.
    pub(super) pace: Duration,
    /// Echo nothing.
    pub(super) mute: bool,
    /// How to end: after the greeting, or without one after the first message.
    pub(super) end: Option<End>,
}

/// The ways in which a server can end a connection.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// By the closing handshake.
    Close(CloseFrame),
    /// By an end of the stream (FIN) without a close frame.
    Fin,
    /// By a reset (RST).
    Reset,
}

impl Wishes {
    pub(super) fn new(params: &Params) -> Result<Self, BadParam> {
        Ok(Wishes {
            hold: params.millis("hold", 0)?,
            delay: params.millis("delay", 0)?,
            greetings: params.all("greet").map(str::to_owned).collect(),
            greeting_bytes: number(params, "greet_bytes")?,
            early: params.parse("early", false)?,
            flood: params.parse("flood", 0)?,
            size: params.parse("size", 0)?,
            deaf: params.millis("deaf", 0)?,
            pace: params.millis("pace", 0)?,
            mute: params.parse("mute", false)?,
            end: end(params)?,
        })
    }

    pub(super) fn greets(&self) -> bool {
        !self.greetings.is_empty() || self.greeting_bytes.is_some()
    }
}

fn number(params: &Params, name: &str) -> Result<Option<usize>, BadParam> {
    params.get(name).map(|text| text.parse().map_err(|_| BadParam::new(name, text))).transpose()
}

/// `close=CODE:REASON`, `close=CODE`, `end=fin` or `end=reset`.
fn end(params: &Params) -> Result<Option<End>, BadParam> {
    match (params.get("close"), params.get("end")) {
        (None, None) => Ok(None),
        (None, Some("fin")) => Ok(Some(End::Fin)),
        (None, Some("reset")) => Ok(Some(End::Reset)),
        (_, Some(text)) => Err(BadParam::new("end", text)),
        (Some(text), None) => {
            let (code, reason) = text.split_once(':').unwrap_or((text, ""));
            let code = code.parse().map_err(|_| BadParam::new("close", text))?;
            Ok(Some(End::Close(CloseFrame { code, reason: reason.into() })))
        }
    }
}
