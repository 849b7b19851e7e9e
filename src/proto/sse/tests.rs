//! The vectors of the format, whole and at every cut, and how much work they are.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vector {
    name: String,
    hex: String,
    /// Type, data, last event ID.
    events: Vec<(String, String, String)>,
    reconnect_id: String,
    retry: Option<u64>,
}

type Parsed = (Vec<(String, String, String)>, String, Option<u64>);

impl Vector {
    fn bytes(&self) -> Vec<u8> {
        let digits = self.hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    #[track_caller]
    fn check<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>, how: &str) {
        let expected = (self.events.clone(), self.reconnect_id.clone(), self.retry);
        assert!(parse(chunks) == expected, "{}, {how}", self.name);
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../../tests/vectors/sse.json")).unwrap()
}

fn parse<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Parsed {
    let (mut parser, mut retry) = (Parser::new(1 << 20, ""), None);
    let mut events = Vec::new();
    for chunk in chunks {
        parser.feed(chunk);
        while let Some(event) = parser.next_event().unwrap() {
            events.push((event.kind.into_owned(), event.data, event.last_event_id.to_string()));
        }
        retry = parser.take_retry().or(retry);
    }
    (events, parser.last_event_id().to_owned(), retry.map(|wait| wait.as_millis() as u64))
}

/// Short enough to be cut at each of its places.
const SHORT: usize = 2000;

#[test]
fn all_vectors_come_out_whole() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 63);
    for vector in &vectors {
        vector.check([&vector.bytes()[..]], "whole");
    }
}

#[test]
fn all_vectors_come_out_byte_by_byte() {
    for vector in vectors() {
        vector.check(vector.bytes().chunks(1), "byte by byte");
    }
}

#[test]
fn short_vectors_come_out_at_every_cut_and_every_pair_of_near_cuts() {
    for vector in vectors() {
        let bytes = vector.bytes();
        if bytes.len() > SHORT {
            continue;
        }
        for at in 0..=bytes.len() {
            for next in at..=(at + 4).min(bytes.len()) {
                let chunks = [&bytes[..at], &bytes[at..next], &bytes[next..]];
                vector.check(chunks, &format!("cut at {at} and {next}"));
            }
        }
    }
}

#[test]
fn long_vectors_come_out_at_five_hundred_cuts() {
    // A fixed walk over the places: https://en.wikipedia.org/wiki/Linear_congruential_generator
    let mut seed: u64 = 20_261_123;
    for vector in vectors() {
        let bytes = vector.bytes();
        if bytes.len() <= SHORT {
            continue;
        }
        for _ in 0..500 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % bytes.len();
            vector.check([&bytes[..at], &bytes[at..]], &format!("cut at {at}"));
        }
    }
}

#[test]
fn a_new_stream_begins_with_a_byte_order_mark_and_keeps_the_last_id_but_no_unfinished_block() {
    let mut parser = Parser::new(100, "");
    parser.feed(b"id: 1\ndata: a\n\nid: 2\nevent: x\ndata: lost");
    assert!(parser.next_event().unwrap().is_some());
    assert!(parser.next_event().unwrap().is_none());
    assert!(!parser.is_between_blocks());
    parser.restart();
    assert!(parser.is_between_blocks());
    assert_eq!(parser.last_event_id(), "1");
    parser.feed("\u{FEFF}data: b\n\n".as_bytes());
    let event = parser.next_event().unwrap().unwrap();
    assert_eq!((&*event.kind, &*event.data, &*event.last_event_id), ("message", "b", "1"));
    assert_eq!(parser.last_event_id(), "1");
}

#[test]
fn a_stream_is_within_a_block_from_its_first_field_to_the_empty_line() {
    for (text, between) in [
        ("", true),
        (":", true),
        ("data: a\n:", false),
        ("d", false),
        (": hi\n", true),
        ("data: a\n: hi\n", false),
        (": hi\n\n", true),
        ("data: a\n\n", true),
        ("id: 1\n", false),
    ] {
        let mut parser = Parser::new(100, "");
        parser.feed(text.as_bytes());
        while parser.next_event().unwrap().is_some() {}
        assert_eq!(parser.is_between_blocks(), between, "{text:?}");
    }
}

#[test]
fn an_event_that_is_too_large_says_where_it_is() {
    let mut parser = Parser::new(10, "");
    parser.feed(b"data: a\n\ndata: 1234567");
    assert!(parser.next_event().unwrap().is_some());
    assert_eq!(parser.next_event(), Err(EventTooLarge { offset: 9, limit: 10 }));
    // Of lines that are short enough too.
    let mut parser = Parser::new(10, "");
    parser.feed(b"data:12345\ndata:67890\n\n");
    assert_eq!(parser.next_event(), Err(EventTooLarge { offset: 11, limit: 10 }));
}

#[test]
fn the_greatest_reconnection_time_does_not_overflow() {
    let (_, _, retry) = parse([&b"retry: 99999999999999999999999\n\n"[..]]);
    assert_eq!(retry, Some(u64::MAX));
}

#[test]
fn a_long_line_in_small_chunks_is_linear_work() {
    let mut parser = Parser::new(16 << 20, "");
    parser.feed(b"data:");
    for _ in 0..8192 {
        parser.feed(&[b'x'; 1024]);
        assert!(parser.next_event().unwrap().is_none());
    }
    parser.feed(b"\n\n");
    assert_eq!(parser.next_event().unwrap().unwrap().data.len(), 8 << 20);
    assert!(parser.lines.work() < 2 * (8 << 20), "{} for 8 MiB", parser.lines.work());
}

#[test]
fn many_small_events_are_linear_work() {
    let chunk = "id: 1\ndata: a small event\n\n".repeat(2000);
    let (mut parser, mut events, mut fed) = (Parser::new(1 << 20, ""), 0, 0);
    while fed < 50 << 20 {
        parser.feed(chunk.as_bytes());
        fed += chunk.len();
        while parser.next_event().unwrap().is_some() {
            events += 1;
        }
    }
    assert_eq!(events, fed / 27);
    assert!(parser.lines.work() < 2 * fed, "{} for {fed}", parser.lines.work());
}

/// What a stream is made of, and what could be taken for it.
const PIECES: &[&[u8]] = &[
    b"data",
    b"id",
    b"event",
    b"retry",
    b":",
    b" ",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"7",
    b"\xEF\xBB\xBF",
    b"\xE2",
    b"\x82",
];

proptest! {
    #[test]
    fn any_bytes_parse_the_same_however_they_are_cut(
        bytes in proptest::collection::vec(
            proptest::sample::select(PIECES),
            0..40,
        ),
        cuts in proptest::collection::vec(1_usize..6, 1..40),
    ) {
        let bytes = bytes.concat();
        let mut rest = &bytes[..];
        let mut chunks = Vec::new();
        for cut in cuts {
            let (chunk, next) = rest.split_at(cut.min(rest.len()));
            chunks.push(chunk);
            rest = next;
        }
        chunks.push(rest);
        prop_assert_eq!(parse(chunks), parse([&bytes[..]]));
    }
}
