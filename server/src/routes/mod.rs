//! The routes, each driven by its query so that a test chooses what it meets.

mod bytes;
mod echo;
mod files;
mod journal;
mod lines;
mod origins;
mod plain;
mod upload;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use futures_util::StreamExt;

use crate::answer::answer;
use crate::journal::Journal;
use crate::websocket::{self, Rooms, Sockets};
use crate::witness::witness;

/// What the routes share; clones share it.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) journal: Journal,
    pub(crate) origins: Arc<[String]>,
    pub(crate) www: Option<PathBuf>,
    pub(crate) sockets: Sockets,
    pub(crate) rooms: Rooms,
}

impl State {
    /// A state with an empty journal. `origins` are those that the server is reached by, such as
    /// `http://127.0.0.1:4600`; `www` is the folder whose files are served.
    #[must_use]
    pub fn new(origins: Vec<String>, www: Option<PathBuf>) -> Self {
        State {
            journal: Journal::default(),
            origins: origins.into(),
            www,
            sockets: Sockets::default(),
            rooms: Rooms::default(),
        }
    }

    /// The journal that [`app`] writes.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }
}

/// All routes of the server.
///
/// A query may carry, on any of them: `key=K` to be recorded, `cors=on|star|off` (by default `on`: every origin is
/// allowed, with credentials), `acao acac acam acah aceh acma` for a single CORS header (empty: left out),
/// `preflight=STATUS`, `header=Name:Value` (repeatable), `set_cookie=name=value`.
/// A value that makes no sense is answered by 400.
///
/// | Route | Answer |
/// |---|---|
/// | `GET`, `DELETE /journal?key=K` | what was recorded under K; forget it |
/// | `GET /origins` | `{"first": .., "second": ..}` |
/// | any `/echo` | the request, as the journal has it |
/// | `GET /bytes/{n}?chunk=65536&delay=0&length=yes` | n bytes, byte i is i modulo 251; `delay` ms between chunks |
/// | `POST`, `PUT /upload?pace=BYTES_PER_SECOND` | reads the body no faster, then `{"received": .., "sha256": ..}` |
/// | `GET /lines?count=10&every=100&ending=lf&text=line {n}` | a line every so many ms; `count=0` never ends |
/// | any `/status/{code}?text=` | that status, from 200 to 599 |
/// | any `/delay/{ms}?text=` | 200, so much later |
/// | any `/redirect?to=URL&status=302` | a redirect |
/// | `GET /ws/echo?hold=0&protocols=a,b&greet=text&close=4001:reason` | a WebSocket that echoes; more in its module |
/// | `GET /ws/chat?room=R` | a WebSocket whose messages go to the others in the room |
/// | other | a file of `www`, or 404 as JSON |
pub fn app(state: State) -> Router {
    let reads_as_it_likes = Router::new()
        .route("/upload", post(upload::upload).put(upload::upload))
        .route("/ws/echo", get(websocket::echo))
        .route("/ws/chat", get(websocket::chat));
    let routes = Router::new()
        .route("/journal", get(journal::read).delete(journal::clear))
        .route("/origins", get(origins::origins))
        .route("/echo", any(echo::echo))
        .route("/bytes/{length}", get(bytes::bytes))
        .route("/lines", get(lines::lines))
        .route("/status/{code}", any(plain::status))
        .route("/delay/{ms}", any(plain::delay))
        .route("/redirect", any(plain::redirect));
    let routes = match &state.www {
        Some(www) => routes.fallback_service(files::files(www)),
        None => routes.fallback(files::no_such_path),
    };
    routes
        .layer(from_fn(read_whole))
        .merge(reads_as_it_likes)
        .layer(from_fn(answer))
        .layer(from_fn_with_state(state.clone(), witness))
        .with_state(state)
}

/// Reads the body before the route runs. A client whose upload is cut off by an early answer may never see that answer:
/// <https://www.rfc-editor.org/rfc/rfc9112#section-9.6>
async fn read_whole(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        if piece.is_err() {
            return StatusCode::BAD_REQUEST.into_response();
        }
    }
    drop(pieces);
    next.run(Request::from_parts(head, Body::empty())).await
}
