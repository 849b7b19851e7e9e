//! The flood: as many messages as are asked for, as fast as the client takes them.

use axum::Extension;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::SinkExt;

use crate::journal::How;
use crate::params::{BadParam, Params};
use crate::record::{Ending, Record};

/// `/ws/flood?count=1000`: so many texts, `message {n}` from 0, many to a packet; then it waits for the client's close.
/// The echo's `flood` sends each by itself, which takes longer than any client needs to read it.
pub(crate) async fn flood(
    Extension(record): Extension<Record>,
    params: Params,
    upgrade: WebSocketUpgrade,
) -> Result<Response, BadParam> {
    let count = params.parse("count", 1000)?;
    let mut ending = Ending::new(record);
    Ok(upgrade.on_upgrade(async move |mut socket| {
        if send(&mut socket, count).await.is_ok() {
            ending.end(How::Complete);
        }
    }))
}

async fn send(socket: &mut WebSocket, count: u32) -> Result<(), axum::Error> {
    for number in 0..count {
        socket.feed(Message::text(format!("message {number}"))).await?;
    }
    socket.flush().await?;
    // An answer to the client's close goes out while its end is awaited.
    while let Some(message) = socket.recv().await {
        message?;
    }
    Ok(())
}
