//! The library's own engine over XMLHttpRequest, whose budget makes it connect anew.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use pagewire::http::{self, Retry};
use pagewire::sse;
use pagewire::stream::Xhr;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all, asked, eager, made, next};
use crate::shared::{Wire, within};

fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("event {number}")).collect()
}

/// Waits that no test would sit out: so it was not after one that it went on.
fn patient() -> Retry {
    Retry::new().forever().backoff(Duration::from_secs(60), Duration::from_secs(60))
}

#[wasm_bindgen_test]
async fn events_come_while_the_response_goes_on() {
    let wire = Wire::new().await;
    let mut events = sse::connect(wire.url("/sse?count=0&every=100")).over_xhr(Xhr::new()).open();
    assert_eq!(next(&mut events).await.data(), "event 1");
    let entries = wire.entries().await;
    assert_eq!((entries[0].header("accept"), entries[0].ended.is_none()), (Some("text/event-stream"), true));
    assert_eq!(entries[0].header("cache-control"), None, "fetch would have said no-store");
    drop(events);
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_used_up_budget_is_a_reconnection_at_once_and_nothing_is_lost_or_comes_twice() {
    let wire = Wire::new().await;
    // The server ends with 204, and never by itself before that.
    let url = wire.url("/sse?count=30&every=30&end=hold");
    let events = sse::connect(url).over_xhr(Xhr::new().budget(200)).retry(patient());
    let mut events = events.resume_by_query("last_event_id").open();
    for expected in numbered(30) {
        let event = next(&mut events).await;
        assert_eq!((event.data(), event.follows_gap()), (expected.as_str(), false));
    }
    let entries = wire.entries().await;
    assert!(entries.len() >= 3, "{} requests", entries.len());
    assert!(entries[1].query.contains("last_event_id="), "{}", entries[1].query);
    drop(events);
    wire.when("the end of all", |entries| entries.iter().all(|entry| entry.ended.is_some())).await;
}

#[wasm_bindgen_test]
async fn without_ids_the_event_after_it_follows_a_gap() {
    let wire = Wire::new().await;
    let url = wire.url("/sse?count=0&every=30&ids=no");
    let events = sse::connect(url).over_xhr(Xhr::new().budget(100)).retry(eager()).open();
    let mut gaps = events.filter(|event| std::future::ready(event.as_ref().unwrap().follows_gap()));
    let after = within(10_000, gaps.next()).await.expect("a gap").unwrap().unwrap();
    assert_eq!(after.data(), "event 1");
}

#[wasm_bindgen_test]
async fn a_post_is_not_sent_again_for_its_budget_unless_it_may_be() {
    let wire = Wire::new().await;
    let ask = || http::post(wire.url("/sse?count=8&every=60")).body("why");
    let over = |request| sse::connect(request).over_xhr(Xhr::new().budget(100));
    let (data, error) = all(over(ask()).retry(eager()).open()).await;
    assert!(!data.is_empty() && data == numbered(data.len()), "{data:?}");
    assert!(error.unwrap().is_too_large());
    let (data, error) = all(over(ask()).retry(eager().any_method()).open()).await;
    assert_eq!((data, error.is_none()), (numbered(8), true));
}

#[wasm_bindgen_test]
async fn an_event_greater_than_the_budget_is_an_error_and_not_asked_for_for_ever() {
    let wire = Wire::new().await;
    let url = wire.url(&made(&format!("data:{}", "a".repeat(300)), "hold"));
    let (data, error) = all(sse::connect(url).over_xhr(Xhr::new().budget(100)).retry(eager()).open()).await;
    assert_eq!((data.len(), wire.entries().await.len()), (0, 2));
    assert!(error.unwrap().is_too_large());
    // Nor if a comment or a time to wait comes before it.
    let wire = Wire::new().await;
    let url = wire.url(&made(&format!(": ok\n\nretry: 1\n\ndata:{}", "a".repeat(300)), "hold"));
    let (data, error) = all(sse::connect(url).over_xhr(Xhr::new().budget(100)).retry(eager()).open()).await;
    assert_eq!((data.len(), wire.entries().await.len()), (0, 2));
    assert!(error.unwrap().is_too_large());
}

#[wasm_bindgen_test]
async fn a_server_that_begins_anew_with_each_request_is_not_asked_without_pauses_for_ever() {
    // Without IDs, and with some that it does not heed: the second time nothing is new.
    for (first, times) in [("data: a\n\n", 3), ("id: 1\ndata: a\n\n", 4)] {
        let wire = Wire::new().await;
        let url = wire.url(&made(&format!("{first}data: {}", "a".repeat(300)), "hold"));
        let retry = eager().more_attempts(2);
        let (data, error) = all(sse::connect(url).over_xhr(Xhr::new().budget(100)).retry(retry).open()).await;
        assert_eq!((data, asked(&wire.entries().await).len()), (vec!["a".to_owned(); times], times));
        assert!(error.unwrap().is_too_large());
    }
}

#[wasm_bindgen_test]
async fn comments_use_the_budget_up_as_events_do_and_are_none() {
    let wire = Wire::new().await;
    let url = wire.url(&made(&": still here\n".repeat(20), "hold"));
    let events = sse::connect(url).over_xhr(Xhr::new().budget(100)).retry(eager()).open();
    let asked_again = async { wire.when("a third request", |entries| entries.len() > 2).await };
    let first = pin!(events.into_future());
    let Either::Right(_) = select(first, pin!(asked_again)).await else {
        panic!("the stream gave something")
    };
}

#[wasm_bindgen_test]
async fn statuses_types_and_the_end_are_as_over_fetch() {
    let wire = Wire::new().await;
    let over = |path: &str| sse::connect(wire.url(path)).over_xhr(Xhr::new()).retry(eager()).open();
    let (data, error) = all(over("/sse?count=5&per=2&every=5&fail=1&status=503")).await;
    assert_eq!((data, error.is_none()), (numbered(5), true));
    let entries = wire.entries().await;
    let ids: Vec<_> = asked(&entries).iter().map(|entry| entry.header("last-event-id")).collect();
    assert_eq!(ids, [None, None, Some("2"), Some("4"), Some("5")]);
    assert_eq!(all(over("/status/403")).await.1.unwrap().status(), Some(403));
    assert!(all(over("/sse?type=text/plain")).await.1.unwrap().is_decode());
}

#[wasm_bindgen_test]
async fn another_way_to_resume_is_refused() {
    let wire = Wire::new().await;
    let events = sse::connect(wire.url("/sse")).over_xhr(Xhr::new().resume_by_range()).open();
    assert!(all(events).await.1.unwrap().is_unsupported());
    assert!(wire.entries().await.is_empty());
}
