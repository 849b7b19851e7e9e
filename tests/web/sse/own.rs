//! The library's own engine: what it asks for, what it makes of the answers, and when it asks again.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::http::{self, Retry};
use pagewire::sse::{self, ReadyState};
use pagewire::{ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all, asked, eager, made, next};
use crate::conformance_engine::{Engine, engine};
use crate::shared::{Wire, sleep, within};

#[wasm_bindgen_test]
async fn events_come_while_the_response_goes_on() {
    let wire = Wire::new().await;
    let mut events = sse::connect(wire.url("/sse?count=0&every=20&event=tick")).open();
    assert_eq!(events.ready_state(), ReadyState::Connecting);
    assert!(wire.entries().await.is_empty(), "nothing is sent before it is polled");
    let first = next(&mut events).await;
    assert_eq!((first.event_type(), first.data(), first.last_event_id()), ("tick", "event 1", "1"));
    assert_eq!((events.ready_state(), events.last_event_id().as_str()), (ReadyState::Open, "1"));
    let entries = wire.entries().await;
    assert_eq!((entries[0].header("accept"), entries[0].ended.is_none()), (Some("text/event-stream"), true));
    drop(events);
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn it_is_open_before_the_first_event() {
    let wire = Wire::new().await;
    let mut events = sse::connect(wire.url(&made(": hi\n\n", "hold"))).open();
    within(5000, events.opened()).await.expect("open");
    assert_eq!(events.ready_state(), ReadyState::Open);
    within(100, events.opened()).await.expect("still open");
    // What came of opening is told by the stream.
    let mut refused = sse::connect(wire.url("/status/404")).open();
    refused.opened().await;
    assert_eq!(refused.next().await.unwrap().unwrap_err().status(), Some(404));
    assert!(refused.next().await.is_none());
    assert_eq!(refused.ready_state(), ReadyState::Closed);
}

#[wasm_bindgen_test]
async fn it_goes_on_after_the_last_event_until_the_server_says_that_there_are_no_more() {
    for (end, how) in [("clean", "ended"), ("cut", "cut")] {
        let wire = Wire::new().await;
        let url = wire.url(&format!("/sse?count=5&per=2&every=5&end={end}"));
        let (data, error) = all(sse::connect(url).retry(eager()).open()).await;
        assert_eq!(data, ["event 1", "event 2", "event 3", "event 4", "event 5"], "{how}");
        assert!(error.is_none(), "{error:?}");
        let entries = wire.entries().await;
        let ids: Vec<_> = asked(&entries).iter().map(|entry| entry.header("last-event-id")).collect();
        assert_eq!(ids, [None, Some("2"), Some("4"), Some("5")]);
        assert_eq!(asked(&entries)[3].status, Some(204));
    }
}

#[wasm_bindgen_test]
async fn by_a_query_parameter_it_goes_on_without_a_preflight() {
    let wire = Wire::new().await;
    let events = sse::connect(wire.url("/sse?count=3&per=2&every=5"));
    let (data, _) =
        all(events.retry(eager()).resume_by_query("last_event_id").last_event_id("1").open()).await;
    assert_eq!(data, ["event 2", "event 3"]);
    let entries = wire.entries().await;
    assert!(entries.iter().all(|entry| entry.method == "GET" && entry.header("last-event-id").is_none()));
    let asked: Vec<_> = entries.iter().map(|entry| entry.query.rsplit('&').next().unwrap()).collect();
    assert_eq!(asked, ["last_event_id=1", "last_event_id=3"]);
}

#[wasm_bindgen_test]
async fn the_id_of_a_block_without_data_is_sent_too_in_utf_8() {
    let wire = Wire::new().await;
    let mut events = sse::connect(wire.url(&made("id: \u{2026}\n\nid: lost", "clean"))).retry(eager()).open();
    assert!(within(500, events.next()).await.is_none(), "no event comes of it");
    assert_eq!(events.last_event_id(), "\u{2026}");
    let entries = wire.entries().await;
    // WebKit encodes a header's bytes once more; by a query parameter it is right there too.
    let sent = if engine().await == Engine::WebKit {
        "\u{c3}\u{a2}\u{c2}\u{80}\u{c2}\u{a6}"
    } else {
        "\u{e2}\u{80}\u{a6}"
    };
    assert_eq!(asked(&entries)[1].header("last-event-id"), Some(sent));
}

#[wasm_bindgen_test]
async fn it_waits_for_as_long_as_the_server_says() {
    let wire = Wire::new().await;
    let (data, _) = all(sse::connect(wire.url("/sse?count=2&per=1&retry=400")).retry(eager()).open()).await;
    assert_eq!(data.len(), 2);
    let entries = wire.entries().await;
    let times: Vec<_> = asked(&entries).iter().map(|entry| entry.started_ms).collect();
    assert!(times[1] - times[0] >= 400, "{times:?}");
}

#[wasm_bindgen_test]
async fn a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let wire = Wire::new().await;
    let (data, _) = all(sse::connect(wire.url("/sse?count=1&fail=2&status=503")).retry(eager()).open()).await;
    assert_eq!((data.len(), asked(&wire.entries().await).len()), (1, 4));
    let wire = Wire::new().await;
    let (data, error) =
        all(sse::connect(wire.url("/sse?count=1&fail=2&status=403")).retry(eager()).open()).await;
    assert_eq!((data.len(), error.unwrap().status(), wire.entries().await.len()), (0, Some(403), 1));
    // Which are which is the caller's to say.
    let wire = Wire::new().await;
    let retry = eager().statuses([403]);
    let (data, _) = all(sse::connect(wire.url("/sse?count=1&fail=2&status=403")).retry(retry).open()).await;
    assert_eq!(data.len(), 1);
}

