//! WebSocket: a connection that is open when you have it, and that tells how it ended.
//!
//! ```no_run
//! # async fn example() -> pagewire::Result<()> {
//! use futures_util::StreamExt;
//! use pagewire::websocket::{self, Message};
//!
//! let mut socket = websocket::connect("/chat").await?;
//! socket.send("hello").await?;
//! while let Some(message) = socket.next().await {
//!     if let Message::Text(text) = message? {
//!         println!("{text}");
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! The wire is [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455), the interface that of the
//! [WebSockets Standard](https://websockets.spec.whatwg.org/).

mod changes;
mod connect;
mod driver;
mod futures;
mod incoming;
#[cfg(feature = "io")]
mod io;
mod kept;
mod message;
mod outgoing;
mod pressure;
mod reconnect;
mod reconnecting;
#[cfg(feature = "send")]
mod remote;
mod shared;
mod signal;
mod socket;
mod subprotocols;

pub use changes::{Change, Changes};
pub use connect::{Connect, Connecting, connect};
pub use futures::{Closing, Json, Sending, States};
pub use incoming::Overflow;
#[cfg(feature = "io")]
pub use io::Io;
pub use message::{Message, State};
pub use outgoing::Outgoing;
pub use reconnect::{Heartbeat, Hidden, Reconnect};
pub use reconnecting::Reconnecting;
#[cfg(feature = "send")]
pub use remote::SendWebSocket;
pub use socket::WebSocket;

pub use crate::proto::close::{Close, CloseEvent, InvalidClose};
pub use crate::proto::refusal::Refusal;

use super::environment::Capability;
use crate::error::Result;

/// Whether a WebSocket can be made here.
///
/// ```no_run
/// if let Err(why) = pagewire::websocket::available() {
///     println!("{why}");
/// }
/// ```
///
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), with the reason.
pub fn available() -> Result<()> {
    Capability::WebSocket.available()
}
