//! Answers about the request itself: what came, a status, a wait, a redirect.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, Method, StatusCode, Uri, Version};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::params::Params;
use crate::record::{header_pairs, hex, http_version};

/// What came, as JSON.
pub(super) async fn echo(
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    body: Bytes,
) -> Json<Value> {
    Json(json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": uri.query().unwrap_or_default(),
        "http": http_version(version),
        "origin": headers.get("origin").and_then(|origin| origin.to_str().ok()),
        "headers": header_pairs(&headers),
        "body": {
            "length": body.len(),
            "sha256": hex(&Sha256::digest(&body)),
            "text": std::str::from_utf8(&body).ok(),
        },
    }))
}

/// `/status/{code}?text=`: that status with that body.
pub(super) async fn status(Path(code): Path<u16>, params: Params, _: Bytes) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::NOT_FOUND);
    let text = params.get("text").unwrap_or_default().to_owned();
    // "This response does not contain content": https://www.rfc-editor.org/rfc/rfc9110#section-15.3.5
    match status {
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED => {
            status.into_response()
        }
        _ => (status, text).into_response(),
    }
}

/// `/delay/{ms}`: an answer that takes so long.
pub(super) async fn delay(Path(ms): Path<u64>, _: Bytes) -> String {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    format!("after {ms} ms")
}

/// `/redirect?to=URL&status=302`.
pub(super) async fn redirect(params: Params) -> Response {
    let status = u16::try_from(params.number("status", 302)).ok();
    let status = status
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::FOUND);
    let to = params.get("to").unwrap_or("/").to_owned();
    (status, [(LOCATION, to)]).into_response()
}
