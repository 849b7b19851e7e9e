//! Polling: at a beat, and held.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use pagewire::http::{self, Retry};
use pagewire::poll::{self, Answers, Cursor};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Entry, Wire, evaluate, sleep, within};

fn eager() -> Retry {
    Retry::new().forever().backoff(Duration::from_millis(1), Duration::from_millis(1))
}

const BEAT: Duration = Duration::from_millis(100);

/// The texts of what comes within so long.
async fn during(answers: &mut Answers, milliseconds: u32) -> Vec<String> {
    let mut texts = Vec::new();
    let mut time = std::pin::pin!(sleep(milliseconds));
    while let Either::Left((Some(answer), _)) = select(answers.next(), time.as_mut()).await {
        texts.push(answer.unwrap().text().await.unwrap());
    }
    texts
}

async fn next(answers: &mut Answers) -> String {
    let answer = within(10_000, answers.next()).await.expect("an answer must come").expect("not the end");
    answer.unwrap().text().await.unwrap()
}

fn asked(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.method != "OPTIONS").collect()
}

/// When each was asked and when its answer had ended, in milliseconds.
fn times(entries: &[Entry]) -> Vec<(u64, u64)> {
    let ended =
        |entry: &Entry| entry.ended.as_ref().map_or(u64::MAX, |ended| entry.started_ms + ended.after_ms);
    asked(entries).into_iter().map(|entry| (entry.started_ms, ended(entry))).collect()
}

#[wasm_bindgen_test]
async fn it_asks_at_its_beat_and_never_twice_at_a_time() {
    for from_start in [false, true] {
        let wire = Wire::new().await;
        let every = poll::every(BEAT, wire.url("/delay/150?text=x"));
        let mut answers = if from_start { every.from_start().open() } else { every.open() };
        for _ in 0..4 {
            assert_eq!(next(&mut answers).await, "x");
        }
        drop(answers);
        let times = times(&wire.entries().await);
        for pair in times.windows(2) {
            let ((started, ended), (next, _)) = (pair[0], pair[1]);
            assert!(next >= ended, "{times:?}");
            // The answer takes longer than the beat, so from the start there is no wait at all. A timer may be a
            // millisecond early by the server's clock.
            let wait = if from_start { next - started } else { next - ended };
            assert!(wait >= 98, "{times:?}");
        }
    }
}

#[wasm_bindgen_test]
async fn every_url_is_its_own_unless_that_is_not_wanted() {
    let wire = Wire::new().await;
    let mut answers = poll::every(Duration::ZERO, wire.url("/status/200?text=x")).open();
    for _ in 0..5 {
        next(&mut answers).await;
    }
    let entries = wire.entries().await;
    let mut queries: Vec<_> = entries.iter().map(|entry| &entry.query).collect();
    assert!(queries.iter().all(|query| query.contains("&_=")), "{queries:?}");
    queries.sort();
    queries.dedup();
    assert_eq!(queries.len(), entries.len());
    let wire = Wire::new().await;
    next(&mut poll::every(BEAT, wire.url("/status/200?text=x")).same_url().open()).await;
    next(&mut poll::every(BEAT, wire.url("/status/200?text=x")).unique_by("n").open()).await;
    let entries = wire.entries().await;
    assert!(!entries[0].query.contains("_=") && entries[1].query.contains("&n="), "{entries:?}");
}

#[wasm_bindgen_test]
async fn an_old_answer_with_a_date_and_no_word_on_caching_does_not_come_from_the_cache() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?text=x&header=Cache-Control:&header=Last-Modified:Sun,%2009%20Sep%202001%2001:46:40%20GMT");
    let mut answers = poll::every(Duration::from_millis(20), url).open();
    for _ in 0..3 {
        next(&mut answers).await;
    }
    assert!(wire.entries().await.len() >= 3);
}

