//! The bytes of a response, piece by piece.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::xhr::{Rotation, Xhr};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::http::Request;
use crate::transport::incoming::{Opening, Piece, Reading, Step, over_fetch};

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
pub struct Bytes {
    state: State,
    engine: Box<dyn Engine>,
}

enum State {
    New(Option<Box<Request>>),
    Waiting(Reading),
    Over,
}

/// How connections are made. A trait and not an enum, so that an app carries the engine alone that it asks for.
pub(super) trait Engine {
    fn begin(&mut self, request: Request) -> Reading;

    /// Another connection, after one that is full; so many of its bytes are not asked for again.
    fn go_on(&mut self, taken: u64) -> Result<Reading>;
}

impl Bytes {
    pub(super) fn new(request: Request) -> Self {
        Bytes { state: State::New(Some(Box::new(request))), engine: Box::new(OverFetch) }
    }

    /// Reads by an XMLHttpRequest in place of `fetch`.
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Xhr};
    ///
    /// let film = stream::bytes("/film.mp4").over_xhr(Xhr::new().resume_by_range());
    /// ```
    pub fn over_xhr(mut self, xhr: Xhr) -> Self {
        self.engine = Box::new(Rotation::new(xhr));
        self
    }

    /// Closes the connection at once.
    pub(super) fn close(&mut self) {
        self.state = State::Over;
    }

    /// The next piece. Between two connections `restart` drops what has come of an unfinished record, and says how many bytes
    /// that is: they will come again.
    pub(super) fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
        restart: &mut dyn FnMut() -> usize,
    ) -> Poll<Option<Result<Piece>>> {
        if let State::New(request) = &mut self.state {
            let begun = request.take().map(|request| self.engine.begin(*request));
            self.state = begun.map_or(State::Over, State::Waiting);
        }
        loop {
            let State::Waiting(reading) = &mut self.state else { return Poll::Ready(None) };
            let step = ready!(reading.as_mut().poll(context));
            self.state = State::Over;
            let next = match step {
                Ok(Step::Piece(incoming, piece)) => {
                    self.state = State::Waiting(incoming.read());
                    return Poll::Ready(Some(Ok(piece)));
                }
                Ok(Step::End) => return Poll::Ready(None),
                Ok(Step::Full(shown)) => self.engine.go_on(shown - restart() as u64),
                Err(error) => Err(error),
            };
            match next {
                Ok(reading) => self.state = State::Waiting(reading),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl Stream for Bytes {
    type Item = Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Vec<u8>>>> {
        let piece = ready!(self.poll_piece(context, &mut || 0));
        Poll::Ready(piece.map(|piece| piece.map(Piece::into_vec)))
    }
}

impl FusedStream for Bytes {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

struct OverFetch;

impl Engine for OverFetch {
    fn begin(&mut self, request: Request) -> Reading {
        checked(over_fetch(request))
    }

    fn go_on(&mut self, _: u64) -> Result<Reading> {
        Err(Error::unsupported("fetch has no budget that could be used up"))
    }
}

/// The first piece of a response whose status is that of a success.
pub(super) fn checked(opening: Opening) -> Reading {
    Box::pin(async move {
        let incoming = opening.await?;
        let status = incoming.status();
        if !(200..300).contains(&status) {
            let error = Error::new(ErrorKind::Status(status), "the server answered with an error status");
            return Err(error.with_url(incoming.url()));
        }
        incoming.read().await
    })
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bytes").finish_non_exhaustive()
    }
}
