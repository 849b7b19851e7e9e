//! Numbers in text, without the machinery that formats them in every way.

/// As `to_string` writes it.
pub(crate) fn decimal(number: u16) -> String {
    let mut text = String::new();
    push(&mut text, number);
    text
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
}
