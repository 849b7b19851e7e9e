//! The frames of a response, each behind its length.

use super::records::{Decode, Records, is_stream_of};
use super::{Bytes, LONGEST_RECORD, Prefix};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::frames::{self, BadFrame};
use crate::transport::incoming::Piece;

/// A stream of frames. An error is its last item. Dropping it closes the connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream;
///
/// let frames: Vec<Vec<u8>> = stream::frames("/messages").try_collect().await?;
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Frames(Records<Decoder>);

struct Decoder(frames::Frames);

impl Frames {
    pub(super) fn new(bytes: Bytes) -> Self {
        Frames(Records::new(bytes, Decoder(frames::Frames::new(Prefix::default(), LONGEST_RECORD))))
    }

    /// How the length of a frame is written. Default: [`Prefix::U32`].
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Prefix};
    ///
    /// let messages = stream::frames("/messages.binpb").prefix(Prefix::Varint);
    /// ```
    pub fn prefix(mut self, prefix: Prefix) -> Self {
        self.0.decoder.0.set_prefix(prefix);
        self
    }

    /// The longest frame, in bytes without its length. A longer one ends the stream with [`ErrorKind::TooLarge`], before
    /// its bytes are here. Default: 1 MiB.
    ///
    /// ```no_run
    /// use pagewire::stream;
    ///
    /// let pictures = stream::frames("/pictures").max_frame(16 << 20);
    /// ```
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.0.decoder.0.set_limit(bytes);
        self
    }
}

is_stream_of!(Frames, Vec<u8>);

impl Decode for Decoder {
    type Item = Vec<u8>;

    fn feed(&mut self, piece: Piece) {
        self.0.feed_with(piece.len(), |room| piece.copy_to(room));
    }

    fn next(&mut self, is_over: bool) -> Result<Option<Vec<u8>>> {
        if let Some(frame) = self.0.next_frame().map_err(refused)? {
            return Ok(Some(frame.to_vec()));
        }
        if is_over {
            self.0.finish().map_err(refused)?;
        }
        Ok(None)
    }

    fn restart(&mut self) -> usize {
        self.0.drop_rest()
    }
}

fn refused(bad: BadFrame) -> Error {
    let kind = match bad {
        BadFrame::TooLong { .. } => ErrorKind::TooLarge,
        BadFrame::Cut { .. } | BadFrame::NoLength { .. } => ErrorKind::Decode,
    };
    Error::new(kind, bad.to_string()).with_offset(bad.offset())
}
