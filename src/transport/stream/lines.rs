//! The lines of a response.

use super::records::{Decode, Records, is_stream_of};
use super::{Bytes, LONGEST_RECORD};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::lines::{self, Line, LineTooLong};
use crate::proto::utf8::InvalidUtf8;
use crate::transport::incoming::Piece;

/// A stream of lines, decoded as UTF-8 with U+FFFD for what is none. An error is its last item. Dropping it closes the
/// connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::{StreamExt, TryStreamExt};
/// use pagewire::stream;
///
/// // Leaves, and closes the connection, after ten.
/// let first: Vec<String> = stream::lines("/log").take(10).try_collect().await?;
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Lines(Records<Decoder>);

struct Decoder {
    lines: lines::Lines,
    is_strict: bool,
}

impl Lines {
    pub(super) fn new(bytes: Bytes) -> Self {
        let lines = lines::Lines::new(LONGEST_RECORD).without_bom();
        Lines(Records::new(bytes, Decoder { lines, is_strict: false }))
    }

    /// The longest line, in bytes without its end. A longer one ends the stream with
    /// [`ErrorKind::TooLarge`]. Default: 1 MiB.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::stream;
    ///
    /// let mut rows = stream::lines("/rows.ndjson").max_line(64 * 1024);
    /// if let Some(Err(error)) = rows.next().await {
    ///     println!("over 64 KiB: {}", error.is_too_large());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.0.decoder.lines.set_limit(bytes);
        self
    }

    /// Takes bytes that are not UTF-8 for an error of kind [`Decode`](ErrorKind::Decode), which says
    /// [where](Error::offset) they are, in place of putting U+FFFD for them.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::TryStreamExt;
    /// use pagewire::stream;
    ///
    /// let rows: Vec<String> = stream::lines("/rows.csv").strict().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn strict(mut self) -> Self {
        self.0.decoder.is_strict = true;
        self
    }
}

is_stream_of!(Lines, String);

impl Decode for Decoder {
    type Item = String;

    fn feed(&mut self, piece: Piece) {
        self.lines.feed_with(piece.len(), |room| piece.copy_to(room));
    }

    fn next(&mut self, is_over: bool) -> Result<Option<String>> {
        let Some(line) = next_line(&mut self.lines, is_over)? else { return Ok(None) };
        if self.is_strict {
            let text = line.text().map_err(invalid_utf8)?;
            return Ok(Some(text.to_owned()));
        }
        Ok(Some(line.text_lossy().into_owned()))
    }

    fn restart(&mut self) -> usize {
        self.lines.drop_rest()
    }
}

pub(super) fn next_line(lines: &mut lines::Lines, is_over: bool) -> Result<Option<Line<'_>>> {
    let line = if is_over { lines.finish() } else { lines.next_line() };
    line.map_err(|too_long: LineTooLong| {
        Error::new(ErrorKind::TooLarge, too_long.to_string()).with_offset(too_long.offset)
    })
}

pub(super) fn invalid_utf8(invalid: InvalidUtf8) -> Error {
    Error::decode(invalid.to_string()).with_offset(invalid.offset)
}
