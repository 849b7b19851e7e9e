//! What the streams of decoded items have in common: bytes in, items out, and an error is the last item.

use std::task::{Context, Poll, ready};

use futures_core::stream::FusedStream;

use super::Bytes;
use super::xhr::Xhr;
use crate::error::Result;
use crate::transport::incoming::Piece;

/// Turns bytes into items, however they are cut.
pub(super) trait Decode {
    type Item;

    fn feed(&mut self, piece: Piece);

    /// The next item that is complete; with `is_over` the body has ended.
    fn next(&mut self, is_over: bool) -> Result<Option<Self::Item>>;

    /// Drops what has come of an unfinished item, and says how many bytes that is.
    fn restart(&mut self) -> usize;
}

/// The bytes of a response through a decoder.
pub(super) struct Records<D> {
    pub(super) decoder: D,
    bytes: Bytes,
    is_over: bool,
}

impl<D: Decode> Records<D> {
    pub(super) fn new(bytes: Bytes, decoder: D) -> Self {
        Records { decoder, bytes, is_over: false }
    }

    pub(super) fn over_xhr(mut self, xhr: Xhr) -> Self {
        self.bytes = self.bytes.over_xhr(xhr);
        self
    }

    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<D::Item>>> {
        while !self.is_over {
            match self.decoder.next(self.bytes.is_terminated()) {
                Ok(None) => {}
                Ok(Some(item)) => return Poll::Ready(Some(Ok(item))),
                Err(error) => return self.fail(error),
            }
            if self.bytes.is_terminated() {
                self.is_over = true;
                break;
            }
            match ready!(self.bytes.poll_piece(context, &mut || self.decoder.restart())) {
                Some(Ok(piece)) => self.decoder.feed(piece),
                Some(Err(error)) => return self.fail(error),
                None => {}
            }
        }
        Poll::Ready(None)
    }

    pub(super) fn is_terminated(&self) -> bool {
        self.is_over
    }

    /// Ends the stream, and closes the connection at once.
    fn fail(&mut self, error: crate::error::Error) -> Poll<Option<Result<D::Item>>> {
        self.is_over = true;
        self.bytes.close();
        Poll::Ready(Some(Err(error)))
    }
}

/// Makes the one field of a public type its stream.
macro_rules! is_stream_of {
    ($stream:ident $(<$parameter:ident>)?, $item:ty) => {
        impl $(<$parameter>)? $stream $(<$parameter>)? {
            /// Reads by an XMLHttpRequest in place of `fetch`.
            ///
            /// ```no_run
            /// use pagewire::stream::{self, Xhr};
            ///
            /// let log = stream::lines("/log").over_xhr(Xhr::new().resume_by_query("from"));
            /// ```
            pub fn over_xhr(self, xhr: crate::transport::stream::Xhr) -> Self {
                $stream(self.0.over_xhr(xhr))
            }
        }

        impl $(<$parameter>)? futures_core::Stream for $stream $(<$parameter>)? {
            type Item = crate::error::Result<$item>;

            fn poll_next(
                mut self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Self::Item>> {
                self.0.poll_next(context)
            }
        }

        impl $(<$parameter>)? futures_core::stream::FusedStream for $stream $(<$parameter>)? {
            fn is_terminated(&self) -> bool {
                self.0.is_terminated()
            }
        }

        impl $(<$parameter>)? std::fmt::Debug for $stream $(<$parameter>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($stream)).finish_non_exhaustive()
            }
        }
    };
}
pub(super) use is_stream_of;
