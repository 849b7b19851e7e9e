//! The routes, each driven by its query so that a test chooses what it meets.

mod body;
mod echo;

use std::path::PathBuf;

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router, extract};
use serde_json::json;
use tower_http::services::ServeDir;

use crate::journal::Journal;
use crate::params::Params;
use crate::{cors, record, websocket};

/// What the routes share.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) journal: Journal,
    pub(crate) origins: [String; 2],
    pub(crate) www: Option<PathBuf>,
}

impl State {
    /// A state with an empty journal, for the two origins that the server is reached by, and the folder to serve.
    #[must_use]
    pub fn new(origins: [String; 2], www: Option<PathBuf>) -> Self {
        State {
            journal: Journal::new(),
            origins,
            www,
        }
    }

    /// The journal that [`app`] writes.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }
}

/// All routes, with recording and CORS around them.
pub fn app(state: State) -> Router {
    let routes = Router::new()
        .route("/journal", get(read_journal).delete(clear_journal))
        .route("/origins", get(origins))
        .route("/echo", any(echo::echo))
        .route("/status/{code}", any(echo::status))
        .route("/delay/{ms}", any(echo::delay))
        .route("/redirect", any(echo::redirect))
        .route("/bytes/{length}", any(body::bytes))
        .route("/upload", any(body::upload))
        .route("/lines", any(body::lines))
        .route("/ws/echo", any(websocket::echo));
    let routes = match &state.www {
        Some(www) => routes.fallback_service(files(www.clone())),
        None => routes.fallback(no_such_path),
    };
    routes
        .layer(from_fn(cors::cors))
        .layer(from_fn_with_state(state.clone(), record::record))
        .with_state(state)
}

/// Static files that the browser asks for anew each time, so a rebuilt module is seen at once.
fn files(www: PathBuf) -> Router {
    let files = ServeDir::new(www).fallback(any(no_such_path));
    Router::new()
        .fallback_service(files)
        .layer(map_response(|mut response: Response| async {
            response
                .headers_mut()
                .entry(CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("no-cache"));
            response
        }))
}

async fn no_such_path(uri: Uri) -> Response {
    (
        StatusCode::NOT_FOUND,
        Json(json!({ "error": "no such path", "path": uri.path() })),
    )
        .into_response()
}

async fn read_journal(extract::State(state): extract::State<State>, params: Params) -> Response {
    Json(state.journal.entries(params.get("key").unwrap_or_default())).into_response()
}

async fn clear_journal(extract::State(state): extract::State<State>, params: Params) -> StatusCode {
    state.journal.clear(params.get("key").unwrap_or_default());
    StatusCode::NO_CONTENT
}

async fn origins(extract::State(state): extract::State<State>) -> Response {
    let [first, second] = &state.origins;
    Json(json!({ "first": first, "second": second })).into_response()
}
