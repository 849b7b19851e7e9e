//! The WebSocket echo, and what it writes into the journal.

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::Extensions;
use axum::response::Response;

use crate::journal::{Close, Record};
use crate::params::Params;

/// `/ws/echo?protocols=a,b&greet=text&close=4001:reason`: greets, echoes, and closes after the greeting, or without
/// one after the first message.
pub(crate) async fn echo(params: Params, extensions: Extensions, upgrade: WebSocketUpgrade) -> Response {
    let record = extensions.get::<Record>().cloned();
    let protocols: Vec<String> = params
        .get("protocols")
        .unwrap_or_default()
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let upgrade = upgrade.protocols(protocols);
    upgrade.on_upgrade(move |socket| async move {
        let witness = Witness(record);
        witness.opened(&socket);
        let how = Echo {
            socket,
            witness: &witness,
            params,
        }
        .run()
        .await;
        witness.ended(how);
    })
}

struct Echo<'a> {
    socket: WebSocket,
    witness: &'a Witness,
    params: Params,
}

/// Whether a closing handshake was begun, or the connection just went away.
const COMPLETE: &str = "complete";
const DISCONNECTED: &str = "disconnected";

impl Echo<'_> {
    async fn run(mut self) -> &'static str {
        if let Some(greeting) = self.params.get("greet") {
            let greeting = Message::text(greeting.to_owned());
            if !self.send(greeting).await {
                return DISCONNECTED;
            }
            if self.params.get("close").is_some() {
                return self.close().await;
            }
        }
        while let Some(Ok(message)) = self.socket.recv().await {
            match message {
                Message::Close(frame) => {
                    self.witness.closed(frame, "client");
                    // The answer to the close frame is sent by the protocol; reading on completes it.
                    while let Some(Ok(_)) = self.socket.recv().await {}
                    return COMPLETE;
                }
                Message::Ping(_) | Message::Pong(_) => {}
                message => {
                    self.witness.received(&message);
                    if self.params.get("close").is_some() {
                        return self.close().await;
                    }
                    if !self.send(message).await {
                        return DISCONNECTED;
                    }
                }
            }
        }
        DISCONNECTED
    }

    async fn send(&mut self, message: Message) -> bool {
        let sent = self.socket.send(message).await.is_ok();
        if sent {
            self.witness.sent();
        }
        sent
    }

    async fn close(mut self) -> &'static str {
        let (code, reason) = self
            .params
            .get("close")
            .and_then(|close| close.split_once(':'))
            .unwrap_or(("1000", ""));
        let frame = CloseFrame {
            code: code.parse().unwrap_or(1000),
            reason: reason.into(),
        };
        self.witness.closed(Some(frame.clone()), "server");
        if self.socket.send(Message::Close(Some(frame))).await.is_err() {
            return DISCONNECTED;
        }
        while let Some(Ok(message)) = self.socket.recv().await {
            if matches!(message, Message::Close(_)) {
                return COMPLETE;
            }
        }
        DISCONNECTED
    }
}

/// Writes what happens to the journal, where the socket has a key.
struct Witness(Option<Record>);

impl Witness {
    fn opened(&self, socket: &WebSocket) {
        let protocol = socket
            .protocol()
            .and_then(|name| name.to_str().ok())
            .map(str::to_owned);
        self.note(|entry| entry.protocol = protocol);
    }

    fn received(&self, message: &Message) {
        let bytes = match message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
            _ => 0,
        };
        self.note(|socket| {
            socket.messages_in += 1;
            socket.bytes_in += bytes as u64;
        });
    }

    fn sent(&self) {
        self.note(|socket| socket.messages_out += 1);
    }

    fn closed(&self, frame: Option<CloseFrame>, by: &'static str) {
        let (code, reason) = frame.map_or((None, String::new()), |frame| {
            (Some(frame.code), frame.reason.to_string())
        });
        self.note(|socket| {
            socket.close.get_or_insert(Close { code, reason, by });
        });
    }

    fn ended(&self, how: &'static str) {
        if let Some(record) = &self.0 {
            record.end(how, 0);
        }
    }

    fn note(&self, change: impl FnOnce(&mut crate::journal::Socket)) {
        if let Some(record) = &self.0 {
            record.update_socket(change);
        }
    }
}
