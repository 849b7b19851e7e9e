//! Hidden, frozen, put aside, offline, and back: by synthetic events, as no driver stages them in every engine.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use pagewire::http::Retry;
use pagewire::sse;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{asked, eager, next};
use crate::shared::{Wire, evaluate, sleep, within};

pub(crate) async fn hide(hidden: bool) {
    let source = format!(
        "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }});
         document.dispatchEvent(new Event('visibilitychange'));"
    );
    evaluate(&source).await.unwrap();
}

pub(crate) async fn online(online: bool) {
    let source = format!(
        "Object.defineProperty(navigator, 'onLine', {{ value: {online}, configurable: true }});
         dispatchEvent(new Event('{}'));",
        if online { "online" } else { "offline" }
    );
    evaluate(&source).await.unwrap();
}

pub(crate) async fn as_it_was() {
    evaluate("delete document.hidden; delete navigator.onLine;").await.unwrap();
}

/// Polls `events` for so long, and gives the data of what came.
async fn during(events: &mut sse::EventStream, milliseconds: u32) -> Vec<String> {
    let mut data = Vec::new();
    let mut time = std::pin::pin!(sleep(milliseconds));
    while let Either::Left((Some(event), _)) = select(events.next(), time.as_mut()).await {
        data.push(event.unwrap().into_data());
    }
    data
}

#[wasm_bindgen_test]
async fn while_the_page_is_hidden_there_is_no_connection_and_then_it_goes_on_without_repeats() {
    let wire = Wire::new().await;
    let mut events =
        sse::connect(wire.url("/sse?count=0&every=50")).retry(eager()).pause_when_hidden().open();
    let mut data = vec![next(&mut events).await.into_data()];
    data.extend(during(&mut events, 300).await);
    hide(true).await;
    data.extend(during(&mut events, 300).await);
    wire.disconnected().await;
    let so_far = data.len();
    assert!(during(&mut events, 300).await.is_empty());
    hide(false).await;
    data.extend(during(&mut events, 500).await);
    as_it_was().await;
    let expected: Vec<_> = (1..=data.len()).map(|number| format!("event {number}")).collect();
    assert_eq!(data, expected);
    assert!(data.len() > so_far);
    assert_eq!(asked(&wire.entries().await).len(), 2);
}

#[wasm_bindgen_test]
async fn coming_back_while_a_wait_runs_makes_one_connection_and_not_two() {
    let wire = Wire::new().await;
    let retry = Retry::new().forever().backoff(Duration::from_millis(1), Duration::from_millis(1));
    let mut events =
        sse::connect(wire.url("/sse?count=0&per=1&retry=1500")).retry(retry).pause_when_hidden().open();
    next(&mut events).await;
    // The end of the response is seen, and the wait runs.
    assert!(during(&mut events, 300).await.is_empty());
    for _ in 0..3 {
        assert!(during(&mut events, 30).await.is_empty());
        hide(true).await;
        during(&mut events, 30).await;
        hide(false).await;
    }
    during(&mut events, 2500).await;
    as_it_was().await;
    drop(events);
    sleep(300).await;
    let entries = wire.entries().await;
    let open = entries.iter().filter(|entry| entry.ended.is_none()).count();
    assert_eq!(open, 0, "{entries:?}");
    let ids: Vec<_> =
        asked(&entries).iter().map(|entry| entry.header("last-event-id").map(str::to_owned)).collect();
    let mut distinct = ids.clone();
    distinct.dedup();
    assert_eq!(ids, distinct, "each event was asked for once");
}

#[wasm_bindgen_test]
async fn frozen_or_put_aside_it_rests_and_comes_back() {
    for (target, away, back) in [("document", "freeze", "resume"), ("window", "pagehide", "pageshow")] {
        let wire = Wire::new().await;
        let mut events =
            sse::connect(wire.url("/sse?count=0&every=50")).retry(eager()).pause_when_hidden().open();
        next(&mut events).await;
        evaluate(&format!("{target}.dispatchEvent(new Event('{away}'))")).await.unwrap();
        during(&mut events, 200).await;
        wire.disconnected().await;
        evaluate(&format!("{target}.dispatchEvent(new Event('{back}'))")).await.unwrap();
        next(&mut events).await;
    }
}

fn patient() -> Retry {
    Retry::new().forever().backoff(Duration::from_secs(600), Duration::from_secs(600))
}

#[wasm_bindgen_test]
async fn a_wait_ends_when_the_network_or_the_page_is_back_but_not_when_a_page_has_loaded() {
    let shown = |persisted| {
        format!("dispatchEvent(new PageTransitionEvent('pageshow', {{ persisted: {persisted} }}))")
    };
    for back in ["dispatchEvent(new Event('online'))", &shown(true)] {
        let wire = Wire::new().await;
        let mut events = sse::connect(wire.url("/sse?count=2&per=1")).retry(patient()).open();
        next(&mut events).await;
        assert!(within(200, events.next()).await.is_none());
        evaluate(&shown(false)).await.unwrap();
        assert!(within(200, events.next()).await.is_none());
        evaluate(back).await.unwrap();
        assert_eq!(next(&mut events).await.data(), "event 2");
    }
}

