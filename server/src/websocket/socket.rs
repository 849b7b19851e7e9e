//! A WebSocket that writes into the journal what it sends and receives.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{LITTLE_PATIENCE, going_away};
use crate::journal::{Close, How, Side};
use crate::record::{Ending, Record};

/// One socket and its place in the journal.
pub(super) struct Recorded {
    socket: WebSocket,
    record: Record,
    ending: Ending,
}

/// Both sides sent a close frame.
pub(super) struct Closed;

impl Recorded {
    pub(super) fn new(socket: WebSocket, record: Record, ending: Ending) -> Self {
        let protocol = socket.protocol().and_then(|name| name.to_str().ok()).map(str::to_owned);
        record.update_socket(|socket| socket.protocol = protocol);
        Recorded { socket, record, ending }
    }

    /// Runs `conversation`, which gives nothing if the connection is lost, until the server stops; then writes down how
    /// it ended.
    pub(super) async fn run(
        mut self,
        mut stop: watch::Receiver<bool>,
        conversation: impl AsyncFnOnce(&mut Recorded) -> Option<Closed>,
    ) {
        let stopped = async {
            let _ = stop.wait_for(|stop| *stop).await;
        };
        let closed = tokio::select! {
            closed = conversation(&mut self) => closed,
            () = stopped => self.close(going_away(), LITTLE_PATIENCE).await,
        };
        let how = closed.map_or(How::Disconnected, |Closed| How::Complete);
        self.record.update_socket(|socket| socket.ended = Some(how));
        self.ending.end(how);
    }

    /// The next text or binary message, or the end.
    pub(super) async fn receive(&mut self) -> Option<Result<Message, Closed>> {
        loop {
            match self.socket.recv().await?.ok()? {
                Message::Close(frame) => return self.answer_close(frame).await.map(Err),
                Message::Ping(_) | Message::Pong(_) => {}
                message @ (Message::Text(_) | Message::Binary(_)) => {
                    self.note_received(&message);
                    return Some(Ok(message));
                }
            }
        }
    }

    pub(super) async fn send(&mut self, message: Message) -> Option<()> {
        let length = length(&message);
        self.socket.send(message).await.ok()?;
        self.ending.count(length);
        self.record.update_socket(|socket| socket.messages_out += 1);
        Some(())
    }

    /// Sends a close frame and waits for the answer; other messages that are still under way are dropped.
    pub(super) async fn close(&mut self, frame: CloseFrame, patience: Duration) -> Option<Closed> {
        self.start_close(frame).await?;
        let answer = async {
            while !matches!(self.socket.recv().await?.ok()?, Message::Close(_)) {}
            Some(Closed)
        };
        timeout(patience, answer).await.ok().flatten()
    }

    /// The protocol's implementation has put the answering frame in its queue; reading on sends it.
    async fn answer_close(&mut self, frame: Option<CloseFrame>) -> Option<Closed> {
        self.note_close(frame, Side::Client);
        while let Some(message) = self.socket.recv().await {
            message.ok()?;
        }
        Some(Closed)
    }

    async fn start_close(&mut self, frame: CloseFrame) -> Option<()> {
        self.note_close(Some(frame.clone()), Side::Server);
        self.socket.send(Message::Close(Some(frame))).await.ok()
    }

    fn note_received(&self, message: &Message) {
        self.record.update_socket(|socket| {
            socket.messages_in += 1;
            socket.bytes_in += length(message);
        });
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

fn length(message: &Message) -> u64 {
    match message {
        Message::Text(text) => text.len() as u64,
        Message::Binary(bytes) => bytes.len() as u64,
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => 0,
    }
}
