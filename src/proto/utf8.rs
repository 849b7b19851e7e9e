//! UTF-8 that arrives in pieces: a character cut between two chunks is held back until it is whole.

use std::fmt;

/// An incremental decoder. A byte order mark at the start is dropped, as
/// <https://encoding.spec.whatwg.org/#utf-8-decode> does.
#[derive(Debug)]
pub(crate) struct Utf8Decoder {
    lossy: bool,
    at_start: bool,
    /// Where the first byte not yet decoded stands in the stream.
    offset: u64,
    /// The beginning of a character whose end has not come: three bytes at most, and room for a fourth to try.
    held: [u8; 4],
    held_len: usize,
}

impl Utf8Decoder {
    /// Replaces each malformed sequence by U+FFFD, as the Encoding Standard does.
    pub(crate) fn lossy() -> Utf8Decoder {
        Utf8Decoder { lossy: true, ..Utf8Decoder::strict() }
    }

    /// Fails at the first malformed sequence.
    pub(crate) fn strict() -> Utf8Decoder {
        Utf8Decoder { lossy: false, at_start: true, offset: 0, held: [0; 4], held_len: 0 }
    }

    /// Appends the text of `chunk` to `out`, but for a character that is cut at its end.
    ///
    /// # Errors
    /// The first malformed sequence, of a strict decoder; `out` has the text before it, and decoding must stop.
    pub(crate) fn decode(&mut self, chunk: &[u8], out: &mut String) -> Result<(), InvalidUtf8> {
        let rest = self.complete_held(chunk, out)?;
        if self.held_len > 0 {
            return Ok(());
        }
        let (whole, cut) = rest.split_at(rest.len() - cut_len(rest));
        for part in whole.utf8_chunks() {
            self.push(part.valid(), out);
            self.offset += part.valid().len() as u64;
            if !part.invalid().is_empty() {
                self.replace(part.invalid().len(), out)?;
            }
        }
        self.held[..cut.len()].copy_from_slice(cut);
        self.held_len = cut.len();
        Ok(())
    }

    /// Ends the input: a character that is still cut is malformed.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub(crate) fn finish(&mut self, out: &mut String) -> Result<(), InvalidUtf8> {
        match std::mem::take(&mut self.held_len) {
            0 => Ok(()),
            held => self.replace(held, out),
        }
    }

    /// Drops a character that is cut, and says how many bytes that is: it will be given again.
    pub(crate) fn drop_held(&mut self) -> usize {
        std::mem::take(&mut self.held_len)
    }

    /// Gives the held character its missing bytes, and returns the chunk without them.
    fn complete_held<'a>(&mut self, mut chunk: &'a [u8], out: &mut String) -> Result<&'a [u8], InvalidUtf8> {
        while self.held_len > 0
            && let Some((&byte, rest)) = chunk.split_first()
        {
            self.held[self.held_len] = byte;
            let tried = self.held;
            match std::str::from_utf8(&tried[..=self.held_len]) {
                Ok(character) => {
                    self.held_len = 0;
                    self.push(character, out);
                    self.offset += character.len() as u64;
                }
                Err(error) if error.error_len().is_none() => self.held_len += 1,
                Err(_) => {
                    // `byte` belongs to what follows, not to the malformed sequence.
                    let held = std::mem::take(&mut self.held_len);
                    self.replace(held, out)?;
                    continue;
                }
            }
            chunk = rest;
        }
        Ok(chunk)
    }

    /// Puts U+FFFD in the place of the next `len` bytes.
    fn replace(&mut self, len: usize, out: &mut String) -> Result<(), InvalidUtf8> {
        if !self.lossy {
            return Err(InvalidUtf8 { offset: self.offset });
        }
        self.offset += len as u64;
        self.push("\u{FFFD}", out);
        Ok(())
    }

    fn push(&mut self, text: &str, out: &mut String) {
        let without_bom = text.strip_prefix('\u{FEFF}').filter(|_| self.at_start);
        self.at_start &= text.is_empty();
        out.push_str(without_bom.unwrap_or(text));
    }
}

/// Bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidUtf8 {
    /// Where the malformed sequence begins, in bytes from the start of the stream.
    pub(crate) offset: u64,
}

impl fmt::Display for InvalidUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not UTF-8 at byte {}", self.offset)
    }
}

impl std::error::Error for InvalidUtf8 {}

