//! The repository's own rules. Each test shows first that its rule catches what breaks it, then that nothing here does.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::Path;

/// What is wrong with the file of this path and text, a line for each fault.
type Rule = fn(path: &str, text: &str) -> Vec<String>;

/// From the ground up: each layer of `src` may use itself, those before it, and `error`.
const LAYERS: [&str; 4] = ["proto", "browser", "transport", "channel"];

const BROWSER_CRATES: [&str; 5] = [
    "gloo_timers",
    "js_sys",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "web_sys",
];

const LONGEST_FILE: usize = 400;

#[test]
fn layers_point_down() {
    let broken = [
        ("src/proto/url.rs", "use crate::browser::timer::Timer;"),
        (
            "src/browser/timer.rs",
            "fn f(request: &crate::transport::http::Request) {}",
        ),
        ("src/browser/mod.rs", "use super::transport::xhr;"),
        ("src/transport/xhr.rs", "pub use crate::channel::Channel;"),
        ("src/error.rs", "use crate::browser::value::Thrown;"),
        // What lib.rs hands out is a layer by another name.
        ("src/proto/url.rs", "use crate::http::Request;"),
        ("src/proto/url.rs", "use crate::{browser::timer::Timer};"),
        ("src/proto/url.rs", "use crate::*;"),
    ];
    let sound = [
        (
            "src/proto/lines.rs",
            "use crate::proto::utf8::InvalidUtf8;\npub(crate) use crate::error::Phase;",
        ),
        (
            "src/transport/xhr.rs",
            "use crate::browser::queue::Queue;\nuse crate::proto::{charset, url};",
        ),
        ("src/channel/driver.rs", "use crate::transport::sse;"),
        (
            "src/browser/timer.rs",
            "//! Used by `crate::transport`.\nfn f() {} // not crate::transport",
        ),
        ("src/lib.rs", "pub use crate::transport::http;"),
        ("xtask/src/main.rs", "use crate::{engine, tools};"),
    ];
    check(layers, &broken, &sound);
}

#[test]
fn the_pure_layer_names_no_browser_crate() {
    let broken = [
        ("src/proto/url.rs", "use js_sys::Array;"),
        ("src/proto/url.rs", "fn f(_: web_sys::Url) {}"),
    ];
    let sound = [
        ("src/proto/url.rs", "//! Not with web_sys."),
        ("src/browser/value.rs", "use js_sys::Array;"),
    ];
    check(pure, &broken, &sound);
}

#[test]
fn the_library_never_asks_the_clock_that_wasm_does_not_have() {
    let broken = [
        ("src/browser/clock.rs", "use std::time::{Duration, Instant};"),
        ("src/proto/backoff.rs", "std::time::SystemTime::now()"),
        ("js/src/lib.rs", "let now = Instant::now();"),
    ];
    let sound = [
        ("src/proto/delay.rs", "fn Instantly() {} // no Instant"),
        ("server/src/record.rs", "Instant::now()"),
    ];
    check(clocks, &broken, &sound);
}

#[test]
fn closures_are_made_in_the_browser_layer_alone() {
    let broken = [
        ("src/transport/xhr.rs", "use wasm_bindgen::prelude::Closure;"),
        ("src/proto/url.rs", "let f = Closure::new(f);"),
        ("js/src/http.rs", "wasm_bindgen::closure::Closure::new(f)"),
    ];
    let sound = [
        ("src/browser/listener.rs", "callback: Closure<dyn Fn(Event)>,"),
        ("src/lib.rs", "/// A `Closure`.\nEnclosure"),
    ];
    check(closures, &broken, &sound);
}

#[test]
fn nothing_is_leaked_on_purpose() {
    let broken = [
        ("src/browser/listener.rs", "callback.forget();"),
        ("src/browser/timer.rs", "handles.for_each(std::mem::forget);"),
        ("js/src/lib.rs", "closure.into_js_value()"),
        ("js/src/lib.rs", "Closure::once_into_js(f)"),
    ];
    let sound = [
        ("src/browser/timer.rs", "// never forget()\nlet forgetful = 1;"),
        ("server/src/lib.rs", "forget(x)"),
    ];
    check(leaks, &broken, &sound);
}

