//! MIME types as the MIME Sniffing Standard parses them: <https://mimesniff.spec.whatwg.org/#parsing-a-mime-type>.

use std::fmt;

use crate::proto::headers::is_token;

/// A parsed MIME type: names in lower case, the first of each parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mime {
    essence: String,
    parameters: Vec<(String, String)>,
}

impl Mime {
    /// `None` for what the standard calls failure.
    pub(crate) fn parse(text: &str) -> Option<Mime> {
        let text = text.trim_matches(is_whitespace);
        let (kind, rest) = text.split_once('/')?;
        let (subtype, mut rest) = split_at(rest, |c| c == ';');
        let subtype = subtype.trim_end_matches(is_whitespace);
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters = Vec::new();
        while let Some(text) = rest.strip_prefix(';') {
            let (parameter, after) = split_parameter(text.trim_start_matches(is_whitespace));
            rest = after;
            if let Some((name, value)) = parameter
                && !parameters.iter().any(|(known, _)| *known == name)
            {
                parameters.push((name, value));
            }
        }
        Some(Mime { essence: format!("{kind}/{subtype}").to_ascii_lowercase(), parameters })
    }

    /// The type and subtype, in lower case.
    pub(crate) fn essence(&self) -> &str {
        &self.essence
    }

    /// Gives an existing parameter another value; says whether there is one.
    pub(crate) fn replace(&mut self, name: &str, value: &str) -> bool {
        let known = self.parameters.iter_mut().find(|(known, _)| known == name);
        match known {
            Some((_, old)) if !old.eq_ignore_ascii_case(value) => {
                value.clone_into(old);
                true
            }
            _ => false,
        }
    }
}

impl fmt::Display for Mime {
    /// <https://mimesniff.spec.whatwg.org/#serializing-a-mime-type>
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.essence)?;
        for (name, value) in &self.parameters {
            if is_token(value) {
                write!(f, ";{name}={value}")?;
            } else {
                write!(f, ";{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
            }
        }
        Ok(())
    }
}

/// One parameter, if it is a valid one, and the text from the next `;` on.
fn split_parameter(text: &str) -> (Option<(String, String)>, &str) {
    let (name, rest) = split_at(text, |c| c == ';' || c == '=');
    let Some(value) = rest.strip_prefix('=') else {
        return (None, rest);
    };
    let (value, rest) = match value.strip_prefix('"') {
        Some(quoted) => {
            let (value, rest) = unquote(quoted);
            (value, split_at(rest, |c| c == ';').1)
        }
        None => {
            let (value, rest) = split_at(value, |c| c == ';');
            let value = value.trim_end_matches(is_whitespace);
            if value.is_empty() {
                return (None, rest);
            }
            (value.to_owned(), rest)
        }
    };
    // HTTP quoted-string token code points: tab, space to tilde, U+0080 to U+00FF.
    let is_valid =
        is_token(name) && value.chars().all(|c| matches!(c, '\t' | ' '..='~' | '\u{80}'..='\u{ff}'));
    (is_valid.then(|| (name.to_ascii_lowercase(), value)), rest)
}

/// What is left of a quoted string after its first quote: its value, and what follows the last one.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(chars.next().map_or('\\', |(_, escaped)| escaped)),
            c => value.push(c),
        }
    }
    (value, "")
}

/// Splits before the first character that `ends`.
fn split_at(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn is_whitespace(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Mime::parse(text).map(|mime| mime.to_string()).unwrap_or_default(), expected, "{text:?}");
    }

    #[test]
    fn the_standards_form_comes_out() {
        check(" Text/PLAIN ; Charset = x", "text/plain");
        check("text/plain;charset=UTF-8", "text/plain;charset=UTF-8");
        check("text/plain; charset=\"a b\"; CHARSET=c;x=\"y\"", "text/plain;charset=\"a b\";x=y");
        check("a/b;x=\"1\\\"2\\", "a/b;x=\"1\\\"2\\\\\"");
        check("a/b;x=\"\";y=;;z", "a/b;x=\"\"");
        check("a/b;x=\"1\"junk;y=2", "a/b;x=1;y=2");
    }

    #[test]
    fn what_is_no_type_fails() {
        for text in ["", "text", "/plain", "text/", "te xt/plain", "text/plain, text/html", "text/pl@in"] {
            check(text, "");
        }
    }

    #[test]
    fn only_a_parameter_that_is_there_and_differs_is_replaced() {
        let replaced = |text| Mime::parse(text).is_some_and(|mut mime| mime.replace("charset", "UTF-8"));
        assert!(replaced("a/b;charset=latin1"));
        assert!(!replaced("a/b;charset=utf-8"));
        assert!(!replaced("a/b"));
    }
}
