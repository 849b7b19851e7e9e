//! The text of a response.

use super::Bytes;
use super::lines::invalid_utf8;
use super::records::{Decode, Records, is_stream_of};
use crate::error::Result;
use crate::proto::utf8::{InvalidUtf8, Utf8Decoder};
use crate::transport::incoming::Piece;

/// A stream of text, in pieces as the network cut them, decoded as UTF-8 with U+FFFD for what is none. An error is its
/// last item. Dropping it closes the connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream;
///
/// let whole: String = stream::text("/poem.txt").try_collect().await?;
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Text(Records<Decoder>);

struct Decoder {
    utf8: Utf8Decoder,
    /// What is decoded and not handed on.
    text: String,
    /// Told once the text before it is handed on.
    invalid: Option<InvalidUtf8>,
}

impl Text {
    pub(super) fn new(bytes: Bytes) -> Self {
        let decoder = Decoder { utf8: Utf8Decoder::lossy(), text: String::new(), invalid: None };
        Text(Records::new(bytes, decoder))
    }

    /// Takes bytes that are not UTF-8 for an error of kind [`Decode`](crate::ErrorKind::Decode), which says
    /// [where](crate::Error::offset) they are, in place of putting U+FFFD for them.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::TryStreamExt;
    /// use pagewire::stream;
    ///
    /// let whole: String = stream::text("/poem.txt").strict().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn strict(mut self) -> Self {
        self.0.decoder.utf8 = Utf8Decoder::strict();
        self
    }
}

is_stream_of!(Text, String);

impl Decode for Decoder {
    type Item = String;

    fn feed(&mut self, piece: Piece) {
        self.invalid = self.utf8.decode(&piece.into_vec(), &mut self.text).err();
    }

    fn next(&mut self, is_over: bool) -> Result<Option<String>> {
        if is_over && self.invalid.is_none() {
            self.invalid = self.utf8.finish(&mut self.text).err();
        }
        if !self.text.is_empty() {
            return Ok(Some(std::mem::take(&mut self.text)));
        }
        self.invalid.take().map_or(Ok(None), |invalid| Err(invalid_utf8(invalid)))
    }

    fn restart(&mut self) -> usize {
        self.utf8.drop_held()
    }
}
