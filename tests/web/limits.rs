//! Time limits: each names its phase, and none fires early.

use std::time::Duration;

use pagewire::{ErrorKind, Phase, http};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, evaluate, within};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

async fn fails_in(phase: Phase, request: http::Request) {
    let outcome = within(5000, request).await.expect("a time limit must end the request");
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout(phase));
}

#[wasm_bindgen_test]
async fn the_total_limit_ends_a_request_and_the_server_sees_it_go() {
    let wire = Wire::new().await;
    fails_in(Phase::Total, http::get(wire.url("/delay/5000")).timeout(ms(200))).await;
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn the_total_limit_holds_while_bytes_still_arrive() {
    let wire = Wire::new().await;
    let slow = http::get(wire.url("/bytes/1000000?chunk=1000&delay=20"));
    fails_in(Phase::Total, slow.timeout(ms(300))).await;
}

#[wasm_bindgen_test]
async fn the_first_byte_limit_ends_when_the_headers_are_here() {
    let wire = Wire::new().await;
    fails_in(Phase::FirstByte, http::get(wire.url("/delay/5000")).first_byte_timeout(ms(200))).await;
    let slow = http::get(wire.url("/bytes/30000?chunk=1000&delay=20")).first_byte_timeout(ms(300));
    assert_eq!(slow.await.unwrap().bytes().await.unwrap().len(), 30_000);
}

#[wasm_bindgen_test]
async fn the_idle_limit_lets_a_slow_body_finish_and_ends_a_silent_one() {
    let wire = Wire::new().await;
    let slow = http::get(wire.url("/bytes/30000?chunk=1000&delay=30")).idle_timeout(ms(500));
    assert_eq!(slow.await.unwrap().bytes().await.unwrap().len(), 30_000);
    let silent = http::get(wire.url("/bytes/3000?chunk=1000&delay=4000"));
    fails_in(Phase::Idle, silent.idle_timeout(ms(300))).await;
}

#[wasm_bindgen_test]
async fn a_slow_upload_does_not_use_up_the_first_byte_limit() {
    let wire = Wire::new().await;
    // The whole takes over 3 s; the limit counts only from when the browser has handed the last byte on, which is a
    // second or so before the server, behind a few megabytes of buffers, has read it.
    let request = http::post(wire.url("/upload?pace=5000000")).body(vec![1_u8; 16_000_000]);
    let response = request.first_byte_timeout(ms(2500)).await;
    assert!(response.is_ok(), "{response:?}");
}

#[wasm_bindgen_test]
async fn thirty_days_neither_panic_nor_fire_at_once() {
    let wire = Wire::new().await;
    let month = Duration::from_secs(30 * 24 * 60 * 60);
    for limit in [month, Duration::MAX] {
        let request = http::get(wire.url("/delay/200"));
        let request = request.timeout(limit).first_byte_timeout(limit).idle_timeout(limit);
        assert_eq!(request.await.unwrap().status(), 200);
    }
}

#[wasm_bindgen_test]
async fn a_limit_of_zero_fails_rather_than_waiting_for_ever() {
    let wire = Wire::new().await;
    fails_in(Phase::Total, http::get(wire.url("/delay/5000")).timeout(Duration::ZERO)).await;
    fails_in(Phase::Idle, http::get(wire.url("/delay/5000")).idle_timeout(Duration::ZERO)).await;
}

#[wasm_bindgen_test]
async fn an_empty_body_has_no_upload_to_wait_for() {
    let wire = Wire::new().await;
    let request = http::post(wire.url("/delay/5000")).body("").first_byte_timeout(ms(300));
    fails_in(Phase::FirstByte, request).await;
    for empty in
        ["URLSearchParams", "Blob", "ArrayBuffer", "Uint8Array", "Int16Array", "DataView(new ArrayBuffer)"]
    {
        let body = evaluate(&format!("return new {empty}")).await.unwrap();
        let body = http::Body::try_from(body).unwrap();
        let request = http::post(wire.url("/delay/5000")).body(body).first_byte_timeout(ms(300));
        let outcome = within(5000, request).await.unwrap_or_else(|| panic!("{empty} has no end"));
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout(Phase::FirstByte), "{empty}");
    }
}
