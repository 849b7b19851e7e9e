//! `/pieces`: a body of any bytes, cut where a test wants it cut.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, StatusCode};
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

/// `?hex=6869&hex=0a&from=0&every=0&type=application/octet-stream&end=clean|cut|hold`: each piece as it is given, `every` ms
/// between them, without the first `from` bytes. A `Range: bytes=N-` is answered by 206, or 416 where there is nothing.
pub(super) async fn pieces(params: Params, headers: HeaderMap) -> Result<Response, BadParam> {
    let pieces: Vec<Bytes> = params
        .all("hex")
        .map(|hex| unhex(hex).ok_or_else(|| BadParam::new("hex", hex)))
        .collect::<Result<_, _>>()?;
    let start = Start::of(&params, &headers)?;
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let Some(status) = start.status(length as u64) else {
        return Ok(StatusCode::RANGE_NOT_SATISFIABLE.into_response());
    };
    let kind = params.get("type").unwrap_or("application/octet-stream");
    let kind = header_value(kind).ok_or_else(|| BadParam::new("type", kind))?;
    let rest = without_first(pieces, start.at() as usize);
    let body = End::of(&params)?.of_body(paced(rest, params.millis("every", 0)?));
    Ok((status, [(CONTENT_TYPE, kind)], body).into_response())
}

/// Where an answer begins.
pub(super) enum Start {
    At(u64),
    Range(u64),
}

impl Start {
    /// `Range: bytes=N-`, else `?from=N`.
    pub(super) fn of(params: &Params, headers: &HeaderMap) -> Result<Self, BadParam> {
        let range = headers.get(RANGE).and_then(|range| range.to_str().ok());
        let first = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        match first {
            Some(first) => Ok(Start::Range(first)),
            None => params.parse("from", 0).map(Start::At),
        }
    }

    pub(super) fn at(&self) -> u64 {
        match self {
            Start::At(first) | Start::Range(first) => *first,
        }
    }

    /// The status of an answer out of so many bytes; none where a range has none of them.
    pub(super) fn status(&self, length: u64) -> Option<StatusCode> {
        match self {
            Start::At(_) => Some(StatusCode::OK),
            Start::Range(first) => (*first < length).then_some(StatusCode::PARTIAL_CONTENT),
        }
    }
}

fn without_first(pieces: Vec<Bytes>, mut count: usize) -> Vec<Bytes> {
    let mut rest = Vec::new();
    for piece in pieces {
        let skipped = count.min(piece.len());
        count -= skipped;
        if skipped < piece.len() {
            rest.push(piece.slice(skipped..));
        }
    }
    rest
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
