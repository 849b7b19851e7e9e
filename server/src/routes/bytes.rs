//! `/bytes/{length}`: a download of any length, at any pace.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use tokio::time::sleep;

use super::pieces::Start;
use crate::params::{BadParam, Params};

/// Byte i is i modulo this: a prime, so that no piece of a power of two looks like the one before it.
const PERIOD: u64 = 251;

/// The largest chunk in bytes.
const MOST: u64 = 1 << 20;

/// `?chunk=65536&delay=0&length=yes&from=0`: chunks of so many bytes, `delay` ms between them, and a Content-Length unless
/// `length=no`, without the first `from` bytes. A `Range: bytes=N-` is answered as by `/pieces`.
pub(super) async fn bytes(
    Path(length): Path<u64>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let chunk: u64 = params.parse("chunk", 65_536)?;
    if !(1..=MOST).contains(&chunk) {
        return Err(BadParam::new("chunk", &chunk.to_string()));
    }
    let start = Start::of(&params, &headers)?;
    let Some(status) = start.status(length) else {
        return Ok(StatusCode::RANGE_NOT_SATISFIABLE.into_response());
    };
    let first = start.at().min(length);
    let body = Body::from_stream(chunks(first, length, chunk, params.millis("delay", 0)?));
    let rest = length - first;
    let kind = (CONTENT_TYPE, "application/octet-stream");
    match params.get("length").unwrap_or("yes") {
        "yes" => Ok((status, [kind], [(CONTENT_LENGTH, rest.to_string())], body).into_response()),
        "no" => Ok((status, [kind], body).into_response()),
        other => Err(BadParam::new("length", other)),
    }
}

fn chunks(
    first: u64,
    length: u64,
    chunk: u64,
    delay: Duration,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    // Every chunk is a window on this, so a large download costs no copies.
    let pattern: Bytes = (0..chunk.min(length) + PERIOD).map(|at| (at % PERIOD) as u8).collect();
    stream::unfold(first, move |at| {
        let pattern = pattern.clone();
        async move {
            if at == length {
                return None;
            }
            if at > first && !delay.is_zero() {
                sleep(delay).await;
            }
            let (offset, size) = (at % PERIOD, chunk.min(length - at));
            let window = pattern.slice(offset as usize..(offset + size) as usize);
            Some((Ok(window), at + size))
        }
    })
}