#[wasm_bindgen_test]
async fn after_enough_attempts_the_last_failure_stands() {
    let wire = Wire::new().await;
    let few = Retry::new().more_attempts(2).backoff(Duration::from_millis(1), Duration::from_millis(1));
    let (_, error) = all(sse::connect(wire.url("/sse?fail=9&status=503")).retry(few).open()).await;
    let error = error.unwrap();
    assert_eq!((error.status(), error.attempts(), wire.entries().await.len()), (Some(503), 3, 3));
}

#[wasm_bindgen_test]
async fn another_type_than_text_event_stream_is_an_error_whatever_its_parameters() {
    let wire = Wire::new().await;
    let (_, error) = all(sse::connect(wire.url("/sse?type=text/plain")).retry(eager()).open()).await;
    assert!(error.unwrap().is_decode());
    assert_eq!(wire.entries().await.len(), 1);
    let url = wire.url("/sse?count=1&type=Text/Event-Stream%3B%20charset%3Dutf-8");
    assert_eq!(
        all(sse::connect(url).retry(eager()).resume_by_query("last_event_id").open()).await.0.len(),
        1
    );
}

#[wasm_bindgen_test]
async fn a_post_is_not_sent_again_unless_it_may_be() {
    let wire = Wire::new().await;
    let ask = |end: &str| http::post(wire.url(&format!("/sse?count=4&per=2&every=5&end={end}"))).body("why");
    let (data, error) = all(sse::connect(ask("clean")).retry(eager()).open()).await;
    assert_eq!((data.len(), error.is_none(), wire.entries().await.len()), (2, true, 1));
    let (data, error) = all(sse::connect(ask("cut")).retry(eager()).open()).await;
    // WebKitGTK takes a chunked body that breaks off for one that has ended; between two events the format cannot tell.
    let kind = (engine().await != Engine::WebKit).then_some(ErrorKind::Network);
    assert_eq!((data.len(), error.map(|error| error.kind()), wire.entries().await.len()), (2, kind, 2));
    let busy = http::post(wire.url("/sse?fail=9&status=503")).body("why");
    assert_eq!(all(sse::connect(busy).retry(eager()).open()).await.1.unwrap().status(), Some(503));
    assert_eq!(wire.entries().await.len(), 3);
    let wire = Wire::new().await;
    let ask = http::post(wire.url("/sse?count=4&per=2&every=5")).body("why");
    let (data, _) = all(sse::connect(ask).retry(eager().any_method()).open()).await;
    let entries = wire.entries().await;
    assert_eq!(data.len(), 4);
    assert!(asked(&entries).iter().all(|entry| entry.method == "POST"), "{entries:?}");
    assert_eq!(asked(&entries)[1].body.as_ref().unwrap().text.as_deref(), Some("why"));
}

#[wasm_bindgen_test]
async fn a_body_that_ends_within_an_event_is_no_clean_end() {
    let wire = Wire::new().await;
    for text in ["data: a\n\ndata: b", "data: a\n\ndata: b\n", "data: a\n\nid: 7\n"] {
        let ask = http::post(wire.url(&made(text, "clean"))).body("why");
        let (data, error) = all(sse::connect(ask).open()).await;
        assert_eq!((data, error.unwrap().kind()), (vec!["a".to_owned()], ErrorKind::Network), "{text:?}");
    }
}

