//! Responses read while they arrive.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::{ErrorKind, Phase, http, stream};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, evaluate, within};

async fn all(lines: stream::Lines) -> Vec<pagewire::Result<String>> {
    within(10_000, lines.collect()).await.expect("a stream must end")
}

#[wasm_bindgen_test]
async fn a_line_is_here_before_the_response_is_over() {
    let wire = Wire::new().await;
    let mut lines = stream::lines(wire.url("/lines?count=3&every=1500"));
    let first = within(1400, async {
        let first = lines.next().await;
        (first, wire.entries().await)
    });
    // The first line comes at once, the second is 1.5 s away.
    let (first, entries) =
        within(1400, first).await.flatten().expect("the first line must not wait for the second");
    assert_eq!(first.unwrap().unwrap(), "line 1");
    assert!(entries[0].ended.is_none());
}

#[wasm_bindgen_test]
async fn every_line_ending_ends_a_line() {
    for ending in ["lf", "crlf", "cr"] {
        let wire = Wire::new().await;
        let lines = all(stream::lines(wire.url(&format!("/lines?count=3&every=5&ending={ending}")))).await;
        let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
        assert_eq!(lines, ["line 1", "line 2", "line 3"], "{ending}");
    }
}

#[wasm_bindgen_test]
async fn a_last_line_without_an_end_is_handed_on() {
    let wire = Wire::new().await;
    let lines = all(stream::lines(wire.url("/status/200?text=one%0Atwo"))).await;
    assert_eq!(lines.into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["one", "two"]);
}

#[wasm_bindgen_test]
async fn the_pieces_of_a_body_add_up_to_it() {
    let wire = Wire::new().await;
    let pieces: Vec<_> = stream::bytes(wire.url("/bytes/300000?chunk=10000&delay=1")).collect().await;
    let whole: Vec<u8> = pieces.into_iter().flat_map(Result::unwrap).collect();
    let expected: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
    assert_eq!(whole, expected);
}

#[wasm_bindgen_test]
async fn a_null_body_is_an_empty_stream() {
    let wire = Wire::new().await;
    assert!(all(stream::lines(wire.url("/status/204"))).await.is_empty());
}

#[wasm_bindgen_test]
async fn an_error_status_is_an_error_and_then_the_end() {
    let wire = Wire::new().await;
    let lines = all(stream::lines(wire.url("/status/503?text=busy"))).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].as_ref().unwrap_err().status(), Some(503));
}

#[wasm_bindgen_test]
async fn a_line_that_is_too_long_is_an_error_and_closes_the_connection() {
    let wire = Wire::new().await;
    // The bytes 14 to 250 have no line end among them.
    let lines = stream::lines(wire.url("/bytes/10000000?chunk=10000&delay=10")).max_line(200);
    let mut lines = lines;
    let error = loop {
        if let Err(error) = lines.next().await.expect("an error must come first") {
            break error;
        }
    };
    assert!(error.is_too_large());
    // The stream is still held: it is the error that closes.
    wire.disconnected().await;
    assert!(lines.next().await.is_none());
}

#[wasm_bindgen_test]
async fn a_request_with_method_headers_and_body_can_be_streamed() {
    let wire = Wire::new().await;
    let request = http::post(wire.url("/pieces?hex=610a")).header("x-ask", "1").body("question");
    assert_eq!(all(stream::lines(request)).await.pop().unwrap().unwrap(), "a");
    let entries = wire.entries().await;
    let post = entries.iter().find(|entry| entry.method == "POST").unwrap();
    assert_eq!((post.header("x-ask"), post.body.as_ref().unwrap().length), (Some("1"), 8));
}

#[wasm_bindgen_test]
async fn limits_hold_for_streams_and_name_their_phase() {
    let limit = Duration::from_millis(300);
    let wire = Wire::new().await;
    let kind = async |request: http::Request| {
        let last = all(stream::lines(request)).await.pop().unwrap();
        last.unwrap_err().kind()
    };
    let silent = http::get(wire.url("/delay/5000")).first_byte_timeout(limit);
    assert_eq!(kind(silent).await, ErrorKind::Timeout(Phase::FirstByte));
    let idle = http::get(wire.url("/lines?count=3&every=4000")).idle_timeout(limit);
    assert_eq!(kind(idle).await, ErrorKind::Timeout(Phase::Idle));
    let endless = http::get(wire.url("/lines?count=0&every=20")).timeout(limit);
    assert_eq!(kind(endless).await, ErrorKind::Timeout(Phase::Total));
}

#[wasm_bindgen_test]
async fn dropped_before_the_headers_the_server_sees_the_disconnect() {
    let wire = Wire::new().await;
    assert!(within(200, stream::lines(wire.url("/delay/5000")).next()).await.is_none());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn dropped_in_the_middle_the_server_sees_the_disconnect() {
    let wire = Wire::new().await;
    let mut lines = stream::lines(wire.url("/lines?count=0&every=20"));
    assert!(lines.next().await.unwrap().is_ok());
    drop(lines);
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn dropped_after_the_collector_has_been_the_server_sees_the_disconnect() {
    let wire = Wire::new().await;
    let mut lines = stream::lines(wire.url("/lines?count=0&every=20"));
    assert!(lines.next().await.unwrap().is_ok());
    evaluate(COLLECT).await.unwrap();
    assert!(lines.next().await.unwrap().is_ok());
    drop(lines);
    wire.disconnected().await;
}

/// Makes garbage until an object that nobody has is gone.
const COLLECT: &str = "
    let registry;
    const gone = new Promise((resolve) => { registry = new FinalizationRegistry(resolve); });
    (() => { for (let i = 0; i < 1000; i++) registry.register({}, i); })();
    const garbage = setInterval(() => { for (let i = 0; i < 20; i++) new Uint8Array(1 << 20).fill(1); }, 5);
    await gone;
    await new Promise((resolve) => setTimeout(resolve, 200));
    clearInterval(garbage);";

#[wasm_bindgen_test]
async fn a_signal_ends_a_stream_with_an_error_that_names_the_caller() {
    let wire = Wire::new().await;
    let controller = web_sys::AbortController::new().unwrap();
    let request = http::get(wire.url("/lines?count=0&every=20")).abort_signal(&controller.signal());
    let mut lines = stream::lines(request);
    assert!(lines.next().await.unwrap().is_ok());
    controller.abort();
    let rest = all(lines).await;
    assert!(rest.last().unwrap().as_ref().unwrap_err().is_aborted());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn what_fetch_cannot_do_is_refused_and_not_ignored() {
    let wire = Wire::new().await;
    let request = http::post(wire.url("/echo")).body("x").upload_events();
    let lines = all(stream::lines(request)).await;
    assert!(lines[0].as_ref().unwrap_err().is_unsupported());
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn a_reader_that_takes_its_time_is_not_taken_for_a_silent_server() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/lines?count=0&every=20")).idle_timeout(Duration::from_millis(400));
    let mut lines = stream::lines(request);
    assert!(lines.next().await.unwrap().is_ok());
    crate::shared::sleep(1000).await;
    for _ in 0..60 {
        lines.next().await.unwrap().unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_bad_url_is_told_before_anything_is_sent_and_its_secrets_are_not_repeated() {
    for url in ["http://[bad?token=s3cret", "http://user:s3cret@127.0.0.1/?token=s3cret"] {
        let error = all(stream::lines(url)).await.pop().unwrap().unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}
