//! Streams over XMLHttpRequest, at ready state 3: what is different from `fetch`, and what is not.

use std::cell::Cell;
use std::fmt::Write;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use pagewire::stream::{self, Xhr};
use pagewire::{Error, ErrorKind, Phase, Result, http};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, engine};
use crate::shared::{Entry, Wire, sleep, within};

/// The path of a body of these pieces, one every 120 ms, so that a browser shows them one by one, of a type that no browser
/// sniffs, and what else the query says.
fn pieces(pieces: &[&[u8]], rest: &str) -> String {
    let mut path = format!("/pieces?every=120&type=application/x-ndjson{rest}");
    for piece in pieces {
        path.push_str("&hex=");
        for byte in *piece {
            write!(path, "{byte:02x}").unwrap();
        }
    }
    path
}

async fn all<T>(stream: impl Stream<Item = Result<T>>) -> (Vec<T>, Option<Error>) {
    let items: Vec<_> = within(20_000, stream.collect::<Vec<_>>()).await.expect("a stream must end");
    let (mut good, mut bad) = (Vec::new(), None);
    for item in items {
        assert!(bad.is_none(), "an error is the last item");
        match item {
            Ok(item) => good.push(item),
            Err(error) => bad = Some(error),
        }
    }
    (good, bad)
}

/// Everything, and no error.
async fn whole<T>(stream: impl Stream<Item = Result<T>>) -> Vec<T> {
    let (items, error) = all(stream).await;
    assert!(error.is_none(), "{error:?}");
    items
}

