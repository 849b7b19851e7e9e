//! The middleware that writes each request into the journal: what came, what was answered, how it ended.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use sha2::{Digest, Sha256};

use crate::journal::{self, Entry, Record};
use crate::params::Params;
use crate::routes;

/// Text bodies are kept up to this many bytes.
const LONGEST_TEXT: usize = 64 * 1024;

/// Records a request that has a key, and hands its [`Record`] to the routes as an extension.
pub(crate) async fn record(State(state): State<routes::State>, mut request: Request, next: Next) -> Response {
    let key = Params::new(request.uri()).get("key").map(str::to_owned);
    let Some(key) = key.filter(|_| request.uri().path() != "/journal") else {
        return next.run(request).await;
    };
    let record = state.journal.begin(&key, entry(&request));
    request.extensions_mut().insert(record.clone());
    let is_head = request.method() == Method::HEAD;
    let request = request.map(|body| Body::new(Incoming::new(body, record.clone())));
    // Dropped with this future when the client goes away before there is an answer.
    let mut ending = Ending {
        record: Some(record.clone()),
        sent: 0,
    };
    let response = next.run(request).await;
    record.update(|entry| entry.status = Some(response.status().as_u16()));
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        // The socket's own task notes how it ends.
        ending.record = None;
        return response;
    }
    if is_head {
        ending.complete();
    }
    response.map(|body| Body::new(Outgoing { body, ending }))
}

fn entry(request: &Request) -> Entry {
    let (uri, headers) = (request.uri(), request.headers());
    Entry {
        seq: 0,
        method: request.method().to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        http: http_version(request.version()),
        port: port(request),
        origin: headers.get("origin").map(|value| latin1(value.as_bytes())),
        headers: header_pairs(headers),
        body: None,
        status: None,
        started_ms: 0,
        ended: None,
        websocket: None,
    }
}

/// Names and values in the order of the wire.
pub(crate) fn header_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), latin1(value.as_bytes())))
        .collect()
}

pub(crate) fn http_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}

/// Lossless: each byte becomes the character of its number.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The port the client meant: of the `Host` header, or of the authority over HTTP/2.
fn port(request: &Request) -> Option<u16> {
    let host = request.headers().get("host").and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str))?;
    host.rsplit_once(':')?.1.parse().ok()
}

/// Notes the end of an answer, at the latest when it is dropped.
struct Ending {
    record: Option<Record>,
    sent: u64,
}

impl Ending {
    fn complete(&mut self) {
        if let Some(record) = self.record.take() {
            record.end("complete", self.sent);
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(record) = self.record.take() {
            record.end("disconnected", self.sent);
        }
    }
}

/// An answer's body that notes its end.
struct Outgoing {
    body: Body,
    ending: Ending,
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                self.ending.sent += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            Some(Err(_)) => {}
            None => self.ending.complete(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // A body of known length is not asked for its end.
        if self.body.is_end_stream() || self.body.size_hint().exact() == Some(0) {
            self.ending.complete();
        }
    }
}

/// A request's body that is hashed as it is read.
struct Incoming {
    body: Body,
    record: Record,
    hash: Sha256,
    length: u64,
    text: Vec<u8>,
    told: bool,
}

impl Incoming {
    fn new(body: Body, record: Record) -> Self {
        let mut incoming = Incoming {
            body,
            record,
            hash: Sha256::new(),
            length: 0,
            text: Vec::new(),
            told: false,
        };
        // Nothing may ever poll a body that is empty from the start.
        if incoming.body.is_end_stream() {
            incoming.tell();
        }
        incoming
    }

    fn take(&mut self, data: &[u8]) {
        self.hash.update(data);
        self.length += data.len() as u64;
        if self.text.len() <= LONGEST_TEXT {
            let room = LONGEST_TEXT + 1 - self.text.len();
            self.text.extend_from_slice(&data[..data.len().min(room)]);
        }
    }

    fn tell(&mut self) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let text = (text.len() <= LONGEST_TEXT)
            .then(|| String::from_utf8(text).ok())
            .flatten();
        let body = journal::Body {
            length: self.length,
            sha256: hex(&self.hash.clone().finalize()),
            text,
        };
        self.record.update(|entry| entry.body = Some(body));
    }
}

impl HttpBody for Incoming {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    let data = data.clone();
                    self.take(&data);
                }
                if self.body.is_end_stream() {
                    self.tell();
                }
            }
            // The client went away in the middle of its upload.
            Some(Err(_)) => self.record.end("disconnected", 0),
            None => self.tell(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
