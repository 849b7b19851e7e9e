//! The chat: what one member of a room says, all others hear.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::LARGEST;
use super::socket::{Closed, Recorded};
use crate::params::{BadParam, Params};
use crate::record::{Ending, Record, lock};
use crate::routes;
use crate::wire::Wire;

/// A member that is further behind misses what it did not read.
const MOST_UNREAD: usize = 4096;

/// The rooms that have members; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rooms(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    rooms: HashMap<String, broadcast::Sender<Said>>,
    /// The members so far, of all rooms.
    members: u64,
    /// Who was cut off, and until when.
    away: HashMap<String, Instant>,
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

    fn is_away(&self, name: &str) -> bool {
        let away = &mut lock(&self.0).away;
        away.retain(|_, until| *until > Instant::now());
        away.contains_key(name)
    }
}

/// The word by which a member has its own connection cut, and what happens then.
struct Cut {
    word: Option<String>,
    name: String,
    away: Duration,
    rooms: Rooms,
    wire: Wire,
}

impl Cut {
    fn new(params: &Params, rooms: Rooms, wire: Wire) -> Result<Self, BadParam> {
        let text = |name| params.get(name).map(str::to_owned);
        let (name, away) = (text("name").unwrap_or_default(), params.millis("away", 0)?);
        Ok(Cut { word: text("cut"), name, away, rooms, wire })
    }

    fn is_wished(&self, message: &Message) -> bool {
        matches!(message, Message::Text(text) if self.word.as_deref() == Some(text.as_str()))
    }

    /// The connection is reset as soon as it is dropped.
    fn now(&self) {
        if let Some(until) = Instant::now().checked_add(self.away) {
            lock(&self.rooms.0).away.insert(self.name.clone(), until);
        }
        self.wire.reset();
    }
}

/// `/ws/chat?room=R&cut=WORD&name=N&away=0`: each text and binary message goes to the other members of the room. The text
/// WORD goes to nobody: it has the connection reset, and handshakes of the same name answered by 503 for `away` ms.
pub(crate) async fn chat(
    State(state): State<routes::State>,
    Extension(record): Extension<Record>,
    wire: Option<Extension<Wire>>,
    params: Params,
    upgrade: WebSocketUpgrade,
) -> Result<Response, BadParam> {
    let wire = wire.map(|Extension(wire)| wire).unwrap_or_default();
    let cut = Cut::new(&params, state.rooms.clone(), wire)?;
    if state.rooms.is_away(&cut.name) {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    let member = state.rooms.enter(params.get("room").unwrap_or_default());
    let ending = Ending::new(record.clone());
    let upgrade = upgrade.max_frame_size(LARGEST).max_message_size(LARGEST);
    let stop = state.sockets.stop_signal();
    Ok(upgrade.on_upgrade(async move |socket| {
        let socket = Recorded::new(socket, record, ending);
        socket.run(stop, async |socket| converse(socket, member, &cut).await).await;
    }))
}

/// Gives nothing if the connection is lost, or cut.
async fn converse(socket: &mut Recorded, mut member: Member, cut: &Cut) -> Option<Closed> {
    loop {
        tokio::select! {
            received = socket.receive() => match received? {
                Err(Closed) => return Some(Closed),
                Ok(message) if cut.is_wished(&message) => {
                    cut.now();
                    return None;
                }
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