#[test]
fn no_file_is_too_long_to_read() {
    let (most, more) = ("x\n".repeat(LONGEST_FILE), "x\n".repeat(LONGEST_FILE + 1));
    let broken = [
        "src/a.rs",
        "js/src/b.rs",
        "server/src/c.rs",
        "xtask/src/d.rs",
        "tests/web/e.rs",
        "www/f.js",
    ];
    let sound = [
        ("src/a.rs", most.as_str()),
        ("README.md", &more),
        ("tests/vectors/a.json", &more),
    ];
    check(lengths, &broken.map(|path| (path, more.as_str())), &sound);
}

#[test]
fn every_file_starts_with_what_it_is_for() {
    let broken = [
        ("src/a.rs", "use std::fmt;\n//! Late."),
        ("src/a.rs", "//!\n//! On the second line."),
        ("tests/web/a.rs", ""),
        ("www/a.js", "import x from 'y';"),
        ("www/a.css", "body {}"),
        ("www/a.html", "<html>"),
    ];
    let sound = [
        ("src/a.rs", "//! What it is for.\n"),
        ("www/a.js", "// What it is for."),
        ("www/a.css", "/* What it is for. */"),
        ("www/a.html", "<!doctype html>"),
        ("www/a.html", "<!DOCTYPE html>"),
        ("README.md", "# Title"),
    ];
    check(openings, &broken, &sound);
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let broken = [
        ("js/Cargo.toml", "[package]\nname = \"a\""),
        (
            "js/Cargo.toml",
            "[package]\n[lints]\n[dependencies]\nworkspace = true",
        ),
    ];
    let sound = [
        (
            "js/Cargo.toml",
            "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n",
        ),
        ("Cargo.toml", "[workspace]\nmembers = []"),
        (".cargo/config.toml", "[alias]"),
    ];
    check(lints, &broken, &sound);
}

#[test]
fn nothing_is_left_for_later() {
    let lines = UNFINISHED.map(|word| format!("fn f() {{}} // {word} more"));
    let broken: Vec<_> = lines.iter().map(|line| ("src/a.rs", line.as_str())).collect();
    check(
        unfinished,
        &broken,
        &[
            ("src/a.rs", "let todos = MASTODON; // todo list"),
            ("Cargo.toml", UNFINISHED[0]),
        ],
    );
    check(
        unfinished,
        &[("README.md", UNFINISHED[0]), ("www/a.js", UNFINISHED[1])],
        &[],
    );
}

#[test]
fn documents_name_no_path_of_somebody_s_machine() {
    let broken = [
        ("README.md", "Run `/home/me/pagewire/run`."),
        ("docs/guide.md", "see file:///Users/me/a"),
        ("docs/guide.md", "(/tmp/a)"),
        ("ARCHITECTURE.md", "/root/.cargo/bin"),
        ("docs/guide.md", r"C:\Users\me"),
    ];
    let sound = [
        ("README.md", "http://127.0.0.1:4600/home/ and src/tmp/a, ~/.cargo"),
        ("src/a.rs", "/tmp/a"),
    ];
    check(local_paths, &broken, &sound);
}

#[test]
fn the_rules_see_every_part_of_the_repository() {
    let files = repository();
    for path in [
        "src/lib.rs",
        "src/proto/url.rs",
        "js/src/lib.rs",
        "js/Cargo.toml",
        "xtask/src/main.rs",
        "README.md",
    ] {
        assert!(files.iter().any(|(seen, _)| seen == path), "{path} was not read");
    }
    assert!(
        files
            .iter()
            .any(|(path, text)| path == "tests/tidy.rs" && text.starts_with("//! The repository's own"))
    );
    assert!(
        !files
            .iter()
            .any(|(path, _)| path.starts_with("target/") || path.starts_with(".git/"))
    );
}

#[track_caller]
fn check(rule: Rule, broken: &[(&str, &str)], sound: &[(&str, &str)]) {
    for (path, text) in broken {
        assert!(!rule(path, text).is_empty(), "not caught: {path}: {text}");
    }
    for (path, text) in sound {
        assert_eq!(rule(path, text), [""; 0], "caught for nothing: {path}: {text}");
    }
    let faults: Vec<_> = repository()
        .iter()
        .flat_map(|(path, text)| rule(path, text))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn layers(path: &str, text: &str) -> Vec<String> {
    let Some(own) = path
        .strip_prefix("src/")
        .and_then(|path| path.split(['/', '.']).next())
    else {
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
        Some(format!(
            "{own} may use {} and error, one to a `use`, not {name:?}",
            below.join(", ")
        ))
    })
}

fn pure(path: &str, text: &str) -> Vec<String> {
    let scope = path.starts_with("src/proto/");
    forbid(
        scope,
        path,
        text,
        &BROWSER_CRATES,
        "proto is pure: it names no browser crate",
    )
}

