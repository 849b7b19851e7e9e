//! The WebSocket echo, and what it writes into the journal.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::HeaderValue;
use axum::response::Response;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::journal::{Close, How, Side};
use crate::params::{BadParam, Params};
use crate::record::{Ending, Record};
use crate::routes;

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
}

/// `/ws/echo?hold=0&protocols=a,b&greet=text&close=4001:reason`: answers the handshake so many ms later, takes the first
/// offered subprotocol that is among `protocols`, sends the greeting, sends every text and binary message back, and
/// closes after the greeting, or without one after the first message.
pub(crate) async fn echo(
    State(state): State<routes::State>,
    Extension(record): Extension<Record>,
    params: Params,
    mut upgrade: WebSocketUpgrade,
) -> Result<Response, BadParam> {
    let close = close_wish(&params)?;
    let greeting = params.get("greet").map(str::to_owned);
    let hold = params.millis("hold", 0)?;
    sleep(hold).await;
    if let Some(protocol) = protocol(&upgrade, params.get("protocols").unwrap_or_default()) {
        upgrade.set_selected_protocol(protocol);
    }
    // Made here, so that an upgrade that fails is an end, too.
    let ending = Ending::new(record.clone());
    let upgrade = upgrade.max_frame_size(LARGEST).max_message_size(LARGEST);
    Ok(upgrade.on_upgrade(move |socket| {
        let echo = Echo { socket, record, ending };
        echo.run(greeting, close, state.sockets.0.subscribe())
    }))
}

/// The first that the client offers and the server supports.
fn protocol(upgrade: &WebSocketUpgrade, supported: &str) -> Option<HeaderValue> {
    let is_supported = |offer: &&HeaderValue| supported.split(',').any(|name| name == **offer);
    upgrade.requested_protocols().find(is_supported).cloned()
}

/// `close=CODE:REASON`, or `close=CODE`.
fn close_wish(params: &Params) -> Result<Option<CloseFrame>, BadParam> {
    let Some(text) = params.get("close") else {
        return Ok(None);
    };
    let (code, reason) = text.split_once(':').unwrap_or((text, ""));
    let code = code.parse().map_err(|_| BadParam::new("close", text))?;
    Ok(Some(CloseFrame { code, reason: reason.into() }))
}

/// "An endpoint is 'going away', such as a server going down": <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>
fn going_away() -> CloseFrame {
    CloseFrame { code: close_code::AWAY, reason: "the server stops".into() }
}

/// One socket.
struct Echo {
    socket: WebSocket,
    record: Record,
    ending: Ending,
}

impl Echo {
    async fn run(
        mut self,
        greeting: Option<String>,
        close: Option<CloseFrame>,
        mut stop: watch::Receiver<bool>,
    ) {
        let protocol = self.socket.protocol().and_then(|name| name.to_str().ok());
        let protocol = protocol.map(str::to_owned);
        self.record.update_socket(|socket| socket.protocol = protocol);
        let stopped = async {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        let closed = tokio::select! {
            closed = self.converse(greeting, close) => closed,
            () = stopped => self.close(going_away(), LITTLE_PATIENCE).await,
        };
        let how = closed.map_or(How::Disconnected, |Closed| How::Complete);
        self.record.update_socket(|socket| socket.ended = Some(how));
        self.ending.end(how);
    }

    /// Gives nothing if the connection is lost.
    async fn converse(&mut self, greeting: Option<String>, close: Option<CloseFrame>) -> Option<Closed> {
        if let Some(greeting) = greeting {
            self.send(Message::text(greeting)).await?;
            if let Some(frame) = close {
                return self.close(frame, PATIENCE).await;
            }
        }
        loop {
            match self.socket.recv().await?.ok()? {
                Message::Close(frame) => return self.answer_close(frame).await,
                Message::Ping(_) | Message::Pong(_) => {}
                message @ (Message::Text(_) | Message::Binary(_)) => {
                    self.note_received(&message);
                    self.send(message).await?;
                    if let Some(frame) = close {
                        return self.close(frame, PATIENCE).await;
                    }
                }
            }
        }
    }

    async fn send(&mut self, message: Message) -> Option<()> {
        let length = length(&message);
        self.socket.send(message).await.ok()?;
        self.ending.sent += length;
        self.record.update_socket(|socket| socket.messages_out += 1);
        Some(())
    }

    fn note_received(&self, message: &Message) {
        self.record.update_socket(|socket| {
            socket.messages_in += 1;
            socket.bytes_in += length(message);
        });
    }

    /// The protocol's implementation has put the answering frame in its queue; reading on sends it.
    async fn answer_close(&mut self, frame: Option<CloseFrame>) -> Option<Closed> {
        self.note_close(frame, Side::Client);
        while let Some(message) = self.socket.recv().await {
            message.ok()?;
        }
        Some(Closed)
    }

    /// Sends a close frame and waits for the answer; other messages that are still under way are dropped.
    async fn close(&mut self, frame: CloseFrame, patience: Duration) -> Option<Closed> {
        self.note_close(Some(frame.clone()), Side::Server);
        let handshake = async {
            self.socket.send(Message::Close(Some(frame))).await.ok()?;
            while !matches!(self.socket.recv().await?.ok()?, Message::Close(_)) {}
            Some(Closed)
        };
        timeout(patience, handshake).await.ok().flatten()
    }

    /// Notes the first of the two frames.
    fn note_close(&self, frame: Option<CloseFrame>, by: Side) {
        let code = frame.as_ref().map(|frame| frame.code);
        let reason = frame.map_or_else(String::new, |frame| frame.reason.to_string());
        self.record.update_socket(|socket| {
            socket.close.get_or_insert(Close { code, reason, by });
        });
    }
}

/// Both sides sent a close frame.
struct Closed;

fn length(message: &Message) -> u64 {
    match message {
        Message::Text(text) => text.len() as u64,
        Message::Binary(bytes) => bytes.len() as u64,
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => 0,
    }
}
