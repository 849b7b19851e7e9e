//! Bytes into lines, however they are cut: LF, CR or CRLF end a line, as in the event-stream format.

use std::borrow::Cow;
use std::fmt;

use crate::proto::pending::Pending;
use crate::proto::utf8::InvalidUtf8;

/// An incremental line splitter: [`feed`](Lines::feed) it, then take lines until there are none.
///
/// Its work is linear in the bytes fed, however long the lines and however small the chunks.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    limit: usize,
    pending: Pending,
    /// How many of the pending bytes were searched for the end of the next line.
    searched: usize,
    /// The last line ended with CR: an LF straight after it belongs to the same end.
    after_cr: bool,
    expects_bom: bool,
    #[cfg(test)]
    work: usize,
}

/// One line, without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
    /// Where the line begins, in bytes from the start of the stream.
    pub(crate) offset: u64,
    /// Whether its end was seen: a last line without one may have been cut.
    pub(crate) is_ended: bool,
}

impl Lines {
    /// Takes lines of at most `limit` bytes, their ends not counted.
    pub(crate) fn new(limit: usize) -> Lines {
        Lines { limit, ..Lines::default() }
    }

    /// Drops a byte order mark at the start of the stream.
    pub(crate) fn without_bom(self) -> Lines {
        Lines { expects_bom: true, ..self }
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Adds what has arrived.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(crate) fn feed(&mut self, chunk: &[u8]) {
        self.feed_with(chunk.len(), |room| room.copy_from_slice(chunk));
    }

    /// Adds `len` bytes that `write` puts in their place.
    pub(crate) fn feed_with(&mut self, len: usize, write: impl FnOnce(&mut [u8])) {
        self.pending.feed_with(len, write);
    }

    /// The next line whose end has arrived.
    ///
    /// # Errors
    /// [`LineTooLong`], as soon as that is certain, and from then on at every call.
    pub(crate) fn next_line(&mut self) -> Result<Option<Line<'_>>, LineTooLong> {
        let Some(end) = self.find_end()? else {
            return Ok(None);
        };
        Ok(Some(self.take(end, true)))
    }

    /// [`next_line`](Self::next_line) for a stream that is over: the rest without an end is a line too, unless empty.
    ///
    /// # Errors
    /// As [`next_line`](Self::next_line).
    pub(crate) fn finish(&mut self) -> Result<Option<Line<'_>>, LineTooLong> {
        match self.find_end()? {
            Some(end) => Ok(Some(self.take(end, true))),
            None if self.is_empty() => Ok(None),
            None => Ok(Some(self.take(self.pending.rest().len(), false))),
        }
    }

    /// Drops a line whose end has not arrived, and says how many bytes that is: it will be fed again.
    pub(crate) fn drop_rest(&mut self) -> usize {
        self.searched = 0;
        self.pending.drop_rest()
    }

    fn find_end(&mut self) -> Result<Option<usize>, LineTooLong> {
        self.skip_bom();
        self.skip_lf();
        let rest = self.pending.rest();
        let found = find_line_end(&rest[self.searched..]);
        let end = found.map_or(rest.len(), |at| self.searched + at);
        #[cfg(test)]
        {
            self.work += end - self.searched;
        }
        self.searched = end;
        if end > self.limit {
            return Err(LineTooLong { offset: self.pending.offset(), limit: self.limit });
        }
        Ok(found.map(|_| end))
    }

    fn skip_bom(&mut self) {
        const BOM: &[u8] = b"\xEF\xBB\xBF";
        if !self.expects_bom {
            return;
        }
        let rest = self.pending.rest();
        self.expects_bom = rest.len() < BOM.len() && BOM.starts_with(rest);
        if rest.starts_with(BOM) {
            self.skip(BOM.len());
        }
    }

    fn skip_lf(&mut self) {
        if !self.after_cr {
            return;
        }
        if let Some(&next) = self.pending.rest().first() {
            self.after_cr = false;
            self.skip(usize::from(next == b'\n'));
        }
    }

    /// What was fed and not taken.
    pub(crate) fn rest(&self) -> &[u8] {
        self.pending.rest()
    }

    /// Whether everything fed was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Bytes searched and moved so far.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(crate) fn work(&self) -> usize {
        self.work + self.pending.moved
    }

    fn skip(&mut self, len: usize) {
        self.pending.take(len);
        self.searched = self.searched.saturating_sub(len);
    }

    fn take(&mut self, len: usize, is_ended: bool) -> Line<'_> {
        let offset = self.pending.offset();
        self.after_cr = is_ended && self.pending.rest()[len] == b'\r';
        self.searched = 0;
        let taken = self.pending.take(len + usize::from(is_ended));
        Line { bytes: &taken[..len], offset, is_ended }
    }
}

impl<'a> Line<'a> {
    /// The line as text.
    ///
    /// # Errors
    /// [`InvalidUtf8`], with its place in the stream.
    pub(crate) fn text(self) -> Result<&'a str, InvalidUtf8> {
        let locate =
            |error: std::str::Utf8Error| InvalidUtf8 { offset: self.offset + error.valid_up_to() as u64 };
        std::str::from_utf8(self.bytes).map_err(locate)
    }

    /// The line as text, with U+FFFD for each malformed sequence.
    pub(crate) fn text_lossy(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes)
    }
}

/// Where the first LF or CR stands.
///
/// Eight bytes at a time: <https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord>. What that marks beside the
/// zero bytes lies above the lowest of them, which is the one that counts.
fn find_line_end(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xFF;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    let (words, rest) = bytes.as_chunks();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let ends = zeros(word ^ (ONES * u64::from(b'\n'))) | zeros(word ^ (ONES * u64::from(b'\r')));
        if ends != 0 {
            return Some(at * 8 + ends.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    Some(words.len() * 8 + at)
}

/// A line grew beyond the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineTooLong {
    /// Where the line begins, in bytes from the start of the stream.
    pub(crate) offset: u64,
    /// The limit, in bytes.
    pub(crate) limit: usize,
}

impl fmt::Display for LineTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the line at byte {} is longer than {} bytes", self.offset, self.limit)
    }
}

impl std::error::Error for LineTooLong {}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
