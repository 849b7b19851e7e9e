//! The chat: what one member of a room says, all others hear.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::Response;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::LARGEST;
use super::socket::{Closed, Recorded};
use crate::params::Params;
use crate::record::{Ending, Record, lock};
use crate::routes;

/// A member that is further behind misses what it did not read.
const MOST_UNREAD: usize = 256;

/// The rooms that have members; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rooms(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    rooms: HashMap<String, broadcast::Sender<Said>>,
    /// The members so far, of all rooms.
    members: u64,
}

/// A message and the number of the member who sent it.
#[derive(Debug, Clone)]
struct Said {
    by: u64,
    message: Message,
}

struct Member {
    number: u64,
    room: broadcast::Sender<Said>,
    heard: broadcast::Receiver<Said>,
}

impl Rooms {
    fn enter(&self, name: &str) -> Member {
        let mut open = lock(&self.0);
        open.rooms.retain(|_, room| room.receiver_count() > 0);
        let room = open.rooms.entry(name.to_owned());
        let room = room.or_insert_with(|| broadcast::Sender::new(MOST_UNREAD)).clone();
        open.members += 1;
        Member { number: open.members, heard: room.subscribe(), room }
    }
}

/// `/ws/chat?room=R`: each text and binary message goes to the other members of the room.
pub(crate) async fn chat(
    State(state): State<routes::State>,
    Extension(record): Extension<Record>,
    params: Params,
    upgrade: WebSocketUpgrade,
) -> Response {
    let member = state.rooms.enter(params.get("room").unwrap_or_default());
    let ending = Ending::new(record.clone());
    let upgrade = upgrade.max_frame_size(LARGEST).max_message_size(LARGEST);
    let stop = state.sockets.stop_signal();
    upgrade.on_upgrade(async move |socket| {
        let socket = Recorded::new(socket, record, ending);
        socket.run(stop, async |socket| converse(socket, member).await).await;
    })
}

async fn converse(socket: &mut Recorded, mut member: Member) -> Option<Closed> {
    loop {
        tokio::select! {
            received = socket.receive() => match received? {
                Err(Closed) => return Some(Closed),
                // Fails where nobody listens, which is no fault.
                Ok(message) => drop(member.room.send(Said { by: member.number, message })),
            },
            said = member.heard.recv() => match said {
                Ok(said) if said.by != member.number => socket.send(said.message).await?,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            },
        }
    }
}
