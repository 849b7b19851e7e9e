//! Bytes into frames, each behind its length.

use std::fmt;

use super::pending::Pending;

/// How the length of a frame is written before it. It does not count its own bytes.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream::{self, Prefix};
///
/// let mut samples = stream::frames("/samples").prefix(Prefix::U16);
/// while let Some(sample) = samples.try_next().await? {
///     println!("{} bytes", sample.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Prefix {
    /// Two bytes, the most significant first.
    U16,
    /// Two bytes, the least significant first.
    U16Le,
    /// Four bytes, the most significant first.
    #[default]
    U32,
    /// Four bytes, the least significant first.
    U32Le,
    /// Seven bits in each byte, the least significant first, as
    /// [Protocol Buffers](https://protobuf.dev/programming-guides/encoding/#varints) delimit messages.
    Varint,
}

/// An incremental splitter: [`feed_with`](Frames::feed_with) it, then take frames until there are none.
#[derive(Debug)]
pub(crate) struct Frames {
    pending: Pending,
    prefix: Prefix,
    limit: usize,
}

/// Why there is no next frame, and where it would begin, in bytes from the start of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadFrame {
    TooLong {
        offset: u64,
        limit: usize,
    },
    Cut {
        offset: u64,
    },
    /// A varint of more bytes than any length has.
    NoLength {
        offset: u64,
    },
}

impl Frames {
    /// Takes frames of at most `limit` bytes, their lengths not counted.
    pub(crate) fn new(prefix: Prefix, limit: usize) -> Frames {
        Frames { pending: Pending::default(), prefix, limit }
    }

    pub(crate) fn set_prefix(&mut self, prefix: Prefix) {
        self.prefix = prefix;
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    pub(crate) fn feed_with(&mut self, len: usize, write: impl FnOnce(&mut [u8])) {
        self.pending.feed_with(len, write);
    }

    /// The next frame that is complete.
    ///
    /// # Errors
    /// [`BadFrame`], as soon as that is certain.
    pub(crate) fn next_frame(&mut self) -> Result<Option<&[u8]>, BadFrame> {
        let (offset, rest) = (self.pending.offset(), self.pending.rest());
        let Some((head, length)) = self.prefix.read(rest).ok_or(BadFrame::NoLength { offset })? else {
            return Ok(None);
        };
        let length = usize::try_from(length).ok().filter(|length| *length <= self.limit);
        let length = length.ok_or(BadFrame::TooLong { offset, limit: self.limit })?;
        if rest.len() - head < length {
            return Ok(None);
        }
        self.pending.take(head);
        Ok(Some(self.pending.take(length)))
    }

    /// Drops a frame that is not complete, and says how many bytes that is: it will be fed again.
    pub(crate) fn drop_rest(&mut self) -> usize {
        self.pending.drop_rest()
    }

    /// Ends the stream: what is left must be nothing.
    ///
    /// # Errors
    /// [`BadFrame::Cut`].
    pub(crate) fn finish(&self) -> Result<(), BadFrame> {
        if self.pending.is_empty() { Ok(()) } else { Err(BadFrame::Cut { offset: self.pending.offset() }) }
    }
}

impl Prefix {
    /// The bytes of the length and the length, once it is complete; `None` for what cannot be one.
    fn read(self, bytes: &[u8]) -> Option<Option<(usize, u64)>> {
        let fixed = |length: Option<u64>, head| Some(length.map(|length| (head, length)));
        match self {
            Prefix::U16 => fixed(bytes.first_chunk().map(|head| u16::from_be_bytes(*head).into()), 2),
            Prefix::U16Le => fixed(bytes.first_chunk().map(|head| u16::from_le_bytes(*head).into()), 2),
            Prefix::U32 => fixed(bytes.first_chunk().map(|head| u32::from_be_bytes(*head).into()), 4),
            Prefix::U32Le => fixed(bytes.first_chunk().map(|head| u32::from_le_bytes(*head).into()), 4),
            Prefix::Varint => varint(bytes),
        }
    }
}

fn varint(bytes: &[u8]) -> Option<Option<(usize, u64)>> {
    /// A length of 32 bits.
    const LONGEST: usize = 5;
    let mut length = 0;
    for (at, byte) in bytes.iter().take(LONGEST).enumerate() {
        length |= u64::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(Some((at + 1, length)));
        }
    }
    (bytes.len() < LONGEST).then_some(None)
}

