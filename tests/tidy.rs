//! The repository's own rules. Each test shows first that its rule catches what breaks it, then that nothing here does.
#![cfg(not(target_arch = "wasm32"))]

#[path = "tidy/rules.rs"]
mod rules;

use rules::{LONGEST_FILE, UNFINISHED, ban, is_document, is_library, is_pure, repository};

#[test]
fn layers_point_down() {
    let broken = [
        ("src/proto/url.rs", "use crate::browser::timer::Timer;"),
        ("src/browser/timer.rs", "fn f(request: &crate::transport::http::Request) {}"),
        ("src/browser/mod.rs", "use super::transport::xhr;"),
        ("src/transport/xhr.rs", "pub use crate::channel::Channel;"),
        ("src/error.rs", "use crate::browser::value::Thrown;"),
        // What lib.rs hands out is a layer by another name.
        ("src/proto/url.rs", "use crate::http::Request;"),
        ("src/proto/url.rs", "use crate::{browser::timer::Timer};"),
        ("src/proto/url.rs", "use crate::*;"),
    ];
    let sound = [
        ("src/proto/lines.rs", "use crate::proto::utf8::InvalidUtf8;\npub(crate) use crate::error::Phase;"),
        ("src/transport/xhr.rs", "use crate::browser::queue::Queue;\nuse crate::proto::{charset, url};"),
        ("src/channel/driver.rs", "use crate::transport::sse;"),
        ("src/browser/timer.rs", "//! Used by `crate::transport`.\nfn f() {} // not crate::transport"),
        ("src/lib.rs", "pub use crate::transport::http;"),
        ("xtask/src/main.rs", "use crate::{engine, tools};"),
    ];
    check(rules::layers, &broken, &sound);
}

#[test]
fn the_pure_layer_names_no_browser_crate() {
    let broken =
        [("src/proto/url.rs", "use js_sys::Array;"), ("src/proto/url.rs", "fn f(_: web_sys::Url) {}")];
    let sound =
        [("src/proto/url.rs", "//! Not with web_sys."), ("src/browser/value.rs", "use js_sys::Array;")];
    let crates = &["js_sys", "wasm_bindgen", "wasm_bindgen_futures", "web_sys"];
    check(ban(is_pure, crates, "proto is pure: it names no browser crate"), &broken, &sound);
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
    let advice = "it panics in wasm: take the time as an argument, or from browser::clock";
    check(ban(is_library, &["Instant", "SystemTime"], advice), &broken, &sound);
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
    let scope = |path: &str| is_library(path) && !path.starts_with("src/browser/");
    check(ban(scope, &["Closure"], "only src/browser makes one: use its Listener"), &broken, &sound);
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
    let leaks = &["forget(", "mem::forget", "into_js_value", "once_into_js"];
    check(ban(is_library, leaks, "it leaks: give it an owner"), &broken, &sound);
}

#[test]
fn no_file_is_too_long_to_read() {
    let (most, more) = ("x\n".repeat(LONGEST_FILE), "x\n".repeat(LONGEST_FILE + 1));
    let broken =
        ["src/a.rs", "js/src/b.rs", "server/src/c.rs", "xtask/src/d.rs", "tests/web/e.rs", "www/f.js"];
    let documented = format!("/// x\n{most}");
    let sound = [
        ("src/a.rs", most.as_str()),
        ("src/b.rs", &documented),
        ("README.md", &more),
        ("www/index.html", &more),
        ("tests/vectors/a.json", &more),
    ];
    check(rules::lengths, &broken.map(|path| (path, more.as_str())), &sound);
}