/// The query parameter `name` of each request that is no preflight.
fn parameters(entries: &[Entry], name: &str) -> Vec<Option<String>> {
    let of = |entry: &Entry| {
        let mut pairs = entry.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    entries.iter().filter(|entry| entry.method != "OPTIONS").map(of).collect()
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[wasm_bindgen_test]
async fn a_line_is_here_before_the_response_is_over() {
    let wire = Wire::new().await;
    let mut lines = stream::lines(wire.url("/lines?count=3&every=1500")).over_xhr(Xhr::new());
    let first = within(1400, async { (lines.next().await, wire.entries().await) });
    let (first, entries) = first.await.expect("the first line must not wait for the second");
    assert_eq!(first.unwrap().unwrap(), "line 1");
    assert!(entries[0].ended.is_none());
    // By an XMLHttpRequest: `fetch` would have bypassed the cache, and said so.
    assert_eq!(entries[0].header("cache-control"), None);
    drop(lines);
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn every_byte_comes_as_it_was_sent() {
    let wire = Wire::new().await;
    let all: Vec<u8> = (0..=255).collect();
    let body = pieces(&[&all[..100], &all[100..], b"\xEF\xBB\xBF\xFE\xFF"], "");
    let body = body.replace("&type=application/x-ndjson", "");
    for kind in ["application/octet-stream", "text/plain;charset=utf-16", "application/json"] {
        let url = wire.url(&format!("{body}&type={kind}"));
        let bytes = whole(stream::bytes(url).over_xhr(Xhr::new())).await.concat();
        assert_eq!(bytes, [&all[..], b"\xEF\xBB\xBF\xFE\xFF"].concat(), "{kind}");
    }
}

#[wasm_bindgen_test]
async fn a_body_that_begins_with_a_byte_order_mark_is_refused_and_not_misread() {
    let wire = Wire::new().await;
    for mark in [&b"\xEF\xBB\xBF"[..], b"\xFE\xFF", b"\xFF\xFE"] {
        let url = wire.url(&pieces(&[mark, b"a\xC3\xA9b\n"], ""));
        let (_, error) = all(stream::lines(url).over_xhr(Xhr::new())).await;
        assert!(error.as_ref().is_some_and(Error::is_decode), "{error:?}");
    }
}

#[wasm_bindgen_test]
async fn every_reader_stands_on_it() {
    let wire = Wire::new().await;
    let over = Xhr::new;
    let cut = wire.url(&pieces(&[b"a\xF0\x9F", b"\x98\x80b"], ""));
    assert_eq!(whole(stream::text(cut).over_xhr(over())).await.concat(), "a\u{1F600}b");
    let lines = wire.url(&pieces(&[b"one\r", b"\ntw", b"o\rthree"], ""));
    assert_eq!(whole(stream::lines(lines).over_xhr(over())).await, ["one", "two", "three"]);
    let values = wire.url(&pieces(&[b"[1,", b"2]\n[3]"], ""));
    assert_eq!(whole(stream::ndjson::<Vec<u8>>(values).over_xhr(over())).await, [vec![1, 2], vec![3]]);
    let frames = wire.url(&pieces(&[b"\0\0\0\x02\xFF", b"\x80\0\0\0\0"], ""));
    assert_eq!(whole(stream::frames(frames).over_xhr(over())).await, [&b"\xFF\x80"[..], b""]);
    let bad = wire.url(&pieces(&[b"ab\n", b"c\xFFd"], ""));
    let (lines, error) = all(stream::lines(bad).strict().over_xhr(over())).await;
    assert_eq!((lines, error.unwrap().offset()), (vec!["ab".to_owned()], Some(4)));
}

#[wasm_bindgen_test]
async fn a_null_body_and_an_empty_one_are_empty_streams() {
    let wire = Wire::new().await;
    for path in ["/status/204", "/status/200", "/bytes/0?length=no"] {
        assert!(whole(stream::bytes(wire.url(path)).over_xhr(Xhr::new())).await.is_empty(), "{path}");
    }
}

#[wasm_bindgen_test]
async fn an_error_status_is_an_error_and_closes_the_connection() {
    let wire = Wire::new().await;
    let (lines, error) = all(stream::lines(wire.url("/status/503?text=busy")).over_xhr(Xhr::new())).await;
    assert_eq!((lines.len(), error.unwrap().status()), (0, Some(503)));
}

/// Chromium may sniff a text without `nosniff`, and shows nothing before its 1024th byte; the others show it at once.
#[wasm_bindgen_test]
async fn in_chromium_a_text_that_may_be_sniffed_is_held_back_and_fetch_is_not() {
    let held = async |rest: &str, over_xhr: bool| {
        let wire = Wire::new().await;
        let lines = stream::lines(wire.url(&format!("/lines?count=0&every=300{rest}")));
        let mut lines = if over_xhr { lines.over_xhr(Xhr::new()) } else { lines };
        within(1500, lines.next()).await.is_none()
    };
    assert_eq!(held("&nosniff=no", true).await, engine().await == Engine::Chromium);
    assert!(!held("&nosniff=yes", true).await, "nosniff shows it at once");
    assert!(!held("&nosniff=no", false).await, "fetch is not affected");
    let wire = Wire::new().await;
    let typed = wire.url(&pieces(&[b"1  \n"], "&end=hold"));
    let mut values = stream::ndjson::<u8>(typed).over_xhr(Xhr::new());
    assert_eq!(
        within(1500, values.next()).await.expect("another type is shown at once").unwrap().unwrap(),
        1
    );
}

#[wasm_bindgen_test]
async fn without_a_way_to_resume_a_used_up_budget_is_an_error_after_all_that_came() {
    let wire = Wire::new().await;
    let body = pieces(&[b"one\ntwo\nthr", b"ee\nfour\n", b"five\n"], "&end=hold");
    let (lines, error) = all(stream::lines(wire.url(&body)).over_xhr(Xhr::new().budget(15))).await;
    assert_eq!(lines, ["one", "two", "three", "four"]);
    let error = error.unwrap();
    assert!(error.is_too_large() && error.to_string().contains("name how to resume"), "{error}");
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_body_that_is_whole_by_then_needs_no_budget() {
    let wire = Wire::new().await;
    let bytes = whole(stream::bytes(wire.url("/bytes/500")).over_xhr(Xhr::new().budget(100))).await;
    assert_eq!((bytes.concat(), wire.entries().await.len()), (pattern(500), 1));
}

#[wasm_bindgen_test]
async fn it_goes_on_at_a_record_boundary_and_nothing_is_lost_or_comes_twice() {
    let wire = Wire::new().await;
    let body = pieces(&[b"one\ntwo\nthr", b"ee\r\nfour\r", b"\nfive\nsix\nse", b"ven\neight"], "");
    let engine = Xhr::new().budget(10).resume_by_query("from");
    let lines = whole(stream::lines(wire.url(&body)).over_xhr(engine)).await;
    assert_eq!(lines, ["one", "two", "three", "four", "five", "six", "seven", "eight"]);
    let entries = wire.entries().await;
    let asked = parameters(&entries, "from");
    assert_eq!(asked[..2], [None, Some("8".to_owned())], "{asked:?}");
    assert!(asked.len() >= 3, "{asked:?}");
    // Each has an address of its own, so none waits for another in the cache.
    let mut unique = parameters(&entries, "_");
    unique.sort();
    unique.dedup();
    assert_eq!((unique.len(), unique[0].is_some()), (asked.len(), true));
}

#[wasm_bindgen_test]
async fn frames_and_characters_are_boundaries_too() {
    let wire = Wire::new().await;
    let engine = || Xhr::new().budget(6).resume_by_query("from");
    let body = pieces(&[b"\0\0\0\x01a\0\0", b"\0\x02bc\0\0\0", b"\x01d"], "");
    assert_eq!(whole(stream::frames(wire.url(&body)).over_xhr(engine())).await, [&b"a"[..], b"bc", b"d"]);
    let wire = Wire::new().await;
    let body = pieces(&[b"abcd\xF0\x9F", b"\x98\x80efg\xC3", b"\xA9"], "");
    let text = whole(stream::text(wire.url(&body)).strict().over_xhr(engine())).await.concat();
    assert_eq!(text, "abcd\u{1F600}efg\u{E9}");
    let asked = parameters(&wire.entries().await, "from");
    assert_eq!(asked[1].as_deref(), Some("4"), "{asked:?}");
}

#[wasm_bindgen_test]
async fn it_resumes_by_a_range_without_a_preflight_until_there_is_no_more() {
    let wire = Wire::new().await;
    let length = 3 << 20;
    let url = wire.url(&format!("/bytes/{length}?length=no&chunk=65536&delay=4"));
    let engine = Xhr::new().budget(1 << 20).resume_by_range();
    let bytes = whole(stream::bytes(url).over_xhr(engine)).await.concat();
    assert!(bytes == pattern(length), "{} bytes", bytes.len());
    let entries = wire.entries().await;
    let ranges: Vec<_> = entries.iter().filter_map(|entry| entry.header("range")).collect();
    assert!(ranges.len() >= 2 && ranges[0].starts_with("bytes=1"), "{ranges:?}");
    if self::engine().await != Engine::WebKit {
        assert!(entries.iter().all(|entry| entry.method == "GET"), "{entries:?}");
    }
}

#[wasm_bindgen_test]
async fn a_server_that_does_not_know_ranges_is_an_error_and_nothing_comes_twice() {
    let wire = Wire::new().await;
    let url = wire.url("/lines?count=0&every=120");
    let (lines, error) = all(stream::lines(url).over_xhr(Xhr::new().budget(20).resume_by_range())).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::Status(200));
    let numbered: Vec<_> = (1..=lines.len()).map(|number| format!("line {number}")).collect();
    assert_eq!(lines, numbered);
}

#[wasm_bindgen_test]
async fn a_function_of_the_callers_resumes_after_the_last_record() {
    let wire = Wire::new().await;
    let last = Rc::new(Cell::new(0_u32));
    let seen = Rc::clone(&last);
    let url = wire.url("/sse?count=12&every=60&type=application/x-ndjson");
    let engine = Xhr::new().budget(60).resume(move |request, _| request.query("last_event_id", seen.get()));
    let lines = stream::lines(url).over_xhr(engine).map(|line| {
        let line = line?;
        if let Some(number) = line.strip_prefix("data: event ") {
            last.set(number.parse().unwrap());
        }
        Ok(line)
    });
    let data = lines.filter(|line| {
        let is_data = line.as_ref().map_or(true, |line| line.starts_with("data"));
        std::future::ready(is_data)
    });
    let expected: Vec<_> = (1..=12).map(|number| format!("data: event {number}")).collect();
    let mut data = whole(data).await;
    // The server's records are of three lines, and the boundary is a line: one may be asked for anew.
    data.dedup();
    assert_eq!(data, expected);
    assert!(wire.entries().await.len() > 2);
}

#[wasm_bindgen_test]
async fn a_record_greater_than_the_budget_is_an_error_and_not_asked_for_for_ever() {
    let wire = Wire::new().await;
    let body = pieces(&[b"one\n", b"0123456789", b"0123456789", b"\n"], "&end=hold");
    let (lines, error) =
        all(stream::lines(wire.url(&body)).over_xhr(Xhr::new().budget(12).resume_by_query("from"))).await;
    let error = error.unwrap();
    assert_eq!((lines, error.kind(), error.offset()), (vec!["one".to_owned()], ErrorKind::TooLarge, Some(4)));
    assert_eq!(wire.entries().await.len(), 2);
}

#[wasm_bindgen_test]
async fn limits_hold_and_name_their_phase() {
    let limit = Duration::from_millis(300);
    let wire = Wire::new().await;
    let kind = async |request: http::Request| {
        all(stream::lines(request).over_xhr(Xhr::new().budget(100).resume_by_query("from")))
            .await
            .1
            .unwrap()
            .kind()
    };
    let silent = http::get(wire.url("/delay/5000")).first_byte_timeout(limit);
    assert_eq!(kind(silent).await, ErrorKind::Timeout(Phase::FirstByte));
    let idle = http::get(wire.url("/lines?count=3&every=4000")).idle_timeout(limit);
    assert_eq!(kind(idle).await, ErrorKind::Timeout(Phase::Idle));
    // The total limit is that of all requests together.
    let endless = http::get(wire.url("/lines?count=0&every=20")).timeout(limit * 4);
    assert_eq!(kind(endless).await, ErrorKind::Timeout(Phase::Total));
    assert!(wire.entries().await.len() > 3);
}

#[wasm_bindgen_test]
async fn dropped_at_any_moment_the_server_sees_the_disconnect() {
    let wire = Wire::new().await;
    assert!(within(200, stream::lines(wire.url("/delay/5000")).over_xhr(Xhr::new()).next()).await.is_none());
    wire.disconnected().await;
    let wire = Wire::new().await;
    let mut lines = stream::lines(wire.url("/lines?count=0&every=20")).over_xhr(Xhr::new());
    assert!(lines.next().await.unwrap().is_ok());
    drop(lines);
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_signal_ends_it_with_an_error_that_names_the_caller() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    let request = http::get(wire.url("/lines?count=0&every=20")).abort_signal(&controller.signal());
    let mut lines = stream::lines(request).over_xhr(Xhr::new());
    assert!(lines.next().await.unwrap().is_ok());
    controller.abort();
    assert!(all(lines).await.1.unwrap().is_aborted());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_connection_that_breaks_off_is_a_network_error_after_what_was_shown() {
    let wire = Wire::new().await;
    let broken = pieces(&[b"one\n", b"tw"], "&end=cut");
    let (lines, error) = all(stream::lines(wire.url(&broken)).over_xhr(Xhr::new())).await;
    if engine().await == Engine::WebKit {
        // WebKitGTK takes a chunked body that breaks off for one that has ended: only a format can tell.
        assert_eq!((lines, error.is_none()), (vec!["one".to_owned(), "tw".to_owned()], true));
        return;
    }
    assert_eq!(lines, ["one"]);
    assert!(error.unwrap().is_network());
}

/// The text is kept at each look, because an XMLHttpRequest forgets it when it fails.
#[wasm_bindgen_test]
async fn what_was_shown_is_not_lost_to_a_reader_that_was_away_when_it_broke_off() {
    let wire = Wire::new().await;
    let url = wire.url(&pieces(&[b"one\n", b"two\n", b"three\n", b"four"], "&end=cut"));
    let mut lines = stream::lines(url).over_xhr(Xhr::new());
    assert_eq!(lines.next().await.unwrap().unwrap(), "one");
    sleep(1500).await;
    let (rest, error) = all(lines).await;
    assert_eq!(rest[..2], ["two", "three"]);
    assert_eq!(error.is_none(), engine().await == Engine::WebKit);
}

/// There is no backpressure, so the budget is what bounds the memory of a page whose reader is away.
#[wasm_bindgen_test]
async fn a_reader_that_is_away_has_no_more_waiting_for_it_than_the_budget_and_one_look() {
    let wire = Wire::new().await;
    let url = wire.url("/bytes/1000000000?chunk=10000&delay=5&length=no");
    let mut bytes = stream::bytes(url).over_xhr(Xhr::new().budget(200_000));
    bytes.next().await.unwrap().unwrap();
    // Closed without anybody asking for more.
    wire.disconnected().await;
    let (rest, error) = all(bytes).await;
    assert!(rest.concat().len() < 2_000_000, "{}", rest.concat().len());
    assert!(error.unwrap().is_too_large());
}

#[wasm_bindgen_test]
async fn what_nobody_would_hear_of_is_refused_and_nothing_is_sent() {
    let wire = Wire::new().await;
    let refused = [
        http::get(wire.url("/echo")).max_size(1),
        http::get(wire.url("/echo")).override_mime_type("text/html"),
        http::get(wire.url("/echo")).retry(http::Retry::new()),
        http::post(wire.url("/echo")).body("x").upload_events(),
    ];
    for request in refused {
        let (_, error) = all(stream::lines(request).over_xhr(Xhr::new())).await;
        assert!(error.unwrap().is_unsupported());
    }
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn a_post_with_its_body_is_streamed_and_its_url_left_alone() {
    let wire = Wire::new().await;
    let request = http::post(wire.url("/pieces?hex=610a")).body("question");
    assert_eq!(whole(stream::lines(request).over_xhr(Xhr::new())).await, ["a"]);
    let entries = wire.entries().await;
    assert_eq!((entries[0].method.as_str(), entries[0].body.as_ref().unwrap().length), ("POST", 8));
    assert_eq!(parameters(&entries, "_"), [None]);
}
