//! The echo: it sends every message back, and misbehaves in every way that a test asks for.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::Response;
use tokio::time::sleep;

use super::socket::{Closed, Recorded};
use super::wishes::{End, Wishes};
use super::{LARGEST, PATIENCE, protocol};
use crate::params::{BadParam, Params};
use crate::record::{Ending, Record};
use crate::routes;
use crate::wire::Wire;

/// `/ws/echo`, with the wishes of [`Wishes`] in its query, and in `protocols` the subprotocols that it supports: the
/// first offered one among them is chosen.
pub(crate) async fn echo(
    State(state): State<routes::State>,
    Extension(record): Extension<Record>,
    wire: Option<Extension<Wire>>,
    params: Params,
    mut upgrade: WebSocketUpgrade,
) -> Result<Response, BadParam> {
    let wishes = Wishes::new(&params)?;
    let wire = wire.map(|Extension(wire)| wire).unwrap_or_default();
    sleep(wishes.hold).await;
    if let Some(protocol) = protocol(&upgrade, params.get("protocols").unwrap_or_default()) {
        upgrade.set_selected_protocol(protocol);
    }
    // Made here, so that an upgrade that fails is an end, too.
    let ending = Ending::new(record.clone());
    if wishes.early && wishes.greets() {
        wire.hold();
    }
    let upgrade = upgrade.max_frame_size(LARGEST).max_message_size(LARGEST);
    let stop = state.sockets.stop_signal();
    Ok(upgrade.on_upgrade(async move |socket| {
        let socket = Recorded::new(socket, record, ending);
        socket.run(stop, async |socket| converse(socket, wishes, wire).await).await;
    }))
}

/// Gives nothing if the connection is lost.
async fn converse(socket: &mut Recorded, wishes: Wishes, wire: Wire) -> Option<Closed> {
    let greets = wishes.greets();
    greet(socket, &wishes, &wire).await?;
    if greets && let Some(end) = wishes.end {
        return finish(socket, end, &wire).await;
    }
    for number in 0..wishes.flood {
        let number = number.to_string();
        socket.send(Message::text(format!("{number:.<size$}", size = wishes.size))).await?;
    }
    sleep(wishes.deaf).await;
    loop {
        sleep(wishes.pace).await;
        match socket.receive().await? {
            Err(Closed) => return Some(Closed),
            Ok(_) if wishes.mute => {}
            Ok(message) => socket.send(message).await?,
        }
        if let Some(end) = wishes.end {
            return finish(socket, end, &wire).await;
        }
    }
}

async fn greet(socket: &mut Recorded, wishes: &Wishes, wire: &Wire) -> Option<()> {
    let mut messages: Vec<Message> = wishes.greetings.iter().map(Message::text).collect();
    let bytes =
        wishes.greeting_bytes.map(|length| (0..length).map(|at| (at % 251) as u8).collect::<Vec<u8>>());
    messages.extend(bytes.map(Message::binary));
    sleep(wishes.delay).await;
    let last = messages.pop();
    for message in messages {
        socket.send(message).await?;
    }
    // With the last one everything goes out that was held back.
    wire.release();
    match last {
        Some(last) => socket.send(last).await,
        None => Some(()),
    }
}

async fn finish(socket: &mut Recorded, end: End, wire: &Wire) -> Option<Closed> {
    match end {
        End::Close(frame) => socket.close(frame, PATIENCE).await,
        // Dropped by the caller, which the peer sees as an end of the stream.
        End::Fin => None,
        End::Reset => {
            wire.reset();
            // What was sent arrives before the reset, which overtakes.
            sleep(Duration::from_millis(50)).await;
            None
        }
    }
}