#[test]
fn every_public_item_shows_an_example() {
    let broken = [
        ("src/a.rs", "/// What it is.\npub fn f() {}"),
        ("src/a.rs", "pub async fn f() {}"),
        ("src/a.rs", "impl A {\n    /// What it is.\n    #[must_use]\n    pub const fn f() {}\n}"),
        ("src/a/b.rs", "/// ```\n/// f();\n/// ```\nfn f() {}\n\n/// What it is.\npub struct A;"),
        ("src/a/b.rs", "/// ```\n/// f();\n/// ```\npub fn f() {}\npub type A = u8;"),
    ];
    let sound = [
        (
            "src/a.rs",
            "/// What it is.\n///\n/// ```\n/// f();\n/// ```\n#[must_use]\n#[inline]\npub fn f() {}",
        ),
        ("src/a.rs", "/// ```no_run\n/// A::B;\n/// ```\npub enum A {\n    /// What it is.\n    B,\n}"),
        ("src/a.rs", "/// What it is.\npub(crate) fn f() {}\npub mod a;\npub use a::B;"),
        ("server/src/a.rs", "/// What it is.\npub fn f() {}"),
    ];
    check(rules::examples, &broken, &sound);
}

#[test]
fn every_file_starts_with_what_it_is_for() {
    let broken = [
        ("src/a.rs", "use std::fmt;\n//! Late."),
        ("src/a.rs", "//!\n//! On the second line."),
        ("src/a.rs", "mod a; //! Not first."),
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
    check(rules::openings, &broken, &sound);
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let broken = [
        ("js/Cargo.toml", "[package]\nname = \"a\""),
        ("js/Cargo.toml", "[package]\n[lints]\n[dependencies]\nworkspace = true"),
    ];
    let sound = [
        ("js/Cargo.toml", "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"),
        ("Cargo.toml", "[workspace]\nmembers = []"),
        (".cargo/config.toml", "[alias]"),
    ];
    check(rules::lints, &broken, &sound);
}

#[test]
fn nothing_is_left_for_later() {
    let lines = UNFINISHED.map(|word| format!("fn f() {{}} // {word} more"));
    let in_code = lines.iter().map(|line| ("src/a.rs", line.as_str()));
    let elsewhere = [("README.md", UNFINISHED[0]), ("www/a.js", UNFINISHED[1])];
    let broken: Vec<_> = in_code.chain(elsewhere).collect();
    let sound = [("src/a.rs", "let todos = MASTODON; // todo list"), ("Cargo.lock", UNFINISHED[0])];
    check(rules::unfinished, &broken, &sound);
}

#[test]
fn documents_name_no_path_of_somebody_s_machine() {
    let broken = [
        ("README.md", "Run `/home/me/pagewire/run`."),
        ("docs/guide.md", "see file:///Users/me/a"),
        ("docs/guide.md", "(/var/lib/a)"),
        ("docs/guide.md", r"C:\Users\me"),
    ];
    let sound = [("README.md", "http://127.0.0.1:4600/home/ and src/var/a"), ("src/a.rs", "/var/lib/a")];
    let folders =
        ["home", "mnt", "opt", "root", "tmp", "var", "work", "Users"].map(|folder| format!("/{folder}/"));
    let local: Vec<_> = folders.iter().map(String::as_str).chain([r"C:\"]).collect();
    check(ban(is_document, &local, "a path of one machine"), &broken, &sound);
}

#[test]
fn the_rules_see_every_part_of_the_repository() {
    let files = repository();
    let has =
        |start: &str, end: &str| files.iter().any(|(path, _)| path.starts_with(start) && path.ends_with(end));
    for start in
        ["src/proto/", "src/browser/", "src/transport/", "js/src/", "server/src/", "xtask/src/", "tests/"]
    {
        assert!(has(start, ".rs"), "no file of {start} was read");
    }
    assert!(has("README", ".md") && has("js/", "Cargo.toml") && has(".cargo/", ".toml"));
    assert!(!has("target/", "") && !has(".git/", ""));
}

/// A rule takes the path and the text of a file and gives a line for each fault.
#[track_caller]
fn check(rule: impl Fn(&str, &str) -> Vec<String>, broken: &[(&str, &str)], sound: &[(&str, &str)]) {
    for (path, text) in broken {
        assert!(!rule(path, text).is_empty(), "not caught: {path}: {text}");
    }
    for (path, text) in sound {
        assert_eq!(rule(path, text), [""; 0], "caught for nothing: {path}: {text}");
    }
    let files = repository();
    let faults: Vec<_> = files.iter().flat_map(|(path, text)| rule(path, text)).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
