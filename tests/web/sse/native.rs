//! The browser's own engine behind the same stream.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::sse::{self, ReadyState};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all, asked, eager, made, next};
use crate::shared::{Wire, within};

#[wasm_bindgen_test]
async fn events_of_the_types_asked_for_come_and_no_others() {
    let wire = Wire::new().await;
    let mut ticks = sse::native(wire.url("/sse?count=0&event=tick")).event("tick").open();
    assert_eq!(ticks.ready_state(), ReadyState::Connecting);
    let first = next(&mut ticks).await;
    assert_eq!((first.event_type(), first.data(), first.last_event_id()), ("tick", "event 1", "1"));
    assert_eq!((ticks.ready_state(), ticks.last_event_id().as_str()), (ReadyState::Open, "1"));
    let mut messages = sse::native(wire.url("/sse?count=0&event=tick")).open();
    messages.opened().await;
    assert!(within(300, messages.next()).await.is_none());
    drop((ticks, messages));
    wire.when("two disconnects", |entries| {
        entries
            .iter()
            .filter(|entry| entry.ended.as_ref().is_some_and(|ended| ended.how == "disconnected"))
            .count()
            == 2
    })
    .await;
}

#[wasm_bindgen_test]
async fn credentials_go_across_origins_only_if_they_are_asked_for() {
    let wire = Wire::new().await;
    let cookie = http_cookie(&wire).await;
    for with in [false, true] {
        let wire = Wire::new().await;
        let mut events = sse::native(wire.second_url("/sse?count=0")).with_credentials(with).open();
        next(&mut events).await;
        let sent = wire.entries().await[0].header("cookie").is_some_and(|sent| sent.contains(&cookie));
        assert_eq!(sent, with);
    }
}

/// A cookie of the host, which goes to its other ports with credentials.
async fn http_cookie(wire: &Wire) -> String {
    let url = wire.url("/status/200?set_cookie=sse=1");
    pagewire::http::get(url).with_credentials(true).await.unwrap();
    "sse=1".to_owned()
}

#[wasm_bindgen_test]
async fn one_that_the_browser_gives_up_is_made_anew() {
    let wire = Wire::new().await;
    // A browser gives up for good at any status but 200.
    let mut events = sse::native(wire.url("/sse?count=0&fail=2&status=503")).retry(eager()).open();
    assert_eq!(next(&mut events).await.data(), "event 1");
    let statuses: Vec<_> = wire.entries().await.iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [Some(503), Some(503), Some(200)]);
}

#[wasm_bindgen_test]
async fn after_enough_of_them_the_stream_ends_with_an_error() {
    let wire = Wire::new().await;
    let retry = eager().more_attempts(1);
    let (_, error) = all(sse::native(wire.url("/status/503")).retry(retry).open()).await;
    assert!(error.unwrap().is_network());
    assert_eq!(wire.entries().await.len(), 2);
    let (_, error) = all(sse::native("http://[bad?token=s3cret").retry(eager()).open()).await;
    let error = error.unwrap();
    assert!(error.is_invalid_request() && !format!("{error:?}").contains("s3cret"), "{error:?}");
}

#[wasm_bindgen_test]
async fn one_made_anew_goes_on_by_the_query_parameter_or_says_that_it_does_not() {
    // After its one event the server has no more, and answers the browser's own next request by 204: it gives up.
    for resumes in [true, false] {
        let wire = Wire::new().await;
        let events = sse::native(wire.url("/sse?count=1&retry=1")).retry(eager());
        let events = if resumes { events.resume_by_query("last_event_id") } else { events };
        let mut events = events.open();
        assert!(!next(&mut events).await.follows_gap());
        if resumes {
            assert!(within(2500, events.next()).await.is_none());
            let entries = wire.entries().await;
            assert!(
                entries.iter().skip(2).all(|entry| entry.query.ends_with("last_event_id=1")),
                "{entries:?}"
            );
            assert!(entries.len() > 2);
        } else {
            let again = next(&mut events).await;
            assert_eq!((again.data(), again.follows_gap()), ("event 1", true));
        }
    }
}

