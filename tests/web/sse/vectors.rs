//! The vectors of the format, through the browser: whole and in three pieces.

use futures_util::{StreamExt, stream};
use pagewire::http::Retry;
use pagewire::sse;
use serde::Deserialize;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, engine};
use crate::shared::{Entry, Wire, within};

#[derive(Deserialize, Clone)]
struct Vector {
    name: String,
    events: Vec<(String, String, String)>,
    reconnect_id: String,
    hex: String,
}

impl Vector {
    fn ends_within_a_block(&self) -> bool {
        let line_ends = self.hex.replace("0d0a", "0a").replace("0d", "0a");
        !line_ends.is_empty() && !line_ends.ends_with("0a0a")
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../vectors/sse.json")).unwrap()
}

type Events = Vec<(String, String, String)>;

fn parts(event: &sse::Event) -> (String, String, String) {
    (event.event_type().to_owned(), event.data().to_owned(), event.last_event_id().to_owned())
}

#[wasm_bindgen_test]
async fn the_library_s_parser_gives_the_events_of_all_vectors() {
    for (number, vector) in vectors().iter().enumerate() {
        for pieces in [1, 3] {
            let wire = Wire::new().await;
            let url = wire.url(&format!("/sse/vectors/{number}?pieces={pieces}&every=5"));
            let mut stream = sse::connect(url).retry(Retry::new().more_attempts(0)).open();
            let (mut events, mut broke_off) = (Events::new(), false);
            while let Some(item) = within(10_000, stream.next()).await.unwrap() {
                match item {
                    Ok(event) => events.push(parts(&event)),
                    Err(error) => {
                        assert!(error.is_network(), "{error}");
                        broke_off = true;
                    }
                }
            }
            assert_eq!(broke_off, vector.ends_within_a_block(), "{}, in {pieces}", vector.name);
            assert!(events == vector.events, "{}, in {pieces}", vector.name);
            assert_eq!(stream.last_event_id(), vector.reconnect_id, "{}, in {pieces}", vector.name);
        }
    }
}

/// The name of a vector, and the events in the place of those of the standard.
type Known = (&'static str, &'static [(&'static str, &'static str, &'static str)]);

/// What Firefox does otherwise: the `id` of a block without data is not taken, and the line after an `id` with a NUL is
/// lost.
const OTHERWISE_IN_FIREFOX: [Known; 2] = [
    ("id of a block without data shows on the next event", &[("message", "a", ""), ("message", "b", "")]),
    ("id with NUL keeps the earlier id", &[("message", "a", "7")]),
];

#[wasm_bindgen_test]
async fn the_browser_s_event_source_gives_the_same_events_but_for_what_is_known() {
    let cases =
        vectors().into_iter().enumerate().flat_map(|case| [1, 3].map(|pieces| (case.clone(), pieces)));
    let outcomes = stream::iter(cases).map(|((number, vector), pieces)| {
        async move {
            let wire = Wire::new().await;
            let url = wire.url(&format!("/sse/vectors/{number}?pieces={pieces}&every=5"));
            let mut native = sse::native(url).event("test").event("a").event("b").event("a b ").open();
            let mut events = Events::new();
            for _ in &vector.events {
                match within(5000, native.next()).await {
                    Some(Some(Ok(event))) => events.push(parts(&event)),
                    _ => break,
                }
            }
            // None comes that should not, before the browser connects again: that is seen once all has been sent.
            if vector.events.is_empty() {
                assert!(within(20, native.next()).await.is_none(), "{}", vector.name);
            }
            let sent = |entries: &[Entry]| entries.first().is_some_and(|entry| entry.ended.is_some());
            wire.when("the end of its answer", sent).await;
            if let Some(Some(Ok(event))) = within(60, native.next()).await {
                events.push(parts(&event));
            }
            (events != vector.events).then_some((vector.name, events))
        }
    });
    let different: Vec<_> = outcomes.buffer_unordered(5).filter_map(async |outcome| outcome).collect().await;
    let known = if engine().await == Engine::Firefox { &OTHERWISE_IN_FIREFOX[..] } else { &[] };
    let mut unknown = Vec::new();
    for (name, events) in different {
        let shown: Vec<_> = events.iter().map(|(kind, data, id)| (&**kind, &**data, &**id)).collect();
        if !known.iter().any(|(known, events)| *known == name && *events == shown) {
            unknown.push(format!("{name}: {shown:?}"));
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}