fn clocks(path: &str, text: &str) -> Vec<String> {
    let advice = "it panics in wasm: take the time as an argument, or from browser::clock";
    forbid(is_library(path), path, text, &["Instant", "SystemTime"], advice)
}

fn closures(path: &str, text: &str) -> Vec<String> {
    let scope = is_library(path) && !path.starts_with("src/browser/");
    forbid(
        scope,
        path,
        text,
        &["Closure"],
        "only src/browser makes one: use its Listener or Timer",
    )
}

fn leaks(path: &str, text: &str) -> Vec<String> {
    let leaks = ["forget(", "mem::forget", "into_js_value", "once_into_js"];
    forbid(is_library(path), path, text, &leaks, "it leaks: give it an owner")
}

fn lengths(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let is_too_long = is_source(path) && lines > LONGEST_FILE;
    is_too_long
        .then(|| format!("{path}: {lines} lines; {LONGEST_FILE} at most: split it"))
        .into_iter()
        .collect()
}

fn openings(path: &str, text: &str) -> Vec<String> {
    let openings: &[&str] = match path.rsplit('.').next() {
        Some("rs") => &["//! "],
        Some("js" | "mjs" | "ts") => &["//", "/*"],
        Some("css") => &["/*"],
        Some("html") => &["<!doctype html", "<!--"],
        _ => return vec![],
    };
    let start = text.lines().next().unwrap_or("").to_ascii_lowercase();
    let is_open = openings.iter().any(|opening| start.starts_with(opening));
    let fault = format!(
        "{path}:1: start with {} and what the file is for",
        openings.join(" or ")
    );
    if is_open { vec![] } else { vec![fault] }
}

fn lints(path: &str, text: &str) -> Vec<String> {
    let is_package = path.ends_with("Cargo.toml") && text.contains("[package]");
    let is_sound = !is_package || text.contains("[lints]\nworkspace = true");
    if is_sound {
        vec![]
    } else {
        vec![format!("{path}: add `[lints]` with `workspace = true`")]
    }
}

/// Spelt so that this file does not break the rule itself.
const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
];

fn unfinished(path: &str, text: &str) -> Vec<String> {
    if !is_source(path) && !path.ends_with(".md") {
        return vec![];
    }
    faults(path, text.lines(), |line| {
        let word = UNFINISHED.iter().find(|word| has_word(line, word))?;
        Some(format!("{word}: finish it, or leave it out"))
    })
}

fn local_paths(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with(".md") {
        return vec![];
    }
    let local = ["/home/", "/root/", "/tmp/", "/work/", "/Users/", r"C:\"];
    faults(path, text.lines(), |line| {
        let is_start = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || "~.-_".contains(c));
        let is_local = |root: &str| line.match_indices(root).any(|(at, _)| is_start(&line[..at]));
        local
            .into_iter()
            .find(|root| is_local(root))
            .map(|root| format!("{root} is a path of one machine"))
    })
}

fn forbid(scope: bool, path: &str, text: &str, words: &[&str], advice: &str) -> Vec<String> {
    if !scope {
        return vec![];
    }
    faults(path, code(text), |line| {
        let word = words.iter().find(|word| has_word(line, word))?;
        Some(format!("{word}: {advice}"))
    })
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
        if is_comment {
            ""
        } else {
            line.split(" //").next().unwrap_or(line)
        }
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
        // A mark at the end of the word, as in `todo!`, ends it by itself.
        let is_whole = !word.ends_with(is_word_char) || !after.starts_with(is_word_char);
        is_whole && !before.ends_with(is_word_char)
    })
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What is compiled to wasm.
fn is_library(path: &str) -> bool {
    path.starts_with("src/") || path.starts_with("js/src/")
}

fn is_source(path: &str) -> bool {
    [".rs", ".js", ".mjs", ".ts", ".css", ".html"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// Every text file of the repository but what is built: its path, with `/`, and its text.
fn repository() -> Vec<(String, String)> {
    let mut files = Vec::new();
    read_into(&mut files, Path::new(env!("CARGO_MANIFEST_DIR")), "");
    files
}

fn read_into(files: &mut Vec<(String, String)>, folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if ["target", ".git", "node_modules", "www/pkg"].contains(&path.as_str()) {
            continue;
        }
        if entry.path().is_dir() {
            read_into(files, &entry.path(), &format!("{path}/"));
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push((path, text));
        }
    }
}
