//! A request's body that is measured and hashed while a route reads it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use sha2::{Digest, Sha256};

use crate::journal::{self, How};
use crate::record::Record;

/// Longer text is not kept.
const LONGEST_TEXT: u64 = 64 * 1024;

/// Notes in the record what came, when it has come to its end or has broken off.
pub(crate) struct Received {
    body: Body,
    record: Record,
    hash: Sha256,
    length: u64,
    start: Vec<u8>,
    noted: bool,
}

impl Received {
    pub(crate) fn new(body: Body, record: Record) -> Self {
        let mut received =
            Received { body, record, hash: Sha256::new(), length: 0, start: Vec::new(), noted: false };
        // Nobody polls a body that is empty from the start.
        if received.body.is_end_stream() {
            received.note(true);
        }
        received
    }

    fn take(&mut self, data: &[u8]) {
        self.hash.update(data);
        self.length += data.len() as u64;
        if self.length <= LONGEST_TEXT {
            self.start.extend_from_slice(data);
        }
    }

    fn note(&mut self, whole: bool) {
        if std::mem::replace(&mut self.noted, true) {
            return;
        }
        let start = std::mem::take(&mut self.start);
        let is_all = start.len() as u64 == self.length;
        let body = journal::Body {
            length: self.length,
            sha256: format!("{:x}", self.hash.finalize_reset()),
            text: String::from_utf8(start).ok().filter(|_| is_all),
            whole,
        };
        self.record.update(|entry| entry.body = Some(body));
    }
}

impl HttpBody for Received {
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
                    self.take(data);
                }
                if self.body.is_end_stream() {
                    self.note(true);
                }
            }
            Some(Err(_)) => {
                self.note(false);
                self.record.end(How::Disconnected, 0);
            }
            None => self.note(true),
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

impl Drop for Received {
    fn drop(&mut self) {
        self.note(false);
    }
}
