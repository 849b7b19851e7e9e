//! The values of a response of newline-delimited JSON.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::lines::next_line;
use super::records::{Decode, Records, is_stream_of};
use super::{Bytes, LONGEST_RECORD};
use crate::error::{Error, Result};
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
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Ndjson<T> {
    pub(super) fn new(bytes: Bytes) -> Self {
        let lines = lines::Lines::new(LONGEST_RECORD).without_bom();
        Ndjson(Records::new(bytes, Decoder { lines, value: PhantomData }))
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

is_stream_of!(Ndjson<T: DeserializeOwned>, T);

impl<T: DeserializeOwned> Decode for Decoder<T> {
    type Item = T;

    fn feed(&mut self, piece: Piece) {
        self.lines.feed_with(piece.len(), |room| piece.copy_to(room));
    }

    fn next(&mut self, is_over: bool) -> Result<Option<T>> {
        while let Some(line) = next_line(&mut self.lines, is_over)? {
            if !line.bytes.trim_ascii().is_empty() {
                return value_of(line).map(Some);
            }
        }
        Ok(None)
    }

    fn restart(&mut self) -> usize {
        self.lines.drop_rest()
    }
}

fn value_of<T: DeserializeOwned>(line: Line<'_>) -> Result<T> {
    if !line.is_ended && line.bytes.trim_ascii().iter().all(|byte| b"0123456789.eE+-".contains(byte)) {
        // All other values show where they end; of 1234 that was cut, 12 is a number too.
        return Err(
            Error::decode("the last line may be cut: it is a number without an end").with_offset(line.offset)
        );
    }
    serde_json::from_slice(line.bytes).map_err(|error| {
        // The column is that of the last byte looked at, from 1.
        let place = line.offset + (error.column() as u64).saturating_sub(1);
        let what = if line.is_ended {
            "the line is not the JSON that was asked for"
        } else {
            "the last line was cut"
        };
        Error::decode(what).with_offset(place).with_source(error)
    })
}
