//! What the repository's rules are: each takes the path and the text of a file and gives a line for each fault.

use std::fs;
use std::path::Path;

/// From the ground up: each layer of `src` may use itself, those before it, and `error`.
const LAYERS: [&str; 4] = ["proto", "browser", "transport", "channel"];

pub(crate) const LONGEST_FILE: usize = 400;

pub(crate) fn layers(path: &str, text: &str) -> Vec<String> {
    let Some((own, _)) = path.strip_prefix("src/").and_then(|path| path.split_once(['/', '.'])) else {
        return vec![];
    };
    let below = match LAYERS.iter().position(|layer| *layer == own) {
        Some(level) => &LAYERS[..=level],
        None if own == "error" => &LAYERS[..1],
        None => return vec![],
    };
    let may_use = |name: &str| name == "error" || below.contains(&name);
    faults(path, code(text), |line| {
        let wrong_crate = names_after(line, "crate::").find(|name| !may_use(name));
        let wrong_super = names_after(line, "super::").find(|name| LAYERS.contains(name) && !may_use(name));
        let name = wrong_crate.or(wrong_super)?;
        let may = below.join(", ");
        Some(format!("may use {may} and error, one to a `use`, not {name:?}"))
    })
}

pub(crate) fn lengths(path: &str, text: &str) -> Vec<String> {
    // Documentation is not counted: each public item has its example, and no file is harder to follow for it.
    let lines = text.lines().filter(|line| !is_documentation(line)).count();
    // A page is one document, section after section.
    if !is_source(path) || path.ends_with(".html") || lines <= LONGEST_FILE {
        return vec![];
    }
    vec![format!("{path}: {lines} lines; {LONGEST_FILE} at most: split it")]
}

/// What a user of the crate can name begins like this: the lint `unreachable_pub` sees to the rest.
const PUBLIC: [&str; 7] =
    ["pub fn ", "pub const fn ", "pub async fn ", "pub struct ", "pub enum ", "pub trait ", "pub type "];

/// The rule that the documentation of each public item of the library has an example.
pub(crate) fn examples(path: &str, text: &str) -> Vec<String> {
    if !path.starts_with("src/") {
        return vec![];
    }
    let (mut in_documentation, mut has_example) = (false, false);
    let lines = text.lines().enumerate().filter_map(|(at, line)| {
        if is_documentation(line) {
            has_example = (in_documentation && has_example) || line.contains("```");
            in_documentation = true;
            return None;
        }
        // Attributes may stand between the documentation and its item.
        in_documentation = false;
        let is_public = PUBLIC.iter().any(|start| line.trim_start().starts_with(start));
        if !is_public || std::mem::take(&mut has_example) {
            return None;
        }
        Some(format!("{path}:{}: show an example in its documentation", at + 1))
    });
    lines.collect()
}

fn is_documentation(line: &str) -> bool {
    line.trim_start().starts_with("///")
}

pub(crate) fn openings(path: &str, text: &str) -> Vec<String> {
    let openings: &[&str] = match path.rsplit('.').next() {
        Some("rs") => &["//! "],
        Some("js" | "mjs" | "ts") => &["//", "/*"],
        Some("css") => &["/*"],
        Some("html") => &["<!doctype html", "<!--"],
        _ => return vec![],
    };
    let start = text.lines().next().unwrap_or("").to_ascii_lowercase();
    if openings.iter().any(|opening| start.starts_with(opening)) {
        return vec![];
    }
    let openings = openings.join(" or ");
    vec![format!("{path}:1: start with {openings} and what the file is for")]
}

pub(crate) fn lints(path: &str, text: &str) -> Vec<String> {
    let is_package = path.ends_with("Cargo.toml") && text.contains("[package]");
    if !is_package || text.contains("[lints]\nworkspace = true") {
        return vec![];
    }
    vec![format!("{path}: add `[lints]` with `workspace = true`")]
}

/// Spelt so that this file does not break the rule itself.
pub(crate) const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];

pub(crate) fn unfinished(path: &str, text: &str) -> Vec<String> {
    if !is_source(path) && !is_document(path) {
        return vec![];
    }
    faults(path, text.lines(), |line| {
        let word = UNFINISHED.iter().find(|word| has_word(line, word))?;
        Some(format!("{word}: finish it, or leave it out"))
    })
}

/// The rule that no line of the files in `scope` has one of `words`, comments apart.
pub(crate) fn ban(
    scope: fn(&str) -> bool,
    words: &[&str],
    advice: &str,
) -> impl Fn(&str, &str) -> Vec<String> {
    move |path, text| {
        if !scope(path) {
            return vec![];
        }
        faults(path, code(text), |line| {
            let word = words.iter().find(|word| has_word(line, word))?;
            Some(format!("{word}: {advice}"))
        })
    }
}

fn faults<'a>(
    path: &str,
    lines: impl Iterator<Item = &'a str>,
    fault: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let with_place = |(at, line)| fault(line).map(|fault| format!("{path}:{}: {fault}", at + 1));
    lines.enumerate().filter_map(with_place).collect()
}

/// The lines without their comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| {
        let is_comment = line.trim_start().starts_with("//");
        line.split(" //").next().filter(|_| !is_comment).unwrap_or("")
    })
}

/// The names that follow `prefix` in `line`; a name is empty where something else follows, such as `{` or `*`.
fn names_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(prefix).map(move |(at, _)| {
        let rest = &line[at + prefix.len()..];
        rest.split(|c| !is_word_char(c)).next().unwrap_or("")
    })
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        // A mark at the end of the word, as in `forget(`, ends it by itself.
        let is_whole = !word.ends_with(is_word_char) || !after.starts_with(is_word_char);
        is_whole && !before.ends_with(is_word_char)
    })
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What is compiled to wasm.
pub(crate) fn is_library(path: &str) -> bool {
    path.starts_with("src/") || path.starts_with("js/src/")
}

pub(crate) fn is_pure(path: &str) -> bool {
    path.starts_with("src/proto/")
}

pub(crate) fn is_document(path: &str) -> bool {
    path.ends_with(".md")
}

fn is_source(path: &str) -> bool {
    matches!(path.rsplit('.').next(), Some("rs" | "js" | "mjs" | "ts" | "css" | "html"))
}

/// Every text file of the repository but what is built: its path, with `/`, and its text.
pub(crate) fn repository() -> Vec<(String, String)> {
    let mut files = Vec::new();
    read_into(&mut files, Path::new(env!("CARGO_MANIFEST_DIR")), "");
    files
}

fn read_into(files: &mut Vec<(String, String)>, folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if ["target", ".git", "node_modules", "pkg"].contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.path().is_dir() {
            read_into(files, &entry.path(), &format!("{path}/"));
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push((path, text));
        }
    }
}
