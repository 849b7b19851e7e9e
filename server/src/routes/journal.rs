//! `/journal`: what the server saw.

use axum::Json;
use axum::extract;
use axum::http::StatusCode;

use super::State;
use crate::journal::Entry;
use crate::params::Params;

pub(super) async fn read(extract::State(state): extract::State<State>, params: Params) -> Json<Vec<Entry>> {
    Json(state.journal.entries(params.get("key").unwrap_or_default()))
}

pub(super) async fn clear(extract::State(state): extract::State<State>, params: Params) -> StatusCode {
    state.journal.clear(params.get("key").unwrap_or_default());
    StatusCode::NO_CONTENT
}
