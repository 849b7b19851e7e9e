//! JSON as text: where it stops being JSON, and what one member of an object holds. Whoever wants values has a parser.

/// Whether `text` is [one value, with blanks around it](https://www.rfc-editor.org/rfc/rfc8259#section-2); if not, the first
/// byte that cannot stand where it does, and of a text that was cut the place behind it.
pub(crate) fn check(text: &[u8]) -> Result<(), usize> {
    let mut walk = Walk { text, at: 0 };
    walk.whole().ok_or(walk.at)
}

/// The text of the string, or the number as it is written, that the object `text` has under `name`; of several the last.
pub(crate) fn member(text: &[u8], name: &str) -> Option<String> {
    check(text).ok()?;
    let mut walk = Walk { text, at: 0 };
    let mut found = None;
    walk.sign(b'{')?;
    while let Some(key) = walk.passed(Walk::string) {
        walk.sign(b':')?;
        let value = walk.passed(Walk::value)?;
        if unescaped(key).is_some_and(|key| key == name) {
            found = Some(value);
        }
        walk.sign(b',');
    }
    match found? {
        string @ [b'"', ..] => unescaped(string),
        number @ [b'-' | b'0'..=b'9', ..] => String::from_utf8(number.to_vec()).ok(),
        _ => None,
    }
}