#[wasm_bindgen_test]
async fn what_the_server_asked_for_is_waited_out_though_the_network_is_back() {
    // The event names the least wait; the refusal names the wait.
    for (path, least) in
        [("/sse?count=2&per=1&retry=900", 900), ("/sse?fail=1&status=503&retry_after=1", 1000)]
    {
        let wire = Wire::new().await;
        let mut events = sse::connect(wire.url(path)).retry(eager()).resume_by_query("last_event_id").open();
        during(&mut events, 300).await;
        online(true).await;
        as_it_was().await;
        next(&mut events).await;
        let entries = wire.entries().await;
        let waited = entries[1].started_ms - entries[0].started_ms;
        assert!(waited >= least, "{path}: {waited}");
    }
}

#[wasm_bindgen_test]
async fn a_question_without_an_answer_yet_is_ended_by_a_rest_and_asked_after_it() {
    let wire = Wire::new().await;
    let mut events = sse::connect(wire.url("/delay/5000")).retry(eager()).pause_when_hidden().open();
    assert!(during(&mut events, 200).await.is_empty());
    hide(true).await;
    assert!(during(&mut events, 200).await.is_empty());
    wire.disconnected().await;
    assert_eq!(wire.entries().await.len(), 1);
    hide(false).await;
    assert!(during(&mut events, 200).await.is_empty());
    as_it_was().await;
    assert_eq!(wire.entries().await.len(), 2);
}

#[wasm_bindgen_test]
async fn while_it_rests_no_attempt_is_used_up() {
    let wire = Wire::new().await;
    let few = Retry::new().more_attempts(2).backoff(Duration::from_millis(200), Duration::from_millis(200));
    let mut events = sse::connect(wire.url("/status/503")).retry(few).pause_when_offline().open();
    online(false).await;
    assert!(during(&mut events, 100).await.is_empty());
    assert!(wire.entries().await.is_empty());
    online(true).await;
    while wire.entries().await.is_empty() {
        during(&mut events, 20).await;
    }
    online(false).await;
    assert!(during(&mut events, 100).await.is_empty());
    let before = wire.entries().await.len();
    assert!(before <= 2);
    assert!(during(&mut events, 900).await.is_empty());
    assert_eq!(wire.entries().await.len(), before);
    online(true).await;
    as_it_was().await;
    let (_, error) = super::all(events).await;
    assert_eq!((error.unwrap().attempts(), wire.entries().await.len()), (3, 3));
}

#[wasm_bindgen_test]
async fn what_the_browser_ends_goes_on() {
    let wire = Wire::new().await;
    let mut events = sse::connect(wire.url("/sse?count=0&every=50")).retry(eager()).open();
    next(&mut events).await;
    evaluate("stop()").await.unwrap();
    wire.disconnected().await;
    let mut data = during(&mut events, 500).await;
    while asked(&wire.entries().await).len() < 2 {
        data.push(next(&mut events).await.into_data());
    }
    let expected: Vec<_> = (2..data.len() + 2).map(|number| format!("event {number}")).collect();
    assert_eq!(data, expected);
}

#[wasm_bindgen_test]
async fn while_the_browser_is_offline_it_rests_if_asked_to() {
    let wire = Wire::new().await;
    online(false).await;
    let mut events = sse::connect(wire.url("/sse?count=0")).pause_when_offline().open();
    assert!(during(&mut events, 200).await.is_empty());
    assert!(wire.entries().await.is_empty());
    online(true).await;
    as_it_was().await;
    assert_eq!(next(&mut events).await.data(), "event 1");
}

#[wasm_bindgen_test]
async fn the_browser_s_own_rests_too_and_goes_on_by_its_query_parameter() {
    let wire = Wire::new().await;
    let native = sse::native(wire.url("/sse?count=0&every=50")).retry(eager());
    let mut events = native.resume_by_query("last_event_id").pause_when_hidden().open();
    let mut data = during(&mut events, 400).await;
    hide(true).await;
    data.extend(during(&mut events, 100).await);
    wire.disconnected().await;
    hide(false).await;
    data.push(next(&mut events).await.into_data());
    as_it_was().await;
    let expected: Vec<_> = (1..=data.len()).map(|number| format!("event {number}")).collect();
    assert_eq!(data, expected);
}

#[wasm_bindgen_test]
async fn a_page_that_stood_still_reads_what_has_come_before_it_says_that_nothing_came() {
    let wire = Wire::new().await;
    let request =
        pagewire::http::get(wire.url("/sse?count=0&every=50")).idle_timeout(Duration::from_millis(400));
    let mut events = sse::connect(request).retry(eager()).open();
    next(&mut events).await;
    // While a read waits. The server goes on; the timer of the limit and the bytes are due at once afterwards.
    let still = "setTimeout(() => { const until = Date.now() + 1500; while (Date.now() < until); }, 75)";
    evaluate(still).await.unwrap();
    assert!(!during(&mut events, 2000).await.is_empty());
    assert_eq!(wire.entries().await.len(), 1);
}
