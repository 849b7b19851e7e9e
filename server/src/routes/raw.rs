//! `/raw`: an answer byte by byte, also one that is no HTTP, and then the end of the connection.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONNECTION;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::io::{AsyncWriteExt, copy, sink};
use tokio::time::{sleep, timeout};

use super::turn::Turn;
use crate::journal::How;
use crate::line::Line;
use crate::params::{BadParam, Params, latin1_bytes};
use crate::record::Record;
use crate::wire::Wired;
use crate::witness::Taken;

/// How long a client may go on with an upload after a FIN. Closed with bytes unread, a socket sends an RST after it.
const PATIENCE: Duration = Duration::from_secs(1);

/// `?read=N&send=BYTES&pause=0&end=fin|rst&times=N`: reads the body, or about N bytes of it, sends exactly the bytes of
/// each `send`, of which every character is the byte of its number, with so many ms after each, and ends the connection:
/// the first N requests of a key, and the later ones get a 200. Without `send` the connection ends without an answer.
pub(super) async fn raw(
    line: Option<Extension<Line>>,
    Extension(record): Extension<Record>,
    Turn(turn): Turn,
    params: Params,
    body: Body,
) -> Result<Response, BadParam> {
    let script = Script::new(&params)?;
    let is_over = turn >= params.parse("times", u64::MAX)?;
    let is_whole = read(body, if is_over { u64::MAX } else { params.parse("read", u64::MAX)? }).await;
    if is_over {
        return Ok(StatusCode::OK.into_response());
    }
    let Some(stream) = line.and_then(|Extension(line)| line.take()) else {
        return Ok((StatusCode::NOT_IMPLEMENTED, "raw answers need plain HTTP").into_response());
    };
    script.play(stream, &record, is_whole).await;
    // Swallowed by the line; it tells the HTTP implementation to be done with it.
    Ok((Extension(Taken), [(CONNECTION, "close")]).into_response())
}

/// Reads until at least so many bytes are here, or the end, and tells if it was the end.
async fn read(body: Body, most: u64) -> bool {
    let mut pieces = body.into_data_stream();
    let mut length = 0;
    while length < most {
        let Some(Ok(piece)) = pieces.next().await else {
            return true;
        };
        length += piece.len() as u64;
    }
    false
}

/// What is to be sent, and how it ends.
struct Script {
    pieces: Vec<Vec<u8>>,
    pause: Duration,
    resets: bool,
}

impl Script {
    fn new(params: &Params) -> Result<Self, BadParam> {
        let bytes = |text| latin1_bytes(text).ok_or_else(|| BadParam::new("send", text));
        let resets = match params.get("end").unwrap_or("fin") {
            "fin" => false,
            "rst" => true,
            other => return Err(BadParam::new("end", other)),
        };
        Ok(Script {
            pieces: params.all("send").map(bytes).collect::<Result<_, _>>()?,
            pause: params.millis("pause", 0)?,
            resets,
        })
    }

    async fn play(self, mut stream: Wired, record: &Record, is_read: bool) {
        record.update(|entry| entry.status = self.status());
        let mut sent = 0;
        for piece in &self.pieces {
            if stream.write_all(piece).await.is_err() {
                return record.end(How::Disconnected, sent);
            }
            sent += piece.len() as u64;
            sleep(self.pause).await;
        }
        record.end(How::Complete, sent);
        if self.resets {
            return stream.reset();
        }
        let _ = stream.shutdown().await;
        if !is_read {
            let _ = timeout(PATIENCE, copy(&mut stream, &mut sink())).await;
        }
    }

    /// The status that is sent, if it begins as an answer does: `HTTP/1.1 200`.
    fn status(&self) -> Option<u16> {
        let line = self.pieces.first()?.strip_prefix(b"HTTP/1.1 ")?;
        std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()
    }
}
