//! Short answers: a status, a wait, a redirect.

use std::time::Duration;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use crate::params::{BadParam, Params, header_value};

/// `/status/{code}?text=&hex=`: that status, with that text as its body, or the bytes of `hex`.
pub(super) async fn status(Path(code): Path<u16>, params: Params) -> Result<Response, BadParam> {
    let status = StatusCode::from_u16(code)
        .ok()
        .filter(|_| (200..=599).contains(&code))
        .ok_or_else(|| BadParam::new("status", &code.to_string()))?;
    let has_no_content =
        matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    if has_no_content {
        return Ok(status.into_response());
    }
    if let Some(hex) = params.get("hex") {
        let bytes = bytes(hex).ok_or_else(|| BadParam::new("hex", hex))?;
        return Ok((status, bytes).into_response());
    }
    Ok((status, params.get("text").unwrap_or_default().to_owned()).into_response())
}

/// Two hexadecimal digits for each.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// `/delay/{ms}?text=`: 200 with that text, so many milliseconds later.
pub(super) async fn delay(Path(ms): Path<u64>, params: Params) -> String {
    sleep(Duration::from_millis(ms)).await;
    params.get("text").unwrap_or_default().to_owned()
}

/// `/redirect?to=URL&status=302&hold=0`: a redirect, if the status is one, so many ms later.
pub(super) async fn redirect(params: Params) -> Result<Response, BadParam> {
    let status = params.status("status", StatusCode::FOUND, 300..=399)?;
    let to = params.get("to").ok_or_else(|| BadParam::new("to", ""))?;
    let location = header_value(to).ok_or_else(|| BadParam::new("to", to))?;
    sleep(params.millis("hold", 0)?).await;
    Ok((status, [(LOCATION, location)]).into_response())
}
