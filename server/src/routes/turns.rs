//! Routes that change from one request of a key to the next.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use super::turn::Turn;
use crate::params::{BadParam, Params, header_value};

/// When version 0 was made: 2020 began. A cache that guesses how long an answer stays fresh believes one so old for long:
/// <https://www.rfc-editor.org/rfc/rfc9111#section-4.2.2>
const BEGIN: Duration = Duration::from_secs(1_577_836_800);

/// `/flaky?fails=1&status=503&retry_after=VALUE&text=`: fails so many times, with that `Retry-After`, and then no more.
pub(super) async fn flaky(Turn(turn): Turn, params: Params) -> Result<Response, BadParam> {
    let status = params.status("status", StatusCode::SERVICE_UNAVAILABLE, 200..=599)?;
    let retry_after = params.get("retry_after");
    let retry_after = retry_after
        .map(|text| header_value(text).ok_or_else(|| BadParam::new("retry_after", text)))
        .transpose()?;
    if turn >= params.parse("fails", 1)? {
        return Ok(params.get("text").unwrap_or_default().to_owned().into_response());
    }
    let mut response = status.into_response();
    response.headers_mut().extend(retry_after.map(|value| (RETRY_AFTER, value)));
    Ok(response)
}

/// `/versions?each=0&text=version {n}`: a resource of which every version lasts for so many requests, the first, number
/// 1, for ever if `each=0`. It has an `ETag` and a `Last-Modified`, and is a 304 for who knows it already.
pub(super) async fn versions(
    Turn(turn): Turn,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let version = turn.checked_div(params.parse("each", 0)?).unwrap_or(0) + 1;
    let etag = format!("\"v{version}\"");
    let modified = UNIX_EPOCH + BEGIN + Duration::from_secs(version);
    let validators = [(ETAG, etag.clone()), (LAST_MODIFIED, httpdate::fmt_http_date(modified))];
    if is_known(&headers, &etag, modified) {
        return Ok((StatusCode::NOT_MODIFIED, validators).into_response());
    }
    let text = params.get("text").unwrap_or("version {n}").replace("{n}", &version.to_string());
    Ok((validators, text).into_response())
}

/// "If-None-Match" comes before "If-Modified-Since": <https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2>
fn is_known(headers: &HeaderMap, etag: &str, modified: SystemTime) -> bool {
    if let Some(tags) = text(headers, IF_NONE_MATCH) {
        // "the weak comparison function", which does not look at the mark of a weak one
        let is_it = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == etag;
        return tags.split(',').any(|tag| is_it(tag.trim()));
    }
    let since = text(headers, IF_MODIFIED_SINCE).and_then(|date| httpdate::parse_http_date(date).ok());
    since.is_some_and(|since| since >= modified)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