/// The length of the character that the end of `bytes` cuts; 0 if it cuts none.
fn cut_len(bytes: &[u8]) -> usize {
    let is_cut = |len: &usize| {
        let end = &bytes[bytes.len() - len..];
        std::str::from_utf8(end).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    (1..=bytes.len().min(3)).find(is_cut).unwrap_or(0)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(mut decoder: Utf8Decoder, chunks: &[&[u8]]) -> Result<String, InvalidUtf8> {
        let mut out = String::new();
        for chunk in chunks {
            decoder.decode(chunk, &mut out)?;
        }
        decoder.finish(&mut out)?;
        Ok(out)
    }

    /// Decodes `bytes` whole, cut once at every place, and byte by byte: the result must be the same.
    #[track_caller]
    fn check(new: fn() -> Utf8Decoder, bytes: &[u8], expected: &Result<String, InvalidUtf8>) {
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            assert_eq!(&decode(new(), &[head, tail]), expected, "{bytes:x?} cut at {at}");
        }
        assert_eq!(&decode(new(), &bytes.chunks(1).collect::<Vec<_>>()), expected, "{bytes:x?} byte by byte");
    }

    #[test]
    fn a_character_cut_between_chunks_is_held_back() {
        let mut decoder = Utf8Decoder::strict();
        let mut out = String::new();
        assert_eq!(decoder.decode(b"a\xF0\x9F", &mut out), Ok(()));
        assert_eq!(out, "a");
        assert_eq!(decoder.decode(b"\x98", &mut out), Ok(()));
        assert_eq!(out, "a");
        assert_eq!(decoder.decode(b"\x80b", &mut out), Ok(()));
        assert_eq!(out, "a\u{1F600}b");
    }

    #[test]
    fn text_is_the_same_however_it_is_cut() {
        for text in ["", "plain", "aé€😀z", "€€€", "\u{0}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}"]
        {
            check(Utf8Decoder::strict, text.as_bytes(), &Ok(text.to_owned()));
            check(Utf8Decoder::lossy, text.as_bytes(), &Ok(text.to_owned()));
        }
    }

    #[test]
    fn malformed_sequences_are_replaced_as_the_encoding_standard_does() {
        for (bytes, text) in [
            (&b"a\xFFb"[..], "a\u{FFFD}b"),
            (b"\x80\x80", "\u{FFFD}\u{FFFD}"),
            (b"\xE2\x82A", "\u{FFFD}A"),
            (b"\xE2\x82", "\u{FFFD}"),
            (b"\xF0\x90\xE2\x82\xAC", "\u{FFFD}\u{20AC}"),
            (b"\xC0\xAF", "\u{FFFD}\u{FFFD}"),
            (b"\xED\xA0\x80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xF4\x90\x80\x80", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xF0\x9F\x98\xF0\x9F\x98\x80", "\u{FFFD}\u{1F600}"),
        ] {
            check(Utf8Decoder::lossy, bytes, &Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_strict_decoder_names_the_first_malformed_byte() {
        for (bytes, offset) in [
            (&b"ab\xFFcd\xFF"[..], 2),
            ("é\u{FEFF}".as_bytes().split_last().map_or(&[][..], |(_, cut)| cut), 2),
            (b"\xE2\x82A", 0),
            (b"abc\xF0\x9F\x98", 3),
            (b"\xEF\xBB\xBFabc\xC3(", 6),
        ] {
            check(Utf8Decoder::strict, bytes, &Err(InvalidUtf8 { offset }));
        }
    }

    #[test]
    fn text_before_a_malformed_sequence_is_kept() {
        let mut out = String::new();
        assert_eq!(Utf8Decoder::strict().decode(b"ab\xFFcd", &mut out), Err(InvalidUtf8 { offset: 2 }));
        assert_eq!(out, "ab");
    }

    #[test]
    fn a_byte_order_mark_is_dropped_at_the_start_only() {
        check(Utf8Decoder::strict, "\u{FEFF}".as_bytes(), &Ok(String::new()));
        check(Utf8Decoder::strict, "\u{FEFF}a\u{FEFF}".as_bytes(), &Ok("a\u{FEFF}".to_owned()));
        check(Utf8Decoder::strict, "\u{FEFF}\u{FEFF}".as_bytes(), &Ok("\u{FEFF}".to_owned()));
        check(Utf8Decoder::lossy, b"\xFF\xEF\xBB\xBF", &Ok("\u{FFFD}\u{FEFF}".to_owned()));
        check(Utf8Decoder::lossy, b"\xEF\xBB", &Ok("\u{FFFD}".to_owned()));
    }

    #[test]
    fn a_cut_character_that_is_dropped_and_given_again_comes_once() {
        let text = "aé€\u{1F600}z";
        for at in 0..=text.len() {
            let mut decoder = Utf8Decoder::strict();
            let mut out = String::new();
            assert_eq!(decoder.decode(&text.as_bytes()[..at], &mut out), Ok(()));
            let again = at - decoder.drop_held();
            assert_eq!(decoder.decode(&text.as_bytes()[again..], &mut out), Ok(()));
            assert_eq!(out, text, "dropped at {at}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_decode_as_if_they_came_whole(
            // Mostly bytes that begin or continue characters.
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0x80_u8.., Just(b'a')], 0..40),
            cuts in proptest::collection::vec(0_usize..5, 0..40),
        ) {
            let mut chunks = Vec::new();
            let mut rest = &bytes[..];
            for cut in cuts {
                let (chunk, next) = rest.split_at(cut.min(rest.len()));
                chunks.push(chunk);
                rest = next;
            }
            chunks.push(rest);
            let whole = String::from_utf8_lossy(&bytes);
            let expected = whole.strip_prefix('\u{FEFF}').unwrap_or(&whole).to_owned();
            prop_assert_eq!(decode(Utf8Decoder::lossy(), &chunks), Ok(expected.clone()));
            let strict = std::str::from_utf8(&bytes).map(|_| expected);
            let strict = strict.map_err(|error| InvalidUtf8 { offset: error.valid_up_to() as u64 });
            prop_assert_eq!(decode(Utf8Decoder::strict(), &chunks), strict);
        }
    }
}
