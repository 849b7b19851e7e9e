//! Polling: at a beat, and held.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use pagewire::http::{self, Retry};
use pagewire::poll::{self, Answers, Cursor};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Entry, Wire, evaluate, sleep, within};
use crate::sse::lifecycle::{as_it_was, hide, online};

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

/// When five questions were asked and answered, one after another.
async fn five(wire: &Wire, every: poll::Every) -> Vec<(u64, u64)> {
    let mut answers = every.open();
    for _ in 0..5 {
        next(&mut answers).await;
    }
    drop(answers);
    times(&wire.entries().await)
}

// Lower bounds everywhere: a timer may be a millisecond early by the server's clock, and from question to question the
// way to the server differs by much more, with the connection that is made for it.

#[wasm_bindgen_test]
async fn it_asks_at_its_beat_and_never_twice_at_a_time() {
    let wire = Wire::new().await;
    let times = five(&wire, poll::every(BEAT, wire.url("/delay/150?text=x"))).await;
    for pair in times.windows(2) {
        assert!(pair[1].0 >= pair[0].1 + 98, "{times:?}");
    }
    // The answer takes longer than the beat, so from the start there is no wait at all.
    let wire = Wire::new().await;
    let times = five(&wire, poll::every(BEAT, wire.url("/delay/150?text=x")).from_start()).await;
    assert!(times.windows(2).all(|pair| pair[1].0 >= pair[0].1), "{times:?}");
}

#[wasm_bindgen_test]
async fn from_the_start_of_a_question_the_beat_does_not_depend_on_how_long_the_answer_takes() {
    let beat = Duration::from_millis(300);
    let (first, second) = (Wire::new().await, Wire::new().await);
    let from_start = five(&first, poll::every(beat, first.url("/delay/200?text=x")).from_start()).await;
    let from_end = five(&second, poll::every(beat, second.url("/delay/200?text=x"))).await;
    assert!(from_start.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 210), "{from_start:?}");
    let span = |times: &[(u64, u64)]| times[4].0 - times[0].0;
    assert!(span(&from_start) + 400 < span(&from_end), "{from_start:?} {from_end:?}");
}

#[wasm_bindgen_test]
async fn jitter_makes_each_interval_longer() {
    evaluate("Math.real = Math.random; Math.random = () => 0.9;").await.unwrap();
    let wire = Wire::new().await;
    let jitter = Duration::from_millis(300);
    let times = five(&wire, poll::every(BEAT, wire.url("/status/200?text=x")).jitter(jitter)).await;
    evaluate("Math.random = Math.real; delete Math.real;").await.unwrap();
    assert!(times.windows(2).all(|pair| pair[1].0 >= pair[0].1 + 368), "{times:?}");
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
    let cursors: [(&str, Cursor); 7] = [
        ("header", Cursor::header("x-position", "after")),
        // As a proxy that compresses has it.
        ("weak", Cursor::nchan()),
        ("weak", Cursor::nchan_headers()),
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
    as_it_was().await;
    for (at, text) in texts.iter().enumerate() {
        assert!(text.contains(&format!("message {}", at + 1)), "{texts:?}");
    }
}

#[wasm_bindgen_test]
async fn while_the_browser_is_offline_nothing_is_asked_and_no_attempt_is_used_up() {
    let wire = Wire::new().await;
    let few = Retry::new().more_attempts(2).backoff(Duration::from_millis(200), Duration::from_millis(200));
    let mut answers = poll::every(BEAT, wire.url("/status/503")).retry(few).pause_when_offline().open();
    online(false).await;
    assert!(during(&mut answers, 150).await.is_empty());
    assert!(wire.entries().await.is_empty());
    online(true).await;
    while wire.entries().await.is_empty() {
        during(&mut answers, 20).await;
    }
    online(false).await;
    assert!(during(&mut answers, 100).await.is_empty());
    let before = wire.entries().await.len();
    assert!(during(&mut answers, 900).await.is_empty());
    assert_eq!(wire.entries().await.len(), before);
    online(true).await;
    as_it_was().await;
    let error = within(5000, answers.next()).await.unwrap().unwrap().unwrap_err();
    assert_eq!((error.status(), error.attempts(), wire.entries().await.len()), (Some(503), 3, 3));
}

#[wasm_bindgen_test]
async fn the_beat_counts_from_the_question_and_not_from_a_rest_before_it() {
    let wire = Wire::new().await;
    let every = poll::every(Duration::from_millis(400), wire.url("/status/200?text=x")).from_start();
    let mut answers = every.pause_when_hidden().open();
    next(&mut answers).await;
    hide(true).await;
    assert!(during(&mut answers, 900).await.is_empty());
    hide(false).await;
    next(&mut answers).await;
    next(&mut answers).await;
    as_it_was().await;
    let times = times(&wire.entries().await);
    assert!(times[2].0 - times[1].0 >= 200, "{times:?}");
}

#[wasm_bindgen_test]
async fn an_answer_that_is_here_when_the_page_hides_is_not_asked_for_again() {
    let wire = Wire::new().await;
    let long =
        poll::long(wire.url("/poll?count=9&every=100&hold=3000")).cursor(Cursor::json("next", "after"));
    let mut answers = long.pause_when_hidden().open();
    assert!(next(&mut answers).await.contains("message 1"));
    wire.when("the second answer", |entries| entries.len() == 2 && entries[1].ended.is_some()).await;
    sleep(100).await;
    hide(true).await;
    let second = within(1000, answers.next()).await;
    hide(false).await;
    as_it_was().await;
    assert!(second.unwrap().unwrap().unwrap().text().await.unwrap().contains("message 2"));
    assert!(next(&mut answers).await.contains("message 3"));
    let entries = wire.entries().await;
    let mut places: Vec<_> = entries.iter().map(|entry| entry.query.split("after=").nth(1)).collect();
    places.dedup();
    assert_eq!(places.len(), entries.len(), "{entries:?}");
}

#[wasm_bindgen_test]
async fn what_may_not_be_sent_again_cannot_be_paused() {
    let wire = Wire::new().await;
    let ask = |retry| {
        let request = http::post(wire.url("/poll?count=9&every=10")).body("x");
        poll::long(request).cursor(Cursor::json("next", "after")).pause_when_hidden().retry(retry).open()
    };
    assert!(ask(eager()).next().await.unwrap().unwrap_err().is_unsupported());
    assert!(wire.entries().await.is_empty());
    assert!(next(&mut ask(eager().any_method())).await.contains("message 1"));
}

#[wasm_bindgen_test]
async fn a_question_that_the_browser_ends_is_asked_again() {
    let wire = Wire::new().await;
    let mut answers = poll::every(BEAT, wire.url("/delay/600?text=x")).retry(eager()).open();
    during(&mut answers, 200).await;
    evaluate("stop()").await.unwrap();
    assert_eq!(next(&mut answers).await, "x");
    assert_eq!(wire.entries().await.len(), 2);
}
