//! An answer's body that is counted while it is handed to the connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use http_body::{Frame, SizeHint};

use crate::record::Ending;

/// Notes the end when the last piece was handed on, or when it is dropped before that.
pub(crate) struct Sent {
    body: Body,
    ending: Ending,
    promised: Option<u64>,
}

impl Sent {
    pub(crate) fn wrap(response: Response, ending: Ending) -> Response {
        let promised = content_length(response.headers());
        response.map(|body| {
            let mut sent = Sent { body, ending, promised };
            // Nobody polls a body that is empty from the start.
            if sent.is_all() {
                sent.ending.complete();
            }
            Body::new(sent)
        })
    }

    /// The connection asks for no more once the promised length is there.
    fn is_all(&self) -> bool {
        self.body.is_end_stream() || self.promised == Some(self.ending.sent())
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                self.ending.count(frame.data_ref().map_or(0, |data| data.len() as u64));
                if self.is_all() {
                    self.ending.complete();
                }
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

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
