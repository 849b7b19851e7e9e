//! Cursors that find no place to go on.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::http::{self, ResponseType};
use pagewire::poll::{self, Cursor};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, sleep, within};

#[wasm_bindgen_test]
async fn an_answer_without_a_position_is_an_error_and_not_asked_for_again_and_again() {
    let wire = Wire::new().await;
    let request = |form: &str| http::get(wire.url(&format!("/poll?count=9&every=1&form={form}")));
    let cases = [
        (request("header"), Cursor::nchan()),
        (request("header"), Cursor::nchan_headers()),
        (request("header"), Cursor::json("next", "after")),
        (request("json"), Cursor::json("other", "after")),
        (request("json").response_type(ResponseType::Blob), Cursor::json("next", "after")),
        (request("nchan"), Cursor::header("x-position", "after")),
    ];
    let count = cases.len();
    for (request, cursor) in cases {
        let mut answers = poll::long(request).cursor(cursor).open();
        let error = within(5000, answers.next()).await.unwrap().unwrap().unwrap_err();
        assert!(error.is_decode() && error.url().is_some(), "{error:?}");
        assert!(answers.next().await.is_none());
    }
    assert_eq!(wire.entries().await.len(), count);
}

#[wasm_bindgen_test]
async fn a_position_that_no_question_would_carry_is_refused() {
    let wire = Wire::new().await;
    let mut answers = poll::long(wire.url("/poll?count=9&every=1")).from_position("17").open();
    let error = within(5000, answers.next()).await.unwrap().unwrap().unwrap_err();
    assert!(error.is_unsupported() && error.url().is_some(), "{error:?}");
    assert!(answers.next().await.is_none());
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn a_place_that_does_not_move_is_asked_for_with_a_pause() {
    for place in [None, Some("0")] {
        let wire = Wire::new().await;
        let cursor = Cursor::query("after", move |_| place.map(str::to_owned));
        let long = poll::long(wire.url("/poll?count=9&every=1")).cursor(cursor);
        let mut answers = long.spacing(Duration::from_millis(400)).open();
        for _ in 0..3 {
            assert!(within(5000, answers.next()).await.unwrap().unwrap().is_ok());
        }
        drop(answers);
        let entries = wire.entries().await;
        // The first question has no position, and the answer to it may have the first.
        let repeats = &entries[usize::from(place.is_some())..];
        assert!(repeats.windows(2).all(|pair| pair[1].started_ms - pair[0].started_ms >= 200), "{entries:?}");
    }
}

#[wasm_bindgen_test]
async fn a_position_takes_the_place_of_one_that_the_url_has() {
    let wire = Wire::new().await;
    let url = wire.url("/poll?count=9&every=1&after=2");
    let mut answers = poll::long(url).cursor(Cursor::json("next", "after")).open();
    for number in 3..6 {
        let answer = within(5000, answers.next()).await.unwrap().unwrap().unwrap();
        assert!(answer.text().await.unwrap().contains(&format!("message {number}")));
    }
    sleep(50).await;
    let entries = wire.entries().await;
    assert!(entries.iter().all(|entry| entry.query.matches("after=").count() == 1), "{entries:?}");
}
