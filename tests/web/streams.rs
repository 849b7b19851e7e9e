//! The typed streams: text, values of JSON, frames, and where in the body something was wrong.

use std::fmt::Write;
use std::future::IntoFuture;

use futures_util::{Stream, StreamExt};
use pagewire::stream::{self, Prefix, Xhr};
use pagewire::{ErrorKind, Result, http};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, engine};
use crate::shared::{SOAK, Wire, evaluate, memory_pages, note, within};

/// The path of a body of these pieces, one every 30 ms, and what else the query says.
fn pieces(pieces: &[&[u8]], rest: &str) -> String {
    let mut path = format!("/pieces?every=30{rest}");
    for piece in pieces {
        path.push_str("&hex=");
        for byte in *piece {
            write!(path, "{byte:02x}").unwrap();
        }
    }
    path
}

async fn all<T>(stream: impl Stream<Item = Result<T>>) -> (Vec<T>, Option<pagewire::Error>) {
    let items: Vec<_> = within(10_000, stream.collect::<Vec<_>>()).await.expect("a stream must end");
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

#[track_caller]
fn refused(error: Option<pagewire::Error>, kind: ErrorKind, offset: u64) {
    let error = error.expect("an error");
    assert_eq!((error.kind(), error.offset()), (kind, Some(offset)), "{error}");
}

#[wasm_bindgen_test]
async fn a_character_cut_between_pieces_of_text_comes_whole() {
    let wire = Wire::new().await;
    let cut = pieces(&[b"\xEF\xBB", b"\xBFa\xF0\x9F", b"\x98", b"\x80b"], "");
    let (texts, error) = all(stream::text(wire.url(&cut))).await;
    assert_eq!((texts.concat().as_str(), error.is_none()), ("a\u{1F600}b", true));
    assert!(texts.len() > 1, "{texts:?}");
}

#[wasm_bindgen_test]
async fn bytes_that_are_no_text_are_replaced_or_their_place_is_told() {
    let wire = Wire::new().await;
    let bad = pieces(&[b"ab\n", b"c\xFFd\n", b"e"], "");
    let (texts, error) = all(stream::text(wire.url(&bad))).await;
    assert_eq!((texts.concat().as_str(), error.is_none()), ("ab\nc\u{FFFD}d\ne", true));
    let (texts, error) = all(stream::text(wire.url(&bad)).strict()).await;
    assert_eq!(texts.concat(), "ab\nc");
    refused(error, ErrorKind::Decode, 4);
    let (lines, error) = all(stream::lines(wire.url(&bad)).strict()).await;
    assert_eq!(lines, ["ab"]);
    refused(error, ErrorKind::Decode, 4);
}

#[wasm_bindgen_test]
async fn a_text_that_ends_within_a_character_was_cut() {
    let wire = Wire::new().await;
    let cut = pieces(&[b"ab\xE2\x82"], "");
    assert_eq!(all(stream::text(wire.url(&cut))).await.0.concat(), "ab\u{FFFD}");
    let (texts, error) = all(stream::text(wire.url(&cut)).strict()).await;
    assert_eq!(texts.concat(), "ab");
    refused(error, ErrorKind::Decode, 2);
}

#[wasm_bindgen_test]
async fn values_come_one_a_line_and_a_last_line_need_not_be_ended() {
    let wire = Wire::new().await;
    let body = pieces(&[b"[1,", b"2]\r\n\n  \n[", b"3]\n[4]"], "");
    let (values, error) = all(stream::ndjson::<Vec<u32>>(wire.url(&body))).await;
    assert_eq!((values, error.is_none()), (vec![vec![1, 2], vec![3], vec![4]], true));
}

#[wasm_bindgen_test]
async fn a_line_that_is_no_such_value_is_an_error_with_its_place() {
    let wire = Wire::new().await;
    let body = pieces(&[b"[1]\n[2, x]\n[3]\n"], "");
    let (values, error) = all(stream::ndjson::<Vec<u32>>(wire.url(&body))).await;
    assert_eq!(values, [[1]]);
    refused(error, ErrorKind::Decode, 8);
    // A body that is cut is no clean end where the format can tell.
    let (values, error) = all(stream::ndjson::<Vec<u32>>(wire.url(&pieces(&[b"[1]\n[2,"], "")))).await;
    assert_eq!(values, [[1]]);
    assert!(error.as_ref().unwrap().to_string().contains("cut"), "{error:?}");
    refused(error, ErrorKind::Decode, 6);
    let (_, error) = all(stream::ndjson::<Vec<u32>>(wire.url(&body)).max_line(3)).await;
    refused(error, ErrorKind::TooLarge, 4);
}

#[wasm_bindgen_test]
async fn values_as_texts_are_checked_to_be_json() {
    let wire = Wire::new().await;
    let body = pieces(&[b"[1, 2]\r\n\n {\"a\":", b"1e3}\n\"x\\y\"\n"], "");
    let (texts, error) = all(stream::ndjson_texts(wire.url(&body))).await;
    assert_eq!(texts, ["[1, 2]", " {\"a\":1e3}"]);
    refused(error, ErrorKind::Decode, 23);
    let (_, error) = all(stream::ndjson_texts(wire.url(&pieces(&[b"[1]\n[\"\xE2\"]\n"], "")))).await;
    refused(error, ErrorKind::Decode, 6);
}

#[wasm_bindgen_test]
async fn a_last_number_without_an_end_may_be_cut_and_is_no_value() {
    let wire = Wire::new().await;
    // The server was about to say 1234.
    for cut in ["12", " -1", "1.5e"] {
        let body = pieces(&[b"1\n", cut.as_bytes()], "");
        let (values, error) = all(stream::ndjson::<f64>(wire.url(&body))).await;
        let error = error.unwrap();
        assert_eq!((values, error.is_decode(), error.offset()), (vec![1.0], true, Some(2)), "{cut}");
    }
    let (values, error) = all(stream::ndjson::<Vec<u32>>(wire.url(&pieces(&[b"[1]\n[2]"], "")))).await;
    assert_eq!((values, error.is_none()), (vec![vec![1], vec![2]], true));
}

#[wasm_bindgen_test]
async fn frames_come_behind_their_length_and_one_that_was_cut_is_an_error() {
    let wire = Wire::new().await;
    let body = pieces(&[b"\0\0", b"\0\x02a", b"b\0\0\0\0\0\0\0\x01c"], "");
    let (frames, error) = all(stream::frames(wire.url(&body))).await;
    assert_eq!((frames, error.is_none()), (vec![b"ab".to_vec(), vec![], b"c".to_vec()], true));
    let cut = pieces(&[b"\x01a\x02b"], "");
    let (frames, error) = all(stream::frames(wire.url(&cut)).prefix(Prefix::Varint)).await;
    assert_eq!(frames, [b"a"]);
    refused(error, ErrorKind::Decode, 2);
    let (frames, error) = all(stream::frames(wire.url(&body)).max_frame(1)).await;
    assert!(frames.is_empty());
    refused(error, ErrorKind::TooLarge, 0);
}

#[wasm_bindgen_test]
async fn a_connection_that_breaks_off_is_a_network_error_after_what_had_come() {
    let wire = Wire::new().await;
    let broken = pieces(&[b"one\n", b"tw"], "&end=cut");
    let (lines, error) = all(stream::lines(wire.url(&broken))).await;
    if engine().await == Engine::WebKit {
        // WebKitGTK takes a chunked body that breaks off for one that has ended: only a format can tell.
        assert_eq!((lines, error.is_none()), (vec!["one".to_owned(), "tw".to_owned()], true));
        return;
    }
    assert_eq!(lines, ["one"]);
    assert!(error.unwrap().is_network());
}

#[wasm_bindgen_test]
async fn a_null_body_is_an_empty_stream_of_every_kind() {
    let wire = Wire::new().await;
    assert!(all(stream::text(wire.url("/status/204"))).await.0.is_empty());
    assert!(all(stream::ndjson::<u32>(wire.url("/status/204"))).await.0.is_empty());
    assert!(all(stream::frames(wire.url("/status/204"))).await.0.is_empty());
}

#[wasm_bindgen_test]
async fn dropped_in_the_middle_every_kind_closes_its_connection() {
    for kind in 0..3 {
        let wire = Wire::new().await;
        let url = wire.url(&pieces(&[b"\0\0\0\x011\n"], "&end=hold"));
        match kind {
            0 => assert!(stream::text(url).next().await.unwrap().is_ok()),
            1 => assert!(
                stream::ndjson::<u32>(wire.url(&pieces(&[b"1\n"], "&end=hold")))
                    .next()
                    .await
                    .unwrap()
                    .is_ok()
            ),
            _ => assert!(stream::frames(url).next().await.unwrap().is_ok()),
        }
        wire.disconnected().await;
    }
}

#[wasm_bindgen_test]
async fn a_body_that_somebody_else_reads_is_an_error_and_no_end() {
    let wire = Wire::new().await;
    let wrap = "const real = fetch;
        globalThis.fetch = async (...args) => {
            globalThis.fetch = real;
            const response = await real(...args);
            response.body.getReader();
            return response;
        };";
    evaluate(wrap).await.unwrap();
    let error = stream::bytes(wire.url("/bytes/10")).next().await.unwrap().unwrap_err();
    assert!(error.is_decode(), "{error}");
    assert_eq!(stream::bytes(wire.url("/bytes/10")).next().await.unwrap().unwrap().len(), 10);
}

/// The bytes of the test below.
const MUCH: usize = if SOAK { 1 << 30 } else { 64 << 20 };

/// What a page must have in memory for it stays the same, however much comes.
#[wasm_bindgen_test]
async fn many_mebibytes_of_a_stream_leave_nothing_behind() {
    let wire = Wire::new().await;
    let mut bytes = stream::bytes(wire.url(&format!("/bytes/{MUCH}")));
    let (mut received, mut at_first) = (0, 0);
    while let Some(piece) = bytes.next().await {
        received += piece.unwrap().len();
        if at_first == 0 && received > 4 << 20 {
            at_first = memory_pages();
        }
    }
    assert_eq!(received, MUCH);
    let more = memory_pages() - at_first;
    note(&format!("{} MiB streamed over fetch: {more} pages of wasm memory more", MUCH >> 20)).await;
    assert!(more <= 32, "{more} pages of 64 KiB more");
}

/// Over XMLHttpRequest the browser keeps what one request has brought, and wasm one piece: so it stays the same there too.
#[wasm_bindgen_test]
async fn many_mebibytes_over_xmlhttprequest_leave_nothing_behind() {
    let wire = Wire::new().await;
    let much = MUCH / 4;
    let engine = Xhr::new().resume_by_query("from");
    let mut bytes = stream::bytes(wire.url(&format!("/bytes/{much}?length=no"))).over_xhr(engine);
    let (mut received, mut at_first) = (0, 0);
    while let Some(piece) = bytes.next().await {
        let piece = piece.unwrap();
        assert_eq!(piece[0], (received % 251) as u8, "at {received}");
        received += piece.len();
        if at_first == 0 && received > 4 << 20 {
            at_first = memory_pages();
        }
    }
    assert_eq!(received, much);
    let (more, asked) = (memory_pages() - at_first, wire.entries().await.len());
    let what = format!("{} MiB streamed over XMLHttpRequest by {asked} requests", much >> 20);
    note(&format!("{what}: {more} pages of wasm memory more")).await;
    assert!(more <= 32, "{more} pages of 64 KiB more");
}

/// How much a server could push while nobody read, for 2 s. Firefox and WebKit take all there is, into their own memory, so
/// there is nothing to hold them to.
#[wasm_bindgen_test]
async fn in_chromium_a_reader_that_waits_holds_the_server_back() {
    let wire = Wire::new().await;
    let mut bytes = stream::bytes(wire.url("/bytes/1000000000?delay=1"));
    bytes.next().await.unwrap().unwrap();
    crate::shared::sleep(2000).await;
    drop(bytes);
    let entries = wire.disconnected().await;
    let pushed = entries[0].ended.as_ref().unwrap().sent;
    note(&format!("pushed in 2 s while the reader of a stream slept: {} kB", pushed / 1000)).await;
    assert!(pushed < 64 << 20 || engine().await != Engine::Chromium, "{pushed} bytes");
}

/// A browser has six connections to a host on HTTP/1.1: <https://www.rfc-editor.org/rfc/rfc9112#section-9.4>.
#[wasm_bindgen_test]
async fn six_streams_that_were_dropped_leave_their_connections_to_others() {
    for over_xhr in [false, true] {
        let wire = Wire::new().await;
        let mut open = Vec::new();
        for _ in 0..6 {
            let lines = stream::lines(wire.url("/lines?count=0&every=50"));
            let mut lines = if over_xhr { lines.over_xhr(Xhr::new()) } else { lines };
            let first = within(5000, lines.next()).await;
            open.push((lines, first.is_some_and(|first| first.is_some_and(|line| line.is_ok()))));
        }
        let seventh = || http::get(wire.url("/status/200")).into_future();
        let in_time = within(500, seventh()).await.is_some();
        // Dropped before anything is claimed: a failed test would keep them.
        let opened = open.into_iter().filter(|(_, is_open)| *is_open).count();
        assert_eq!((opened, in_time), (6, false), "with all six in use a seventh waits");
        assert_eq!(within(5000, seventh()).await.expect("an answer").unwrap().status(), 200);
    }
}
