//! `/journal`: what the server saw.

use axum::Json;
use axum::extract;
use axum::http::StatusCode;

use super::State;
use crate::journal::Entry;
use crate::params::{BadParam, Params};

pub(super) async fn read(
    extract::State(state): extract::State<State>,
    params: Params,
) -> Result<Json<Vec<Entry>>, BadParam> {
    let from = params.parse("from", 0)?;
    let mut entries = state.journal.entries(params.get("key").unwrap_or_default());
    entries.retain(|entry| entry.seq >= from);
    Ok(Json(entries))
}

pub(super) async fn clear(extract::State(state): extract::State<State>, params: Params) -> StatusCode {
    state.journal.clear(params.get("key").unwrap_or_default());
    StatusCode::NO_CONTENT
}