impl BadFrame {
    pub(crate) fn offset(self) -> u64 {
        match self {
            BadFrame::TooLong { offset, .. } | BadFrame::Cut { offset } | BadFrame::NoLength { offset } => {
                offset
            }
        }
    }
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadFrame::TooLong { offset, limit } => {
                write!(f, "the frame at byte {offset} is longer than {limit} bytes")
            }
            BadFrame::Cut { offset } => write!(f, "the stream ends within the frame at byte {offset}"),
            BadFrame::NoLength { offset } => write!(f, "there is no length at byte {offset}"),
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    /// All frames, with the bytes cut into two at `at`.
    fn split(prefix: Prefix, bytes: &[u8], at: usize) -> (Vec<Vec<u8>>, Result<(), BadFrame>) {
        let mut frames = Frames::new(prefix, 1000);
        let mut all = Vec::new();
        for chunk in [&bytes[..at], &bytes[at..]] {
            frames.feed_with(chunk.len(), |room| room.copy_from_slice(chunk));
            loop {
                match frames.next_frame() {
                    Ok(Some(frame)) => all.push(frame.to_vec()),
                    Ok(None) => break,
                    Err(bad) => return (all, Err(bad)),
                }
            }
        }
        let end = frames.finish();
        (all, end)
    }

    #[track_caller]
    fn check(prefix: Prefix, bytes: &[u8], expected: &[&[u8]], end: Result<(), BadFrame>) {
        for at in 0..=bytes.len() {
            let (frames, how) = split(prefix, bytes, at);
            assert_eq!(
                (&frames[..], how),
                (&expected.iter().map(|frame| frame.to_vec()).collect::<Vec<_>>()[..], end)
            );
        }
    }

    #[test]
    fn every_prefix_is_read_however_the_bytes_are_cut() {
        check(Prefix::U16, b"\0\x03abc\0\0\0\x01d", &[b"abc", b"", b"d"], Ok(()));
        check(Prefix::U16Le, b"\x03\0abc\0\0\x01\0d", &[b"abc", b"", b"d"], Ok(()));
        check(Prefix::U32, b"\0\0\0\x03abc\0\0\0\0", &[b"abc", b""], Ok(()));
        check(Prefix::U32Le, b"\x03\0\0\0abc\0\0\0\0", &[b"abc", b""], Ok(()));
        let long = [b"\xAC\x02".to_vec(), vec![7; 300], b"\0".to_vec()].concat();
        check(Prefix::Varint, &long, &[&[7; 300], b""], Ok(()));
    }

    #[test]
    fn a_stream_that_ends_within_a_frame_was_cut() {
        check(Prefix::U16, b"\0\x01a\0", &[b"a"], Err(BadFrame::Cut { offset: 3 }));
        check(Prefix::U16, b"\0\x01a\0\x02b", &[b"a"], Err(BadFrame::Cut { offset: 3 }));
        check(Prefix::Varint, b"\x80", &[], Err(BadFrame::Cut { offset: 0 }));
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_its_bytes_are_here() {
        let too_long = Err(BadFrame::TooLong { offset: 3, limit: 1000 });
        check(Prefix::U16, b"\0\x01a\x03\xE9", &[b"a"], too_long);
        check(Prefix::U32, b"\xFF\xFF\xFF\xFF", &[], Err(BadFrame::TooLong { offset: 0, limit: 1000 }));
        check(Prefix::Varint, b"\xFF\xFF\xFF\xFF\xFF\xFF", &[], Err(BadFrame::NoLength { offset: 0 }));
    }

    #[test]
    fn a_frame_that_is_dropped_and_fed_again_comes_once_and_whole() {
        let bytes = b"\x01a\x00\x03bcd\x02ef";
        for at in 0..=bytes.len() {
            let mut frames = Frames::new(Prefix::Varint, 1000);
            let mut all = Vec::new();
            frames.feed_with(at, |room| room.copy_from_slice(&bytes[..at]));
            while let Some(frame) = frames.next_frame().unwrap() {
                all.push(frame.to_vec());
            }
            let again = &bytes[at - frames.drop_rest()..];
            frames.feed_with(again.len(), |room| room.copy_from_slice(again));
            while let Some(frame) = frames.next_frame().unwrap() {
                all.push(frame.to_vec());
            }
            assert_eq!(
                (all, frames.finish()),
                (vec![b"a".to_vec(), vec![], b"bcd".to_vec(), b"ef".to_vec()], Ok(()))
            );
        }
    }
}