#[wasm_bindgen_test]
async fn a_connection_that_is_silent_is_made_anew_and_a_comment_is_no_silence() {
    let wire = Wire::new().await;
    let limit = Duration::from_millis(500);
    let silent = http::get(wire.url("/sse?count=2&per=1&end=hold")).idle_timeout(limit);
    let (data, error) = all(sse::connect(silent).retry(eager()).open()).await;
    assert_eq!((data, error.is_none()), (vec!["event 1".to_owned(), "event 2".to_owned()], true));
    let wire = Wire::new().await;
    // ":\n" ten times, 200 ms apart, and then an event.
    let comments = format!(
        "/pieces?type=text/event-stream&every=200{}&hex=646174613a780a0a&end=hold",
        "&hex=3a0a".repeat(10)
    );
    let quiet = http::get(wire.url(&comments)).idle_timeout(limit);
    let mut events = sse::connect(quiet).retry(eager()).open();
    assert_eq!(next(&mut events).await.data(), "x");
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_server_that_does_not_answer_is_asked_again_after_the_first_byte_limit() {
    let wire = Wire::new().await;
    let limit = Duration::from_millis(200);
    let few = Retry::new().more_attempts(1).backoff(Duration::from_millis(1), Duration::from_millis(1));
    let slow = http::get(wire.url("/delay/4000")).first_byte_timeout(limit);
    let (_, error) = all(sse::connect(slow).retry(few).open()).await;
    assert_eq!((error.unwrap().phase(), wire.entries().await.len()), (Some(Phase::FirstByte), 2));
}

#[wasm_bindgen_test]
async fn the_total_limit_ends_the_stream_and_all_its_connections() {
    let wire = Wire::new().await;
    let endless = http::get(wire.url("/sse?count=0&every=20&per=5")).timeout(Duration::from_millis(700));
    let (data, error) = all(sse::connect(endless).retry(eager()).open()).await;
    assert_eq!(error.unwrap().phase(), Some(Phase::Total));
    assert!(data.len() > 5, "{data:?}");
}

#[wasm_bindgen_test]
async fn a_signal_ends_it_and_one_that_is_aborted_already_sends_nothing() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    let request = |path: &str| http::get(wire.url(path)).abort_signal(&controller.signal());
    let mut events = sse::connect(request("/sse?count=0")).open();
    next(&mut events).await;
    // And one that waits for its next attempt.
    let waiting = Retry::new().forever().backoff(Duration::from_secs(600), Duration::from_secs(600));
    let waiting = sse::connect(request("/sse?count=3&per=1")).retry(waiting).open();
    let (ended, ()) = futures_util::future::join(all(waiting), async {
        sleep(300).await;
        controller.abort();
    })
    .await;
    assert!(ended.1.unwrap().is_aborted());
    assert!(within(1000, events.collect::<Vec<_>>()).await.unwrap().pop().unwrap().unwrap_err().is_aborted());
    wire.disconnected().await;
    let before = wire.entries().await.len();
    assert!(all(sse::connect(request("/sse")).open()).await.1.unwrap().is_aborted());
    assert_eq!(wire.entries().await.len(), before);
}

#[wasm_bindgen_test]
async fn an_event_that_may_follow_a_gap_says_so() {
    let wire = Wire::new().await;
    let mut without = sse::connect(wire.url("/sse?count=2&per=2&ids=no")).retry(eager()).open();
    let mut gaps = Vec::new();
    for _ in 0..5 {
        gaps.push(next(&mut without).await.follows_gap());
    }
    assert_eq!(gaps, [false, false, true, false, true]);
    let with = sse::connect(wire.url("/sse?count=5&per=2")).retry(eager()).open();
    let gaps: Vec<_> = with.map(|event| event.unwrap().follows_gap()).collect().await;
    assert_eq!(gaps, [false; 5]);
}

#[wasm_bindgen_test]
async fn an_event_that_is_too_large_ends_the_stream_and_its_connection() {
    let wire = Wire::new().await;
    let mut events =
        sse::connect(wire.url(&made("data: a\n\ndata: 0123456789", "hold"))).max_event(10).open();
    assert_eq!(next(&mut events).await.data(), "a");
    let error = within(5000, events.next()).await.unwrap().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::TooLarge, Some(9)));
    wire.disconnected().await;
    assert!(events.next().await.is_none());
}

#[wasm_bindgen_test]
async fn dropped_at_any_moment_it_leaves_no_connection() {
    let wire = Wire::new().await;
    drop(sse::connect(wire.url("/sse")).open());
    assert!(within(200, sse::connect(wire.url("/delay/5000")).open().next()).await.is_none());
    wire.disconnected().await;
    // Between two connections.
    let wire = Wire::new().await;
    let waiting = Retry::new().forever().backoff(Duration::from_millis(300), Duration::from_millis(300));
    let mut events = sse::connect(wire.url("/sse?count=9&per=1&retry=300")).retry(waiting).open();
    next(&mut events).await;
    assert!(within(100, events.next()).await.is_none());
    drop(events);
    sleep(1000).await;
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_comment_is_no_part_of_an_event_that_could_be_cut() {
    let wire = Wire::new().await;
    let once = http::post(wire.url(&made("data: a\n\n: bye\n", "clean")));
    let (data, error) = all(sse::connect(once).open()).await;
    assert_eq!((data, error.map(|error| error.to_string())), (vec!["a".to_owned()], None));
}