#[wasm_bindgen_test]
async fn two_long_polls_of_one_url_do_not_wait_for_each_other() {
    let wire = Wire::new().await;
    let url = wire.url("/delay/1500?text=x");
    let (mut first, mut second) = (poll::long(url.as_str()).open(), poll::long(url.as_str()).open());
    let both = futures_util::future::join(during(&mut first, 700), during(&mut second, 700));
    both.await;
    assert_eq!(wire.entries().await.len(), 2);
}

#[wasm_bindgen_test]
async fn what_has_not_changed_yields_nothing() {
    let wire = Wire::new().await;
    let url = wire.url("/poll/resource?every=600");
    let mut answers = poll::every(Duration::from_millis(50), url).conditional().open();
    let texts = during(&mut answers, 1600).await;
    let distinct = texts.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(texts.len(), distinct, "{texts:?}");
    assert!(texts.len() >= 2, "{texts:?}");
    let entries = wire.entries().await;
    assert!(entries.iter().filter(|entry| entry.status == Some(304)).count() > 3, "{entries:?}");
    // The price across origins.
    assert!(entries.iter().any(|entry| entry.method == "OPTIONS"));
}

#[wasm_bindgen_test]
async fn a_failure_is_asked_again_and_a_refusal_is_the_end() {
    let wire = Wire::new().await;
    let mut answers = poll::every(BEAT, wire.url("/poll/resource?fail=2&status=502")).retry(eager()).open();
    next(&mut answers).await;
    assert_eq!(wire.entries().await.len(), 3);
    let wire = Wire::new().await;
    let mut answers = poll::every(BEAT, wire.url("/status/403?text=no")).retry(eager()).open();
    let error = answers.next().await.unwrap().unwrap_err();
    assert_eq!((error.status(), error.body(), wire.entries().await.len()), (Some(403), Some("no"), 1));
    assert!(answers.next().await.is_none());
    let wire = Wire::new().await;
    let few = eager().more_attempts(2);
    let error = poll::long(wire.url("/status/503")).retry(few).open().next().await.unwrap().unwrap_err();
    assert_eq!((error.status(), error.attempts(), wire.entries().await.len()), (Some(503), 3, 3));
}

#[wasm_bindgen_test]
async fn a_question_that_takes_too_long_is_asked_again() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/delay/4000")).timeout(Duration::from_millis(150));
    let retry = Retry::new().more_attempts(2).backoff(Duration::from_millis(1), Duration::from_millis(1));
    let error = poll::every(BEAT, request.retry(retry)).open().next().await.unwrap().unwrap_err();
    // The request's own policy is that of the polling: one loop, not two.
    assert_eq!((error.is_timeout(), error.attempts(), wire.entries().await.len()), (true, 3, 3));
}

#[wasm_bindgen_test]
async fn every_cursor_brings_each_message_once() {
    let header = || Cursor::query("after", |answer| answer.header("x-position").map(str::to_owned));
    let cursors: [(&str, Cursor); 4] = [
        ("json", Cursor::json("next", "after")),
        ("header", header()),
        ("nchan", Cursor::nchan()),
        ("nchan", Cursor::nchan_headers()),
    ];
    for (form, cursor) in cursors {
        let wire = Wire::new().await;
        let url = wire.url(&format!("/poll?count=4&every=60&form={form}&hold=500"));
        let mut answers = poll::long(url).cursor(cursor).open();
        let mut texts = Vec::new();
        for _ in 0..4 {
            texts.push(next(&mut answers).await);
            // Whoever takes their time misses nothing.
            sleep(70).await;
        }
        for (at, text) in texts.iter().enumerate() {
            assert!(text.contains(&format!("message {}", at + 1)), "{form}: {texts:?}");
        }
        assert!(answers.position().is_some_and(|position| position.contains('4')), "{form}");
    }
}

#[wasm_bindgen_test]
async fn by_a_query_parameter_no_preflight_is_needed() {
    let wire = Wire::new().await;
    let url = wire.url("/poll?count=3&every=10&form=nchan");
    let mut answers = poll::long(url).cursor(Cursor::nchan()).from_position("1000000000:1").open();
    assert_eq!(
        (next(&mut answers).await, next(&mut answers).await),
        ("message 2".into(), "message 3".into())
    );
    let entries = wire.entries().await;
    assert!(entries.iter().all(|entry| entry.method == "GET"), "{entries:?}");
    assert!(entries[1].query.contains("last_event_id=1000000000%3A2"), "{entries:?}");
}

