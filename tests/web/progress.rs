//! The events of an exchange: their order, their numbers, and one outcome.

use futures_util::{StreamExt, future::join};
use pagewire::http::{self, Event, Moment, ReadyState};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{order, run};
use crate::shared::{Wire, sleep};

// https://xhr.spec.whatwg.org/#the-send()-method
#[wasm_bindgen_test]
async fn an_exchange_with_a_body_goes_through_its_events_in_the_order_of_the_specification() {
    let wire = Wire::new().await;
    let (response, events) = run(http::post(wire.url("/echo")).body("hello").upload_events()).await;
    assert_eq!(response.unwrap().status(), 200);
    let expected = [
        "state 1",
        "LoadStart",
        "upload LoadStart",
        "upload Progress",
        "upload Load",
        "upload LoadEnd",
        "state 2",
        "state 3",
        "Progress",
        "state 4",
        "Load",
        "LoadEnd",
    ];
    assert_eq!(order(&events), expected);
}

#[wasm_bindgen_test]
async fn a_failed_exchange_ends_with_error_and_loadend() {
    let wire = Wire::new().await;
    let (response, events) = run(http::get(wire.url("/status/200?cors=off"))).await;
    assert!(response.unwrap_err().is_network());
    assert_eq!(order(&events), ["state 1", "LoadStart", "state 4", "Error", "LoadEnd"]);
}

#[wasm_bindgen_test]
async fn a_timeout_is_an_event_too() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/delay/5000")).timeout(std::time::Duration::from_millis(200));
    let (response, events) = run(request).await;
    assert!(response.unwrap_err().is_timeout());
    assert_eq!(order(&events), ["state 1", "LoadStart", "state 4", "Timeout", "LoadEnd"]);
}

#[wasm_bindgen_test]
async fn an_abort_ends_the_events_and_gives_one_outcome() {
    let wire = Wire::new().await;
    let mut exchange = http::get(wire.url("/bytes/10000000?chunk=20000&delay=20")).start().unwrap();
    let events = exchange.events();
    sleep(300).await;
    exchange.abort();
    exchange.abort();
    let (response, events): (_, Vec<Event>) = join(exchange, events.collect()).await;
    assert!(response.unwrap_err().is_aborted());
    let order = order(&events);
    assert_eq!(order[order.len() - 3..], ["state 4", "Abort", "LoadEnd"], "{order:?}");
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn the_progress_of_a_download_grows_to_its_total() {
    let wire = Wire::new().await;
    let (response, events) = run(http::get(wire.url("/bytes/400000?chunk=20000&delay=40"))).await;
    assert!(response.is_ok());
    let progress: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Download(Moment::Progress, progress) => Some(*progress),
            _ => None,
        })
        .collect();
    assert!(progress.len() >= 3, "{}", progress.len());
    assert!(progress.is_sorted_by(|a, b| a.loaded <= b.loaded));
    assert!(progress.iter().all(|step| step.total == Some(400_000)));
    assert_eq!(progress.last().unwrap().loaded, 400_000);
    assert!(progress.iter().any(|step| step.rate.is_some_and(|rate| rate > 0.0)));
    assert!(progress.iter().any(|step| step.remaining.is_some()));
}

#[wasm_bindgen_test]
async fn the_progress_of_an_upload_grows_to_its_total() {
    let wire = Wire::new().await;
    let body = vec![1_u8; 6_000_000];
    let request = http::post(wire.url("/upload?pace=6000000")).body(body).upload_events();
    let (response, events) = run(request).await;
    assert!(response.is_ok());
    let progress: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Upload(Moment::Progress, progress) => Some(*progress),
            _ => None,
        })
        .collect();
    assert!(progress.len() >= 2, "{}", progress.len());
    assert!(progress.is_sorted_by(|a, b| a.loaded <= b.loaded));
    assert_eq!(progress.last().map(|step| (step.loaded, step.total)), Some((6_000_000, Some(6_000_000))));
    let posted = wire.entries().await;
    let post = posted.iter().find(|entry| entry.method == "POST").unwrap();
    assert_eq!(post.body.as_ref().unwrap().length, 6_000_000);
}

#[wasm_bindgen_test]
async fn upload_events_preflight_a_simple_request_and_are_attached_only_when_asked_for() {
    let preflights = async |with: bool| {
        let wire = Wire::new().await;
        let request = http::post(wire.url("/echo")).body("hello");
        let request = if with { request.upload_events() } else { request };
        let (response, _) = run(request).await;
        assert!(response.is_ok());
        wire.entries().await.iter().filter(|entry| entry.method == "OPTIONS").count()
    };
    assert_eq!(preflights(false).await, 0);
    assert_eq!(preflights(true).await, 1);
}

#[wasm_bindgen_test]
async fn events_that_nobody_reads_cost_no_memory_and_lose_no_state() {
    let wire = Wire::new().await;
    let exchange = http::get(wire.url("/bytes/400000?chunk=4000&delay=15")).start().unwrap();
    let events = exchange.events();
    assert!(exchange.await.is_ok());
    let events: Vec<Event> = events.collect().await;
    assert!(events.len() < 16, "{events:?}");
    let states: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::ReadyState(state) => Some(*state),
            _ => None,
        })
        .collect();
    let expected = [ReadyState::Opened, ReadyState::HeadersReceived, ReadyState::Loading, ReadyState::Done];
    assert_eq!(states, expected);
}

#[wasm_bindgen_test]
async fn the_events_end_when_the_exchange_is_dropped() {
    let wire = Wire::new().await;
    let exchange = http::get(wire.url("/delay/5000")).start().unwrap();
    let events = exchange.events();
    drop(exchange);
    let events: Vec<Event> = events.collect().await;
    assert!(events.len() <= 2, "{events:?}");
}
