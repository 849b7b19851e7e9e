//! `/pieces`: a body of any bytes, cut where a test wants it cut.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::sleep;

use crate::params::{BadParam, Params, header_value};

/// How a body ends after its last piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As it should.
    Clean,
    /// The connection breaks off.
    Cut,
    /// Not at all: the connection stays, and is silent.
    Hold,
}

impl End {
    /// `?end=clean|cut|hold`.
    pub(super) fn of(params: &Params) -> Result<Self, BadParam> {
        match params.get("end").unwrap_or("clean") {
            "clean" => Ok(End::Clean),
            "cut" => Ok(End::Cut),
            "hold" => Ok(End::Hold),
            other => Err(BadParam::new("end", other)),
        }
    }

    /// Gives a body this end.
    pub(super) fn of_body(self, pieces: impl Stream<Item = Bytes> + Send + 'static) -> Body {
        let last = stream::once(async move {
            match self {
                End::Clean => None,
                End::Cut => {
                    // Only while it waits for more does the connection hand on what it has.
                    sleep(Duration::from_millis(20)).await;
                    Some(Err(io::Error::other("cut on request")))
                }
                End::Hold => std::future::pending().await,
            }
        });
        Body::from_stream(pieces.map(Ok).chain(last.filter_map(async |end| end)))
    }
}

/// `?hex=6869&hex=0a&every=0&type=application/octet-stream&end=clean|cut|hold`: each piece as it is given, `every` ms
/// between them.
pub(super) async fn pieces(params: Params) -> Result<Response, BadParam> {
    let pieces: Vec<Bytes> = params
        .all("hex")
        .map(|hex| unhex(hex).ok_or_else(|| BadParam::new("hex", hex)))
        .collect::<Result<_, _>>()?;
    let kind = params.get("type").unwrap_or("application/octet-stream");
    let kind = header_value(kind).ok_or_else(|| BadParam::new("type", kind))?;
    let body = End::of(&params)?.of_body(paced(pieces, params.millis("every", 0)?));
    Ok(([(CONTENT_TYPE, kind)], body).into_response())
}

/// The first piece at once, then one every so often.
pub(super) fn paced(pieces: Vec<Bytes>, every: Duration) -> impl Stream<Item = Bytes> {
    stream::iter(pieces.into_iter().enumerate()).then(move |(at, piece)| async move {
        if at > 0 {
            sleep(every).await;
        }
        piece
    })
}

/// The bytes that pairs of hexadecimal digits stand for.
pub(super) fn unhex(hex: &str) -> Option<Bytes> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
