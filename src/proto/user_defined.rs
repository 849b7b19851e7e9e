//! Bytes out of a text in [x-user-defined](https://encoding.spec.whatwg.org/#x-user-defined), which has a character for
//! each byte: the way to see exact bytes in the text of an XMLHttpRequest that is still arriving.

/// The bytes of a text.
///
/// # Errors
/// How many bytes there are before the first character that x-user-defined does not have: then something else decoded it.
pub(crate) fn encode(text: &str) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u32::from(character) {
            // "If byte is an ASCII byte, return a code point whose value is byte. Return a code point whose value is
            // 0xF780 + byte − 0x80."
            code @ (0..=0x7F | 0xF780..=0xF7FF) => bytes.push(code as u8),
            _ => return Err(bytes.len()),
        }
    }
    Ok(bytes)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    /// The decoder of the standard.
    fn decoded(bytes: &[u8]) -> String {
        let character = |byte: u8| match byte {
            0..=0x7F => char::from(byte),
            _ => char::from_u32(0xF780 + u32::from(byte) - 0x80).unwrap_or_default(),
        };
        bytes.iter().copied().map(character).collect()
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(encode(&decoded(&all)), Ok(all));
    }

    #[test]
    fn a_text_that_was_decoded_by_something_else_is_refused_where_it_shows() {
        assert_eq!(encode("ab\u{E9}"), Err(2));
        assert_eq!(encode("\u{FFFD}"), Err(0));
        assert_eq!(encode("a\u{F77F}"), Err(1));
        assert_eq!(encode("\u{F800}"), Err(0));
        assert_eq!(encode("\u{1F780}"), Err(0));
    }
}
