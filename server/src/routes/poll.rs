//! `/poll`: messages that come one after another, for those who ask for them; and a resource that changes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::http::header::{ETAG, IF_NONE_MATCH, LAST_MODIFIED};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::sleep;

use super::sse::failure;
use crate::params::{BadParam, Params};
use crate::routes;

/// The second in which all messages were published: `Last-Modified`, and the T of an id `T:N`.
const SECOND: &str = "1000000000";
const DATE: &str = "Sun, 09 Sep 2001 01:46:40 GMT";

/// Message n of `count` is there n times `every` ms after the first request under the key. The answer is the first one
/// after the position asked for, held back for up to `hold` ms until it is there, and otherwise `none`.
///
/// `?count=3&every=100&hold=1000&none=204|304|408|200&form=json|header|nchan|weak`, which is nchan
/// with a weak tag. The position is `after`, or as
/// [Nchan](https://nchan.io/) has it: `last_event_id=T:N`, or `If-None-Match: N`. `fail` is as for `/sse`.
pub(super) async fn messages(
    State(state): State<routes::State>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let since = since(&state, &params);
    if let Some(failure) = failure(&state, &params)? {
        return Ok(failure);
    }
    let next = position(&params, &headers) + 1;
    let due = params.millis("every", 100)?.saturating_mul(next).saturating_sub(since);
    let hold = params.millis("hold", 1000)?;
    if next > params.parse("count", 3)? || due > hold {
        sleep(hold).await;
        return Ok(params.status("none", StatusCode::NO_CONTENT, 200..=599)?.into_response());
    }
    sleep(due).await;
    let text = format!("message {next}");
    Ok(match params.get("form").unwrap_or("json") {
        "header" => ([("x-position", next.to_string()), exposing("x-position")], text).into_response(),
        form @ ("nchan" | "weak") => {
            let tag = if form == "weak" { format!("W/\"{next}\"") } else { next.to_string() };
            let id = [(ETAG, tag), (LAST_MODIFIED, DATE.to_owned())];
            (id, [exposing("Last-Modified, Etag")], text).into_response()
        }
        _ => Json(json!({ "next": next, "text": text })).into_response(),
    })
}

/// A header that lets another origin read the named ones.
fn exposing(names: &str) -> (&'static str, String) {
    ("access-control-expose-headers", names.to_owned())
}

fn position(params: &Params, headers: &HeaderMap) -> u32 {
    let by_id = || params.get("last_event_id")?.strip_prefix(SECOND)?.strip_prefix(':');
    let by_etag = || Some(headers.get(IF_NONE_MATCH)?.to_str().ok()?.trim_matches('"'));
    let text = params.get("after").or_else(by_id).or_else(by_etag);
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// A resource whose version, its text and its `ETag`, counts up every so many ms: `?every=100`. Answers a matching
/// `If-None-Match` by 304.
pub(super) async fn resource(
    State(state): State<routes::State>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let since = since(&state, &params);
    if let Some(failure) = failure(&state, &params)? {
        return Ok(failure);
    }
    let version = since.as_millis() / params.millis("every", 100)?.as_millis().max(1);
    let etag = format!("\"{version}\"");
    let seen = headers.get(IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == etag.as_bytes());
    let head = [(ETAG.as_str(), etag), exposing("etag")];
    if seen {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, version.to_string()).into_response())
}

/// The time since the first request under this key.
fn since(state: &routes::State, params: &Params) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let entries = params.get("key").map(|key| state.journal.entries(key)).unwrap_or_default();
    let first = entries.first().map_or(now, |entry| Duration::from_millis(entry.started_ms));
    now.saturating_sub(first)
}
