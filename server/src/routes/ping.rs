//! `/pixel`: an image, as small as one can be.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use crate::params::{BadParam, Params};

/// `?width=1&height=1&delay=0&status=200`: a transparent GIF that says it has this size, so much later.
pub(super) async fn pixel(params: Params) -> Result<Response, BadParam> {
    let (width, height) = (params.parse("width", 1)?, params.parse("height", 1)?);
    let status = params.status("status", StatusCode::OK, 200..=599)?;
    sleep(params.millis("delay", 0)?).await;
    Ok((status, [(CONTENT_TYPE, "image/gif")], gif(width, height)).into_response())
}

/// <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>: one transparent pixel on a screen of any size.
fn gif(width: u16, height: u16) -> Vec<u8> {
    let [width, height] = [width, height].map(u16::to_le_bytes);
    let screen = [&b"GIF89a"[..], &width, &height, &[0x80, 0, 0], &[0, 0, 0, 0xff, 0xff, 0xff]].concat();
    let transparent = [0x21, 0xf9, 4, 1, 0, 0, 0, 0];
    let image = [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
    [&screen[..], &transparent, &image, &[0x3b]].concat()
}
