//! `/sse`: server-sent events that can be resumed, and the vectors of their format.

use std::sync::LazyLock;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;

use super::pieces::{End, paced, unhex};
use crate::params::{BadParam, Params, header_value};
use crate::routes;

/// A feed of `count` events (0: no end), `per` of them in a connection, one every so many ms, which goes on after the
/// `Last-Event-ID`, as a header or as `last_event_id` in the query. When all have been sent, the answer is 204.
///
/// `?count=3&per=0&every=20&event=&ids=yes&retry=&end=clean|cut|hold&type=text/event-stream`, and `fail=N&status=503`
/// for the first N requests under this key, with `retry_after=` seconds. Every second request under this key is answered
/// with the status `alternate=`, or with `then=hang` not at all.
pub(super) async fn events(
    State(state): State<routes::State>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    if let Some(failure) = failure(&state, &params)? {
        return Ok(failure);
    }
    if params.get("key").is_some_and(|key| asked(&state, key).is_multiple_of(2)) {
        if params.get("then") == Some("hang") {
            return std::future::pending().await;
        }
        if params.get("alternate").is_some() {
            return Ok(params.status("alternate", StatusCode::OK, 200..=599)?.into_response());
        }
    }
    let count = match params.parse("count", 3)? {
        0 => u64::MAX,
        count => count,
    };
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let first = header.or(params.get("last_event_id")).and_then(|id| id.parse().ok()).unwrap_or(0) + 1;
    if first > count {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let last = match params.parse("per", 0)? {
        0 => count,
        per => count.min(first + per - 1),
    };
    let feed = Feed {
        event: params.get("event").map(|event| format!("event: {event}\n")).unwrap_or_default(),
        retry: params.get("retry").map(|retry| format!("retry: {retry}\n")).unwrap_or_default(),
        has_ids: params.get("ids") != Some("no"),
    };
    let every = params.millis("every", 20)?;
    let pieces = stream::unfold(first, move |number| {
        let block = (number <= last).then(|| feed.block(number));
        async move {
            if number > first {
                tokio::time::sleep(every).await;
            }
            block.map(|block| (block, number + 1))
        }
    });
    let kind = params.get("type").unwrap_or("text/event-stream");
    let kind = header_value(kind).ok_or_else(|| BadParam::new("type", kind))?;
    Ok(([(CONTENT_TYPE, kind)], End::of(&params)?.of_body(pieces)).into_response())
}

struct Feed {
    event: String,
    retry: String,
    has_ids: bool,
}

impl Feed {
    fn block(&self, number: u64) -> Bytes {
        let Feed { event, retry, .. } = self;
        let id = if self.has_ids { format!("id: {number}\n") } else { String::new() };
        format!("{retry}{event}{id}data: event {number}\n\n").into()
    }
}

/// The answer to the first requests under a key, where the query wishes that they fail.
pub(super) fn failure(state: &routes::State, params: &Params) -> Result<Option<Response>, BadParam> {
    let fail = params.parse("fail", 0)?;
    if fail == 0 {
        return Ok(None);
    }
    let status = params.status("status", StatusCode::SERVICE_UNAVAILABLE, 200..=599)?;
    if params.get("key").map_or(1, |key| asked(state, key)) > fail {
        return Ok(None);
    }
    let mut response = status.into_response();
    if let Some(after) = params.get("retry_after").and_then(header_value) {
        response.headers_mut().insert(RETRY_AFTER, after);
    }
    Ok(Some(response))
}

/// Vector `number`, in so many pieces: `?pieces=1&every=20`. With a key it is given once, and then there are no more.
pub(super) async fn vector(
    State(state): State<routes::State>,
    Path(number): Path<usize>,
    params: Params,
) -> Result<Response, BadParam> {
    if params.get("key").is_some_and(|key| asked(&state, key) > 1) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let bytes = VECTORS.get(number).ok_or_else(|| BadParam::new("vector", &number.to_string()))?;
    let pieces = params.parse("pieces", 1)?.max(1);
    let size = bytes.len().div_ceil(pieces).max(1);
    let cut = (0..bytes.len()).step_by(size).map(|at| bytes.slice(at..bytes.len().min(at + size))).collect();
    let every: Duration = params.millis("every", 20)?;
    let body = End::Clean.of_body(paced(cut, every));
    Ok(([(CONTENT_TYPE, "text/event-stream")], body).into_response())
}

/// How often was asked under this key, with this request. A preflight does not count.
fn asked(state: &routes::State, key: &str) -> usize {
    state.journal.entries(key).iter().filter(|entry| entry.method != "OPTIONS").count()
}

#[derive(Deserialize)]
struct Vector {
    hex: String,
}

static VECTORS: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../../tests/vectors/sse.json")).unwrap_or_default();
    vectors.iter().filter_map(|vector| unhex(&vector.hex)).collect()
});