#[wasm_bindgen_test]
async fn without_its_heartbeat_it_is_made_anew_and_a_limit_without_a_heartbeat_is_refused() {
    let wire = Wire::new().await;
    let limit = Duration::from_millis(600);
    let events = sse::native(wire.url("/sse?count=1&event=ping&end=hold&ids=no")).retry(eager());
    let mut events = events.heartbeat("ping").idle_timeout(limit).open();
    assert!(within(1500, events.next()).await.is_none(), "a heartbeat is no event");
    wire.when("a second request", |entries| asked(entries).len() > 1).await;
    wire.disconnected().await;
    let wire = Wire::new().await;
    let (_, error) = all(sse::native(wire.url("/sse")).idle_timeout(limit).open()).await;
    assert!(error.unwrap().is_unsupported());
    let (_, error) = all(sse::native(wire.url("/sse")).last_event_id("1").open()).await;
    assert!(error.unwrap().is_unsupported());
    let (_, error) = all(sse::native(wire.url("/sse")).heartbeat("message").open()).await;
    assert!(error.unwrap().is_unsupported());
    let (_, error) = all(sse::native(wire.url("/sse")).event("x").heartbeat("x").open()).await;
    assert!(error.unwrap().is_unsupported());
    for retry in [eager().statuses([404]), eager().longest_retry_after(limit)] {
        let (_, error) = all(sse::native(wire.url("/sse")).retry(retry).open()).await;
        assert!(error.unwrap().is_unsupported());
    }
    let (_, error) = all(sse::native(wire.url("/sse")).pause_when_hidden().open()).await;
    assert!(error.unwrap().is_unsupported());
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn one_that_does_not_open_in_time_is_made_anew() {
    let wire = Wire::new().await;
    let retry = eager().more_attempts(1);
    let slow = sse::native(wire.url("/delay/5000")).open_timeout(Duration::from_millis(300)).retry(retry);
    let (_, error) = all(slow.open()).await;
    assert_eq!((error.unwrap().is_timeout(), wire.entries().await.len()), (true, 2));
}

#[wasm_bindgen_test]
async fn events_that_nobody_reads_are_bounded() {
    let wire = Wire::new().await;
    let mut events = sse::native(wire.url("/sse?count=0&every=5")).receive_limit(3, 1000).open();
    events.opened().await;
    crate::shared::sleep(800).await;
    let (data, error) = all(events).await;
    assert_eq!(data, ["event 1", "event 2", "event 3"]);
    assert!(error.unwrap().is_too_large());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn one_event_too_many_is_the_end_whatever_follows_it() {
    // The connection ends after it, and there is a refusal that the browser gives up at.
    let wire = Wire::new().await;
    let url = wire.url("/sse?count=0&per=10&every=5&retry=1&alternate=503");
    let mut events =
        sse::native(url).receive_limit(3, 1000).resume_by_query("last_event_id").retry(eager()).open();
    events.opened().await;
    wire.when("its end, though nobody reads", |entries| entries.iter().all(|entry| entry.ended.is_some()))
        .await;
    crate::shared::sleep(300).await;
    assert_eq!(wire.entries().await.len(), 1);
    assert_eq!(events.ready_state(), ReadyState::Connecting);
    let (data, error) = all(events).await;
    assert_eq!(data, ["event 1", "event 2", "event 3"]);
    assert!(error.unwrap().is_too_large());
    // Or one that is small enough again.
    let wire = Wire::new().await;
    let text = format!("data: {}\n\ndata: {}\n\ndata: c\n\n", "a".repeat(900), "b".repeat(200));
    let mut events = sse::native(wire.url(&made(&text, "hold"))).receive_limit(100, 1000).open();
    events.opened().await;
    wire.disconnected().await;
    let (data, error) = all(events).await;
    assert_eq!((data.len(), error.unwrap().is_too_large()), (1, true));
}

#[wasm_bindgen_test]
async fn only_failures_in_a_row_are_its_end() {
    // Each is open for a while, is lost, and meets a status that the browser gives up at.
    let wire = Wire::new().await;
    let few = eager().more_attempts(1).stable_after(Duration::from_millis(100));
    let url = wire.url("/sse?count=0&per=2&every=200&retry=1&alternate=503");
    let mut events = sse::native(url).retry(few).open();
    for _ in 0..4 {
        assert_eq!(next(&mut events).await.data(), "event 1");
        assert_eq!(next(&mut events).await.data(), "event 2");
    }
    // And where none lasts, there are no more than that.
    let wire = Wire::new().await;
    let few = eager().more_attempts(1).stable_after(Duration::from_secs(60));
    let url = wire.url("/sse?count=0&per=2&every=200&retry=1&alternate=503");
    assert_eq!(all(sse::native(url).retry(few).open()).await.0.len(), 4);
}

#[wasm_bindgen_test]
async fn one_that_the_browser_does_not_get_open_again_in_time_is_made_anew() {
    let wire = Wire::new().await;
    let url = wire.url("/sse?count=0&per=1&retry=1&then=hang");
    let slow = sse::native(url).open_timeout(Duration::from_millis(1500)).retry(eager());
    let mut events = slow.open();
    next(&mut events).await;
    let made = async { wire.when("a third request", |entries| asked(entries).len() > 2).await };
    let (_, entries) = futures_util::future::join(within(4000, events.next()), made).await;
    assert!(asked(&entries)[2].header("last-event-id").is_none(), "made anew, not by the browser");
}

#[wasm_bindgen_test]
async fn while_the_browser_waits_to_connect_again_nothing_is_silent() {
    let wire = Wire::new().await;
    // The browser's wait is longer than the limit.
    let url = wire.url("/sse?count=0&per=1&retry=1500");
    let mut events =
        sse::native(url).heartbeat("ping").idle_timeout(Duration::from_millis(500)).retry(eager()).open();
    next(&mut events).await;
    assert_eq!(next(&mut events).await.data(), "event 2", "it went on, by the browser's own header");
    assert_eq!(asked(&wire.entries().await).len(), 2);
}

#[wasm_bindgen_test]
async fn what_the_server_names_as_the_browser_names_its_own_are_events_of_an_open_stream() {
    for name in ["error", "open"] {
        let wire = Wire::new().await;
        let url = wire.url(&format!("/sse?count=0&every=100&event={name}"));
        let mut events =
            sse::native(url).event(name).open_timeout(Duration::from_secs(1)).retry(eager()).open();
        for number in 1..16 {
            let event = next(&mut events).await;
            assert_eq!((event.event_type(), event.data()), (name, format!("event {number}").as_str()));
            assert_eq!((events.ready_state(), event.follows_gap()), (ReadyState::Open, false), "{name}");
        }
        assert_eq!(asked(&wire.entries().await).len(), 1, "{name}");
    }
}
