//! The bytes of a response, piece by piece.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use js_sys::Uint8Array;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::fetch::{Cache, Fetch};
use crate::transport::http::Request;

/// A stream of bytes, in pieces as the network cut them. An error is its last item. Dropping it closes the connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::stream;
///
/// let mut head = stream::bytes("/film.mp4");
/// let first = head.next().await.transpose()?;
/// drop(head); // closes the connection: the rest is never sent
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Bytes(State);

enum State {
    New(Option<Box<Request>>),
    Waiting(Pin<Box<dyn Future<Output = Step>>>),
    Over,
}

/// What one step of reading came to: the connection is handed back for the next one.
type Step = Result<Option<(Fetch, Uint8Array)>>;

impl Bytes {
    pub(super) fn new(request: Request) -> Self {
        Bytes(State::New(Some(Box::new(request))))
    }

    /// Closes the connection at once.
    pub(super) fn close(&mut self) {
        self.0 = State::Over;
    }

    /// The next piece, still in JavaScript's memory.
    pub(super) fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Uint8Array>>> {
        if let State::New(request) = &mut self.0 {
            self.0 = request.take().map_or(State::Over, |request| State::Waiting(Box::pin(open(*request))));
        }
        let State::Waiting(step) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let step = ready!(step.as_mut().poll(context));
        self.0 = State::Over;
        match step {
            Ok(Some((fetch, piece))) => {
                self.0 = State::Waiting(Box::pin(read(fetch)));
                Poll::Ready(Some(Ok(piece)))
            }
            Ok(None) => Poll::Ready(None),
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

impl Stream for Bytes {
    type Item = Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Vec<u8>>>> {
        let piece = ready!(self.poll_piece(context));
        Poll::Ready(piece.map(|piece| piece.map(|piece| piece.to_vec())))
    }
}

impl FusedStream for Bytes {
    fn is_terminated(&self) -> bool {
        matches!(self.0, State::Over)
    }
}

async fn open(request: Request) -> Step {
    let fetch = Fetch::start(request, Cache::Bypass).await?;
    if !(200..300).contains(&fetch.status()) {
        let error = Error::new(ErrorKind::Status(fetch.status()), "the server answered with an error status");
        return Err(error.with_url(fetch.url()));
    }
    read(fetch).await
}

async fn read(mut fetch: Fetch) -> Step {
    Ok(fetch.next().await?.map(|piece| (fetch, piece)))
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bytes").finish_non_exhaustive()
    }
}