/// What a string with its quotes stands for. None for what is no text: half of a surrogate pair.
fn unescaped(string: &[u8]) -> Option<String> {
    let between = string.get(1..string.len().checked_sub(1)?)?;
    let mut chars = std::str::from_utf8(between).ok()?.chars();
    let mut units = Vec::new();
    while let Some(char) = chars.next() {
        if char != '\\' {
            units.extend_from_slice(char.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match chars.next()? {
            'b' => 8,
            't' => 9,
            'n' => 10,
            'f' => 12,
            'r' => 13,
            'u' => (0..4).try_fold(0, |unit, _| Some(unit << 4 | chars.next()?.to_digit(16)? as u16))?,
            itself => itself as u16,
        });
    }
    String::from_utf16(&units).ok()
}

/// A walk over a text. Each step ends behind what it has understood, and gives nothing where something else stands.
struct Walk<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn whole(&mut self) -> Option<()> {
        self.value()?;
        self.blanks();
        (self.at == self.text.len()).then_some(())
    }

    // With a list of what is open in place of a call within a call: a text may be deeper than the stack.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.blanks();
            let is_empty = match self.text.get(self.at)? {
                b'{' => self.begin(b'}', &mut open),
                b'[' => self.begin(b']', &mut open),
                _ => self.scalar().map(|()| true),
            }?;
            if is_empty && self.end(&mut open)? {
                return Some(());
            }
        }
    }

    /// Into an object or a list, up to its first value; whether it has none.
    fn begin(&mut self, close: u8, open: &mut Vec<u8>) -> Option<bool> {
        self.at += 1;
        if self.sign(close).is_some() {
            return Some(true);
        }
        open.push(close);
        self.name_in(close)?;
        Some(false)
    }

    /// From behind a value to the next one, out of all that ends here; whether that was the last.
    fn end(&mut self, open: &mut Vec<u8>) -> Option<bool> {
        while let Some(&close) = open.last() {
            if self.sign(b',').is_some() {
                self.name_in(close)?;
                return Some(false);
            }
            self.sign(close)?;
            open.pop();
        }
        Some(true)
    }

    /// The name that a value in an object has.
    fn name_in(&mut self, close: u8) -> Option<()> {
        if close == b']' {
            return Some(());
        }
        self.blanks();
        self.string()?;
        self.sign(b':')
    }

    fn scalar(&mut self) -> Option<()> {
        match self.text.get(self.at)? {
            b'"' => self.string(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn string(&mut self) -> Option<()> {
        self.one_of(b"\"")?;
        loop {
            match self.text.get(self.at)? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
        self.one_of(b"\"")
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        if self.one_of(b"u").is_none() {
            return self.one_of(b"\"\\/bfnrt");
        }
        (0..4).try_for_each(|_| self.one_of(b"0123456789abcdefABCDEF"))
    }

    fn number(&mut self) -> Option<()> {
        self.one_of(b"-");
        if self.one_of(b"0").is_none() {
            self.digits()?;
        }
        if self.one_of(b".").is_some() {
            self.digits()?;
        }
        if self.one_of(b"eE").is_some() {
            self.one_of(b"+-");
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        self.one_of(b"0123456789")?;
        while self.one_of(b"0123456789").is_some() {}
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        word.iter().try_for_each(|byte| self.one_of(&[*byte]))
    }

    fn blanks(&mut self) {
        while self.one_of(b" \t\n\r").is_some() {}
    }

    /// A byte with blanks before it.
    fn sign(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        self.one_of(&[byte])
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<()> {
        let is_one = self.text.get(self.at).is_some_and(|byte| bytes.contains(byte));
        self.at += usize::from(is_one);
        is_one.then_some(())
    }

    /// What a step passes, without the blanks before it.
    fn passed(&mut self, step: fn(&mut Self) -> Option<()>) -> Option<&'a [u8]> {
        self.blanks();
        let begin = self.at;
        step(self)?;
        self.text.get(begin..self.at)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    fn place(text: &str) -> Option<usize> {
        check(text.as_bytes()).err()
    }

    #[test]
    fn a_value_with_blanks_around_it_is_json() {
        let all = [
            "0",
            " -1.5e+7\r\n",
            "[]",
            "{ }",
            "\t[1, {\"a\": [null, true]}, false ]",
            r#""\u00e9\"\\\/\n é""#,
        ];
        assert_eq!(all.map(place), [None; 6]);
    }

    #[test]
    fn the_place_is_that_of_the_first_byte_that_cannot_be() {
        let faults = [
            ("", 0),
            ("[2, x]", 4),
            ("[2,", 3),
            ("{\"a\" 1}", 5),
            ("{a: 1}", 1),
            ("[1}", 2),
            ("[1,]", 3),
            ("tru", 3),
            ("trxe", 2),
            ("1 2", 2),
            ("01", 1),
            ("1.", 2),
            ("-", 1),
            ("\"a\nb\"", 2),
            (r#""\u12x4""#, 5),
            (r#""\q""#, 2),
        ];
        for (text, at) in faults {
            assert_eq!(place(text), Some(at), "{text}");
        }
    }

    #[test]
    fn a_text_may_be_deeper_than_the_stack() {
        let depth = 1_000_000;
        assert_eq!(place(&("[".repeat(depth) + &"]".repeat(depth))), None);
        assert_eq!(place(&"{\"a\":".repeat(depth)), Some(5 * depth));
    }

    #[test]
    fn a_member_is_a_string_or_a_number_of_the_object_itself() {
        let body = br#" {"list": [{"next": 1}], "next" : 2, "n\u0065xt": 18446744073709551616, "at": "a\/\ud83d\ude00",
            "half": "\ud83d", "flag": true, "last": {}} "#;
        let of = |name| member(body, name);
        // Beyond what a float holds, and not rounded.
        assert_eq!(of("next").as_deref(), Some("18446744073709551616"));
        assert_eq!(of("at").as_deref(), Some("a/😀"));
        for name in ["half", "flag", "last", "list", "other"] {
            assert_eq!(of(name), None, "{name}");
        }
        assert_eq!(member(b"{}", "next"), None);
        assert_eq!(member(b"[\"next\", 1]", "next"), None);
        assert_eq!(member(b"{\"next\": 1", "next"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_json_is_so_by_serde_too(text in r#"[\[\]{}:,"\\ue0-1.tr fanls-]{0,12}"#) {
            let judged = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            proptest::prop_assert_eq!(check(text.as_bytes()).is_ok(), judged);
        }
    }
}
