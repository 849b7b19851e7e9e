//! The values of a response of newline-delimited JSON.

use serde::de::DeserializeOwned;

use super::lines::{invalid_utf8, next_line};
use super::records::{Decode, Records, is_stream_of};
use super::{Bytes, LONGEST_RECORD};
use crate::error::{Error, Result};
use crate::proto::json;
use crate::proto::lines::{self, Line};
use crate::transport::incoming::Piece;

/// A stream of values, one a line. An error is its last item. Dropping it closes the connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream;
///
/// let points: Vec<(f64, f64)> = stream::ndjson::<(f64, f64)>("/points.ndjson").try_collect().await?;
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Ndjson<T>(Records<Decoder<T>>);

struct Decoder<T> {
    lines: lines::Lines,
    read: fn(&Line<'_>) -> Result<T>,
}

impl Ndjson<String> {
    pub(super) fn texts(bytes: Bytes) -> Self {
        Ndjson::by(text_of, bytes)
    }
}

impl<T: DeserializeOwned> Ndjson<T> {
    pub(super) fn values(bytes: Bytes) -> Self {
        Ndjson::by(value_of, bytes)
    }
}

impl<T> Ndjson<T> {
    fn by(read: fn(&Line<'_>) -> Result<T>, bytes: Bytes) -> Self {
        let lines = lines::Lines::new(LONGEST_RECORD).without_bom();
        Ndjson(Records::new(bytes, Decoder { lines, read }))
    }

    /// The longest line, in bytes without its end. A longer one ends the stream with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). Default: 1 MiB.
    ///
    /// ```no_run
    /// use pagewire::stream;
    ///
    /// let photos = stream::ndjson::<Vec<u8>>("/photos").max_line(16 << 20);
    /// ```
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.0.decoder.lines.set_limit(bytes);
        self
    }
}

is_stream_of!(Ndjson<T>, T);

impl<T> Decode for Decoder<T> {
    type Item = T;

    fn feed(&mut self, piece: Piece) {
        self.lines.feed_with(piece.len(), |room| piece.copy_to(room));
    }

    fn next(&mut self, is_over: bool) -> Result<Option<T>> {
        while let Some(line) = next_line(&mut self.lines, is_over)? {
            if !line.bytes.trim_ascii().is_empty() {
                refuse_open_number(&line)?;
                return (self.read)(&line).map(Some);
            }
        }
        Ok(None)
    }

    fn restart(&mut self) -> usize {
        self.lines.drop_rest()
    }
}

/// All other values show where they end; of 1234 that was cut, 12 is a number too.
fn refuse_open_number(line: &Line<'_>) -> Result<()> {
    if line.is_ended || !line.bytes.trim_ascii().iter().all(|byte| b"0123456789.eE+-".contains(byte)) {
        return Ok(());
    }
    Err(Error::decode("the last line may be cut: it is a number without an end").with_offset(line.offset))
}

fn value_of<T: DeserializeOwned>(line: &Line<'_>) -> Result<T> {
    serde_json::from_slice(line.bytes).map_err(|error| {
        // The column is that of the last byte looked at, from 1.
        fault(line, "the line is not the JSON that was asked for", error.column().saturating_sub(1))
            .with_source(error)
    })
}

fn text_of(line: &Line<'_>) -> Result<String> {
    json::check(line.bytes).map_err(|at| fault(line, "the line is no JSON", at))?;
    Ok(line.text().map_err(invalid_utf8)?.to_owned())
}

fn fault(line: &Line<'_>, what: &'static str, at: usize) -> Error {
    Error::decode(if line.is_ended { what } else { "the last line was cut" })
        .with_offset(line.offset + at as u64)
}
