//! What ends a stream of events before the server does.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::http;
use pagewire::sse;
use pagewire::{ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;

use super::lifecycle::{as_it_was, online};
use super::{all, asked, eager};
use crate::shared::{Wire, within};

#[wasm_bindgen_test]
async fn a_total_limit_before_the_next_connection_is_no_plain_end() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/sse?count=2&per=1&retry=60000")).timeout(Duration::from_secs(5));
    let (data, error) = all(sse::connect(request).retry(eager()).open()).await;
    assert_eq!((data.len(), error.unwrap().phase()), (1, Some(Phase::Total)));
}

#[wasm_bindgen_test]
async fn attempts_that_are_used_up_are_no_plain_end() {
    let wire = Wire::new().await;
    let open = |more| {
        let few = eager().more_attempts(more);
        sse::connect(wire.url("/sse?count=9&per=1")).resume_by_query("last_event_id").retry(few).open()
    };
    let (data, error) = all(open(1)).await;
    assert_eq!((data.len(), error.unwrap().kind()), (2, ErrorKind::Network));
    // Whoever wants one response alone gets what that is.
    let (data, error) = all(open(0)).await;
    assert_eq!((data.len(), error.is_none(), asked(&wire.entries().await).len()), (1, true, 3));
}

#[wasm_bindgen_test]
async fn the_total_limit_bounds_a_rest_too() {
    let wire = Wire::new().await;
    online(false).await;
    let request = http::get(wire.url("/sse")).timeout(Duration::from_millis(300));
    let ended = within(5000, sse::connect(request).pause_when_offline().open().next()).await;
    as_it_was().await;
    assert_eq!(ended.unwrap().unwrap().unwrap_err().phase(), Some(Phase::Total));
    assert!(wire.entries().await.is_empty());
}
