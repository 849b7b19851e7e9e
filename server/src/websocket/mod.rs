//! WebSockets: an echo that behaves as it is told, a chat, and what they write into the journal.

mod chat;
mod echo;
mod flood;
mod socket;
mod wishes;

use std::time::Duration;

use axum::extract::ws::{CloseFrame, WebSocketUpgrade, close_code};
use axum::http::HeaderValue;
use tokio::sync::watch;

pub(crate) use chat::{Rooms, chat};
pub(crate) use echo::echo;
pub(crate) use flood::flood;

/// A browser sends everything of a message in one frame, so a frame may be as large as a message.
const LARGEST: usize = 64 << 20;

/// How long a client may take to answer a close frame.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same when the server stops.
const LITTLE_PATIENCE: Duration = Duration::from_millis(200);

/// The open sockets: each holds a receiver that tells it to stop. They outlive the connection that they came by, so
/// they are stopped apart from it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sockets(watch::Sender<bool>);

impl Sockets {
    /// Tells every socket to close.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Waits until all are closed.
    pub(crate) async fn stopped(&self) {
        self.0.closed().await;
    }

    fn stop_signal(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}

/// The first subprotocol that the client offers and the server supports.
fn protocol(upgrade: &WebSocketUpgrade, supported: &str) -> Option<HeaderValue> {
    let is_supported = |offer: &&HeaderValue| supported.split(',').any(|name| name == **offer);
    upgrade.requested_protocols().find(is_supported).cloned()
}

/// "An endpoint is 'going away', such as a server going down": <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>
fn going_away() -> CloseFrame {
    CloseFrame { code: close_code::AWAY, reason: "the server stops".into() }
}
