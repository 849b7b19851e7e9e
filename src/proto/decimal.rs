//! Numbers in text, without the machinery of the standard library, which does it in every way.

/// As `to_string` writes it.
pub(crate) fn decimal(number: u16) -> String {
    let mut text = String::new();
    push(&mut text, number);
    text
}

/// What these digits say.
pub(crate) fn number(digits: &[u8]) -> Option<u16> {
    let mut number = (!digits.is_empty()).then_some(0_u32)?;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number = number * 10 + u32::from(digit);
        if number > u16::MAX.into() {
            return None;
        }
    }
    Some(number as u16)
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
        for (digits, expected) in [
            ("0", Some(0)),
            ("080", Some(80)),
            ("65535", Some(65535)),
            ("65536", None),
            ("99999999999", None),
            ("fe80", None),
            ("+1", None),
            ("1]", None),
            ("", None),
        ] {
            assert_eq!(number(digits.as_bytes()), expected, "{digits}");
        }
    }
}
