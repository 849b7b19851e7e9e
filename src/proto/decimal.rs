//! Numbers in text, without the machinery of the standard library, which does it in every way.

/// As `to_string` writes it.
pub(crate) fn decimal(number: u16) -> String {
    let mut text = String::new();
    push(&mut text, number);
    text
}

/// What these digits say.
pub(crate) fn number(digits: &str, radix: u16) -> Option<u16> {
    let mut number = (!digits.is_empty()).then_some(0_u16)?;
    for digit in digits.chars() {
        let digit = digit.to_digit(radix.into())? as u16;
        number = number.checked_mul(radix)?.checked_add(digit)?;
    }
    Some(number)
}

fn push(text: &mut String, number: u16) {
    if number >= 10 {
        push(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_written_as_to_string_writes_it() {
        for number in 0..=u16::MAX {
            assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn digits_alone_are_a_number_and_one_too_large_is_none() {
        for (digits, radix, expected) in [
            ("0", 10, Some(0)),
            ("080", 10, Some(80)),
            ("65535", 10, Some(65535)),
            ("65536", 10, None),
            ("99999999999", 10, None),
            ("fe80", 16, Some(0xfe80)),
            ("fe80", 10, None),
            ("+1", 10, None),
            ("1]", 10, None),
            ("", 10, None),
        ] {
            assert_eq!(number(digits, radix), expected, "{digits}");
        }
    }
}
