//! Bodies in both directions, at a pace that the query sets.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::unfold;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::sleep;

use crate::params::Params;
use crate::record::hex;

/// `/bytes/{length}?chunk=65536&delay=0&length=yes`: byte i is i modulo 251, `delay` ms between chunks, with
/// Content-Length unless `length=no`.
pub(super) async fn bytes(Path(length): Path<u64>, params: Params) -> Response {
    let chunk = params.number("chunk", 65_536).clamp(1, 1 << 20);
    let delay = params.millis("delay", 0);
    let pieces = unfold(0_u64, move |at| async move {
        if at >= length {
            return None;
        }
        if at > 0 && !delay.is_zero() {
            sleep(delay).await;
        }
        let end = length.min(at + chunk);
        let piece: Bytes = (at..end).map(|index| (index % 251) as u8).collect();
        Some((Ok::<_, std::io::Error>(piece), end))
    });
    let mut response = (
        [(CONTENT_TYPE, "application/octet-stream")],
        Body::from_stream(pieces),
    )
        .into_response();
    if params.get("length") != Some("no") {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    response
}

/// `/upload?pace=BYTES_PER_SECOND`: reads the body, no faster than that, and says what it was.
pub(super) async fn upload(params: Params, body: Body) -> Response {
    let pace = params.number("pace", u64::MAX).max(1);
    let (mut received, mut hash) = (0_u64, Sha256::new());
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        // The client went away: nobody reads this answer.
        let Ok(piece) = piece else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        hash.update(&piece);
        received += piece.len() as u64;
        sleep(Duration::from_secs_f64(piece.len() as f64 / pace as f64)).await;
    }
    Json(json!({ "received": received, "sha256": hex(&hash.finalize()) })).into_response()
}

/// `/lines?count=10&every=100&ending=lf|crlf|cr&text=line`: one line every so many ms, the first at once; `count=0`
/// never ends.
pub(super) async fn lines(params: Params, _: Bytes) -> Response {
    let count = params.number("count", 10);
    let every = params.millis("every", 100);
    let text = params.get("text").unwrap_or("line").to_owned();
    let ending = match params.get("ending") {
        Some("crlf") => "\r\n",
        Some("cr") => "\r",
        _ => "\n",
    };
    let pieces = unfold(1_u64, move |number| {
        let line = format!("{text} {number}{ending}");
        async move {
            if count > 0 && number > count {
                return None;
            }
            if number > 1 {
                sleep(every).await;
            }
            Some((Ok::<_, std::io::Error>(line), number + 1))
        }
    });
    // Without nosniff one engine shows a text response to a page only from its 1024th byte on.
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
