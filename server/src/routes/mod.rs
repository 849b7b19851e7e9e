//! The routes, each driven by its query so that a test chooses what it meets.

mod bulk;
mod bytes;
mod echo;
mod feed;
mod files;
mod journal;
mod jsonp;
mod lines;
mod origins;
mod pieces;
mod ping;
mod plain;
mod poll;
mod raw;
mod sse;
mod turn;
mod turns;
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
use feed::Feeds;

/// What the routes share; clones share it.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) journal: Journal,
    pub(crate) origins: Arc<[String]>,
    pub(crate) www: Option<PathBuf>,
    pub(crate) sockets: Sockets,
    pub(crate) rooms: Rooms,
    pub(crate) feeds: Feeds,
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
            feeds: Feeds::default(),
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
/// `preflight=STATUS`, `preflight_hold=MS`, `header=Name:Value` (repeatable), `set_cookie=name=value`.
/// A value that makes no sense is answered by 400.
///
/// | Route | Answer |
/// |---|---|
/// | `GET`, `DELETE /journal?key=K&from=SEQ` | what was recorded under K, from this number on; forget it |
/// | `GET /origins` | `{"first": .., "second": ..}` |
/// | any `/echo` | the request, as the journal has it |
/// | `GET /bulk/{form}?count=1000` | so many records (`json`, `ndjson`) or events (`sse`), made once |
/// | `GET /bytes/{n}?chunk=65536&delay=0&length=yes&from=0` | n bytes, byte i is i modulo 251; `delay` ms between chunks; also by `Range` |
/// | `POST`, `PUT /upload?pace=BYTES_PER_SECOND` | reads the body no faster, then `{"received": .., "sha256": ..}` |
/// | any `/pieces?hex=6869&hex=0a&from=0&every=0&type=T&end=clean` | these bytes in these pieces; `end=cut` breaks off, `hold` never ends; also by `Range` |
/// | any `/sse?count=3&per=0&every=20&fail=0` | server-sent events that can be resumed: see `sse.rs` |
/// | `GET /sse/vectors/{n}?pieces=1&every=20` | a vector of `tests/vectors/sse.json` |
/// | any `/poll?count=3&every=100&hold=1000&none=204&form=json` | messages for who asks for them: see `poll.rs` |
/// | any `/poll/resource?every=100` | a version that counts up, with its `ETag` |
/// | `GET`, `POST /feed?feed=NAME` | where a feed stands: `{"newest": .., "now": ..}`; publish the body: `{"id": .., "sent": ..}` |
/// | `GET /feed/poll?after=N`, `/feed/long?hold=25000` | what came after message N, at once or held: `{"next": .., "messages": ..}`, or 204 or 304 |
/// | `GET /feed/stream?after=N`, `/feed/sse` | the same without an end: NDJSON, or server-sent events |
/// | `GET /lines?count=10&every=100&ending=lf&text=line {n}&nosniff=yes` | a line every so many ms; `count=0` never ends |
/// | any `/status/{code}?text=&hex=` | that status, from 200 to 599, with that text or those bytes |
/// | any `/delay/{ms}?text=` | 200, so much later |
/// | `GET /pixel?width=1&height=1&delay=0&status=200` | a transparent GIF |
/// | `GET /jsonp?callback=name&data=JSON&size=N&script=TEXT&parameter=callback&delay=0&status=200&type=` | a script that calls the function, or that script |
/// | any `/redirect?to=URL&status=302&hold=0` | a redirect, `hold` ms later |
/// | any `/flaky?fails=1&status=503&retry_after=VALUE&text=` | of a key, the first `fails` that status, then 200 |
/// | any `/versions?each=0&text=version {n}` | version n for `each` requests of a key; 304 for whom it is not new |
/// | any `/raw?read=N&send=BYTES&pause=0&end=fin&times=N` | those bytes, then FIN or RST; not over TLS |
/// | `GET /ws/echo?hold=0&protocols=a,b&greet=text&close=4001:reason` | a WebSocket that echoes; more in its module |
/// | `GET /ws/chat?room=R&cut=WORD&name=N&away=0` | a WebSocket whose messages go to the others in the room; WORD cuts it off |
/// | `GET /ws/flood?count=1000` | a WebSocket that sends so many texts as fast as they are taken |
/// | other | a file of `www`, or 404 as JSON |
pub fn app(state: State) -> Router {
    let reads_as_it_likes = Router::new()
        .route("/raw", any(raw::raw))
        .route("/upload", post(upload::upload).put(upload::upload))
        .route("/ws/echo", get(websocket::echo))
        .route("/ws/chat", get(websocket::chat))
        .route("/feed", get(feed::newest).post(feed::publish))
        .route("/ws/flood", get(websocket::flood));
    let routes = Router::new()
        .route("/journal", get(journal::read).delete(journal::clear))
        .route("/origins", get(origins::origins))
        .route("/echo", any(echo::echo))
        .route("/bulk/{form}", get(bulk::bulk))
        .route("/bytes/{length}", get(bytes::bytes))
        .route("/lines", get(lines::lines))
        .route("/pieces", any(pieces::pieces))
        .route("/sse", any(sse::events))
        .route("/sse/vectors/{number}", get(sse::vector))
        .route("/poll", any(poll::messages))
        .route("/poll/resource", any(poll::resource))
        .route("/feed/poll", get(feed::poll))
        .route("/feed/long", get(feed::long))
        .route("/feed/stream", get(feed::ndjson))
        .route("/feed/sse", get(feed::events))
        .route("/pixel", any(ping::pixel))
        .route("/jsonp", get(jsonp::jsonp))
        .route("/status/{code}", any(plain::status))
        .route("/delay/{ms}", any(plain::delay))
        .route("/redirect", any(plain::redirect))
        .route("/flaky", any(turns::flaky))
        .route("/versions", any(turns::versions));
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
