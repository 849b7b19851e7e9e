//! A socket as a stream of bytes, for protocols that know nothing of messages.

use std::fmt;
use std::io::{Error as IoError, ErrorKind as IoErrorKind, Result as IoResult};
use std::mem::replace;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_io::{AsyncRead, AsyncWrite};
use futures_sink::Sink;

use super::{CloseEvent, Message, WebSocket};
use crate::error::Error;

/// The longest message that one write makes.
const LONGEST: usize = 64 << 10;

/// A connection as [`AsyncRead`] and [`AsyncWrite`]: made by [`WebSocket::into_io`].
///
/// What is read are the bytes of the messages, text as UTF-8, one after the other; each write is a binary message of at
/// most 64 KiB. The reading ends when the server closes with 1000, with 1001 or without a code; any other end is an error
/// of kind [`ConnectionReset`](IoErrorKind::ConnectionReset), so that a cut stream does not look complete. Nor does
/// closing that is not answered, or that leaves something unsent: it is an error of kind
/// [`BrokenPipe`](IoErrorKind::BrokenPipe).
///
/// A WebSocket has no half-close: after the own close the browser drops what still comes, so that reading on is an error
/// of kind [`ConnectionAborted`](IoErrorKind::ConnectionAborted).
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::{AsyncReadExt, AsyncWriteExt};
/// use pagewire::websocket;
///
/// let mut io = websocket::connect("/terminal").await?.into_io();
/// io.write_all(b"ls\n").await?;
/// let mut listing = [0; 1024];
/// let length = io.read(&mut listing).await?;
/// # Ok(()) }
/// ```
#[must_use = "dropping it closes the connection"]
pub struct Io {
    socket: WebSocket,
    /// What was received and not yet read, from `at` on.
    received: Vec<u8>,
    at: usize,
    ended: bool,
}

impl WebSocket {
    /// The connection as a stream of bytes, with the feature `io`.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::AsyncWriteExt;
    /// use pagewire::websocket;
    ///
    /// let mut io = websocket::connect("/log").await?.into_io();
    /// io.write_all(b"started\n").await?;
    /// io.close().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_io(self) -> Io {
        Io { socket: self, received: Vec::new(), at: 0, ended: false }
    }
}

impl Io {
    /// How the reading ends, once there are no more messages.
    fn end(&mut self) -> IoResult<usize> {
        if replace(&mut self.ended, true) {
            return Ok(0);
        }
        if self.socket.socket().shared.was_closed_here() {
            let message = "closed from this side: what was still to come is lost";
            return Err(IoError::new(IoErrorKind::ConnectionAborted, message));
        }
        // Done, going away, or nothing said: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
        let is_done = |end: CloseEvent| end.was_clean && matches!(end.code, 1000 | 1001 | 1005);
        if self.socket.close_event().is_some_and(is_done) {
            return Ok(0);
        }
        Err(IoError::new(IoErrorKind::ConnectionReset, self.socket.socket().shared.closed_error()))
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<IoResult<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        while self.at == self.received.len() {
            // An empty message is no end.
            self.received = match ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(Message::Binary(bytes))) => bytes,
                Some(Ok(Message::Text(text))) => text.into_bytes(),
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Err(io_error(error)));
                }
                None => return Poll::Ready(self.end()),
            };
            self.at = 0;
        }
        let waiting = &self.received[self.at..];
        let length = waiting.len().min(buffer.len());
        buffer[..length].copy_from_slice(&waiting[..length]);
        self.at += length;
        Poll::Ready(Ok(length))
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<IoResult<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        ready!(Pin::new(&mut self.socket).poll_ready(context)).map_err(io_error)?;
        let piece = &bytes[..bytes.len().min(LONGEST)];
        Pin::new(&mut self.socket).start_send(piece.into()).map_err(io_error)?;
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.socket).poll_flush(context).map_err(io_error)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.socket).poll_close(context).map_err(io_error)
    }
}

fn io_error(error: Error) -> IoError {
    let kind = if error.is_closed() { IoErrorKind::BrokenPipe } else { IoErrorKind::Other };
    IoError::new(kind, error)
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").field("socket", &self.socket).finish_non_exhaustive()
    }
}
