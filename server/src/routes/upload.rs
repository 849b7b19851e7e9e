//! `/upload`: reads a body, as slowly as a test likes.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use crate::params::{BadParam, Params};
use crate::record::Record;

/// `?pace=BYTES_PER_SECOND`: reads the body no faster than that, and says what it was.
pub(super) async fn upload(
    Extension(record): Extension<Record>,
    params: Params,
    body: Body,
) -> Result<Response, BadParam> {
    let pace = pace(&params)?;
    let (start, mut received) = (Instant::now(), 0_u64);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else {
            // Nobody is there to read it.
            return Ok(StatusCode::BAD_REQUEST.into_response());
        };
        received += piece.len() as u64;
        if let Some(pace) = pace {
            sleep_until(start + Duration::from_secs_f64(received as f64 / pace)).await;
        }
    }
    let sha256 = record.entry().body.map(|body| body.sha256);
    Ok(Json(json!({ "received": received, "sha256": sha256 })).into_response())
}

/// Bytes per second, if the query limits them.
fn pace(params: &Params) -> Result<Option<f64>, BadParam> {
    let Some(text) = params.get("pace") else {
        return Ok(None);
    };
    let pace: u32 = params.parse("pace", 0)?;
    match pace {
        0 => Err(BadParam::new("pace", text)),
        pace => Ok(Some(pace.into())),
    }
}