#[wasm_bindgen_test]
async fn the_next_question_is_asked_before_the_answer_is_dealt_with() {
    let wire = Wire::new().await;
    let mut answers =
        poll::long(wire.url("/poll?count=1&every=10&hold=5000")).cursor(Cursor::json("next", "after")).open();
    next(&mut answers).await;
    wire.when("the next question", |entries| entries.len() == 2).await;
    drop(answers);
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_server_that_has_nothing_is_asked_again_without_a_backoff() {
    for none in [204, 304, 408, 200] {
        let wire = Wire::new().await;
        let url = wire.url(&format!("/poll?count=1&every=400&hold=150&none={none}"));
        // With a backoff the second question would wait for minutes.
        let patient = Retry::new().forever().backoff(Duration::from_secs(900), Duration::from_secs(900));
        let long = poll::long(url).cursor(Cursor::json("next", "after")).retry(patient);
        let mut answers = long.spacing(Duration::from_millis(150)).open();
        assert!(next(&mut answers).await.contains("message 1"), "{none}");
    }
}

#[wasm_bindgen_test]
async fn a_server_that_holds_nothing_is_not_asked_without_a_pause() {
    let wire = Wire::new().await;
    let mut answers = poll::long(wire.url("/status/204")).spacing(Duration::from_millis(400)).open();
    assert!(during(&mut answers, 1000).await.is_empty());
    assert!((2..=3).contains(&wire.entries().await.len()));
}

#[wasm_bindgen_test]
async fn dropped_or_aborted_it_closes_its_connection_and_asks_no_more() {
    let wire = Wire::new().await;
    let mut answers = poll::long(wire.url("/delay/5000")).open();
    during(&mut answers, 200).await;
    drop(answers);
    wire.disconnected().await;
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    let request = http::get(wire.url("/status/200?text=x")).abort_signal(&controller.signal());
    let mut answers = poll::every(Duration::from_secs(600), request).open();
    next(&mut answers).await;
    let (answer, ()) = futures_util::future::join(answers.next(), async {
        sleep(50).await;
        controller.abort();
    })
    .await;
    assert!(answer.unwrap().unwrap_err().is_aborted());
    assert!(answers.next().await.is_none());
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_hidden_page_asks_nothing_if_so_wanted_and_catches_up() {
    let hide = async |hidden: bool| {
        let source = format!(
            "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }});
             document.dispatchEvent(new Event('visibilitychange'));"
        );
        evaluate(&source).await.unwrap();
    };
    let (short, long) = (Wire::new().await, Wire::new().await);
    let mut every =
        poll::every(Duration::from_millis(50), short.url("/status/200?text=x")).pause_when_hidden().open();
    let url = long.url("/poll?count=9&every=250&hold=3000");
    let mut held = poll::long(url).cursor(Cursor::json("next", "after")).pause_when_hidden().open();
    next(&mut every).await;
    let mut texts = vec![next(&mut held).await];
    long.when("the question to be ended", |entries| entries.len() == 2).await;
    hide(true).await;
    texts.extend(during(&mut held, 100).await);
    long.disconnected().await;
    during(&mut every, 200).await;
    let before = (short.entries().await.len(), long.entries().await.len());
    assert!(during(&mut every, 300).await.is_empty());
    texts.extend(during(&mut held, 300).await);
    assert_eq!((short.entries().await.len(), long.entries().await.len()), before);
    hide(false).await;
    next(&mut every).await;
    while texts.len() < 9 {
        texts.push(next(&mut held).await);
    }
    evaluate("delete document.hidden").await.unwrap();
    for (at, text) in texts.iter().enumerate() {
        assert!(text.contains(&format!("message {}", at + 1)), "{texts:?}");
    }
}
