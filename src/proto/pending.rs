//! Bytes that have arrived and are not yet taken.

/// A queue of bytes: added at its end in chunks, taken from its front in records.
///
/// Its work is linear in the bytes added, however long the records and however small the chunks.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    bytes: Vec<u8>,
    /// What is before this is taken.
    start: usize,
    /// Where `bytes` begins in the stream.
    offset: u64,
    #[cfg(test)]
    pub(crate) moved: usize,
}

impl Pending {
    /// Adds `len` bytes that `write` puts in their place: from JavaScript's memory they are copied once.
    pub(crate) fn feed_with(&mut self, len: usize, write: impl FnOnce(&mut [u8])) {
        self.drop_taken();
        let end = self.bytes.len();
        self.bytes.resize(end + len, 0);
        write(&mut self.bytes[end..]);
    }

    /// What is not taken yet.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Where [`rest`](Pending::rest) begins in the stream.
    pub(crate) fn offset(&self) -> u64 {
        self.offset + self.start as u64
    }

    /// Takes the first `len` bytes of the rest.
    pub(crate) fn take(&mut self, len: usize) -> &[u8] {
        let start = self.start;
        self.start += len;
        &self.bytes[start..start + len]
    }

    /// Drops the rest, as if it had never come, and says how many bytes that is.
    pub(crate) fn drop_rest(&mut self) -> usize {
        let rest = self.bytes.len() - self.start;
        self.bytes.truncate(self.start);
        rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// Moves the rest to the front once it is the smaller part: so for each byte moved, one is dropped.
    fn drop_taken(&mut self) {
        let rest = self.bytes.len() - self.start;
        if self.start < rest {
            return;
        }
        #[cfg(test)]
        {
            self.moved += rest;
        }
        self.bytes.drain(..self.start);
        self.offset += self.start as u64;
        self.start = 0;
    }

    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
