//! Pings by image and beacons, and what the server saw of them.

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::{join, poll_immediate};
use pagewire::http::Body;
use pagewire::ping::{self, ReferrerPolicy, Via};
use pagewire::{AbortedBy, ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, encoded, engine};
use crate::leaks::{CALLS, census};
use crate::shared::{Entry, Wire, evaluate, sleep, within};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(crate) async fn arrived(wire: &Wire, count: usize) -> Vec<Entry> {
    // The record of a request begins before its body has come.
    let is_whole = |entry: &Entry| entry.method != "POST" || entry.body.is_some() || entry.status.is_some();
    wire.when("the requests", |entries| entries.len() >= count && entries.iter().all(is_whole)).await
}

// Images

#[wasm_bindgen_test]
async fn an_image_that_comes_tells_its_size_and_the_time_it_took() {
    let wire = Wire::new().await;
    let pong = ping::image(wire.url("/pixel?width=3&height=2&delay=150")).query("q", "a b").await.unwrap();
    assert!(pong.loaded());
    assert_eq!(pong.size(), Some((3, 2)));
    assert!(pong.elapsed() >= ms(100), "{:?}", pong.elapsed());
    let entries = wire.entries().await;
    assert_eq!((entries.len(), entries[0].method.as_str()), (1, "GET"));
    assert!(entries[0].query.ends_with("&q=a%20b"), "{}", entries[0].query);
}

#[wasm_bindgen_test]
async fn the_time_of_a_ping_is_that_of_its_outcome_and_not_of_the_question_for_it() {
    let wire = Wire::new().await;
    let mut ping = ping::image(wire.url("/pixel")).into_future();
    assert!(poll_immediate(&mut ping).await.is_none());
    sleep(1500).await;
    let pong = ping.await.unwrap();
    assert!(pong.loaded() && pong.elapsed() < ms(1500), "{:?}", pong.elapsed());
}

#[wasm_bindgen_test]
async fn an_image_is_an_image_with_any_status() {
    let wire = Wire::new().await;
    for status in [200, 404, 500] {
        let pong = ping::image(wire.url(&format!("/pixel?status={status}"))).await.unwrap();
        assert_eq!(pong.size(), Some((1, 1)), "{status}");
    }
    assert_eq!(wire.entries().await.len(), 3);
}

#[wasm_bindgen_test]
async fn an_answer_that_is_no_image_is_an_answer_all_the_same() {
    let wire = Wire::new().await;
    for path in ["/status/204", "/status/200", "/status/200?text=%3Chtml%3E&header=Content-Type:text/html"] {
        let pong = ping::image(wire.url(path)).await.unwrap();
        assert!(!pong.loaded() && pong.size().is_none(), "{path}");
    }
    assert_eq!(wire.entries().await.len(), 3);
}

#[wasm_bindgen_test]
async fn a_refused_port_is_an_outcome_too() {
    let pong = within(10_000, ping::image("http://127.0.0.1:47/")).await.expect("it must end").unwrap();
    assert!(!pong.loaded());
}

#[wasm_bindgen_test]
async fn a_redirect_is_followed() {
    let wire = Wire::new().await;
    let to = encoded(&wire.second_url("/pixel?width=7"));
    let pong = ping::image(wire.url(&format!("/redirect?to={to}"))).await.unwrap();
    assert_eq!(pong.size(), Some((7, 1)));
    assert_eq!(wire.entries().await.len(), 2);
}

#[wasm_bindgen_test]
async fn the_same_url_is_one_request_and_a_unique_one_its_own() {
    let wire = Wire::new().await;
    // Two that are on their way at once: https://html.spec.whatwg.org/multipage/images.html#list-of-available-images
    let same = || ping::image(wire.url("/pixel?delay=200")).into_future();
    let (one, other) = join(same(), same()).await;
    assert!(one.unwrap().loaded() && other.unwrap().loaded());
    assert_eq!(wire.entries().await.len(), 1);
    for _ in 0..2 {
        assert!(ping::image(wire.url("/pixel")).unique("_").await.unwrap().loaded());
    }
    let entries = wire.entries().await;
    assert_eq!(entries.len(), 3);
    assert_ne!(entries[1].query, entries[2].query);
}

#[wasm_bindgen_test]
async fn a_struct_is_the_query_and_a_nested_one_an_error() {
    #[derive(serde::Serialize)]
    struct Seen {
        page: u32,
        name: &'static str,
    }
    let wire = Wire::new().await;
    let seen = Seen { page: 7, name: "ü&" };
    ping::image(wire.url("/pixel")).query_from(&seen).await.unwrap();
    assert!(wire.entries().await[0].query.ends_with("&page=7&name=%C3%BC%26"));
    let error = ping::image(wire.url("/pixel")).query_from(&[("a", [1, 2])]).await.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn the_referrer_policy_decides_what_the_server_sees() {
    let wire = Wire::new().await;
    ping::image(wire.url("/pixel")).referrer_policy(ReferrerPolicy::Origin).await.unwrap();
    ping::image(wire.second_url("/pixel")).referrer_policy(ReferrerPolicy::NoReferrer).await.unwrap();
    let entries = wire.entries().await;
    assert!(entries[0].header("referer").is_some_and(|origin| origin.starts_with("http://127.0.0.1")));
    assert_eq!(entries[1].header("referer"), None);
}

#[wasm_bindgen_test]
async fn a_url_that_no_server_has_is_refused() {
    for url in
        ["javascript:alert(1)", " java\nscript:1", "data:image/gif,x", "blob:x", "ftp://a/", "http://["]
    {
        let error = ping::image(url).await.unwrap_err();
        assert!(error.is_invalid_request(), "{url}: {error}");
        assert!(ping::image(url).detach().unwrap_err().is_invalid_request(), "{url}");
        assert!(ping::beacon(url).send().unwrap_err().is_invalid_request(), "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_ping_has_a_time_limit_and_a_signal() {
    let wire = Wire::new().await;
    let slow = || ping::image(wire.url("/pixel?delay=3000&token=s3cret")).unique("_");
    let error = within(2000, slow().timeout(ms(150))).await.expect("the limit must end it").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Total));
    assert!(!error.to_string().contains("s3cret"), "{error}");
    let controller = web_sys::AbortController::new().unwrap();
    let signal = controller.signal();
    let (outcome, ()) = join(async { slow().abort_signal(&signal).await }, async {
        arrived(&wire, 2).await;
        controller.abort();
    })
    .await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Aborted(AbortedBy::Caller));
    let entries = arrived(&wire, 2).await.len();
    let aborted = slow().abort_signal(&signal).await.unwrap_err();
    assert!(aborted.is_aborted());
    assert_eq!(wire.entries().await.len(), entries);
}

#[wasm_bindgen_test]
async fn a_ping_that_is_dropped_is_given_up() {
    let wire = Wire::new().await;
    let ping = ping::image(wire.url("/pixel?delay=3000"));
    assert!(within(300, ping).await.is_none());
    if engine().await == Engine::WebKit {
        // It goes on with an image that nobody wants any more, and has no means to stop it.
        return assert_eq!(arrived(&wire, 1).await.len(), 1);
    }
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_detached_ping_outlives_its_handle() {
    let wire = Wire::new().await;
    ping::image(wire.url("/pixel?delay=200")).detach().unwrap();
    let entries = wire
        .when("the whole answer", |entries| {
            entries.iter().any(|entry| entry.ended.as_ref().is_some_and(|ended| ended.how == "complete"))
        })
        .await;
    assert_eq!(entries.len(), 1);
}

#[wasm_bindgen_test]
async fn many_pings_leave_nothing_behind() {
    let wire = Wire::new().await;
    let ping = |number| ping::image(wire.url(&format!("/pixel?number={number}")));
    for number in 0..5 {
        ping(number).await.unwrap();
    }
    let before = census().await;
    for number in 0..CALLS {
        assert!(ping(1000 + number).await.unwrap().loaded());
    }
    assert_eq!(census().await, before);
    assert_eq!(wire.entries().await.len(), 5 + CALLS as usize);
}

// Beacons

async fn journal_of(wire: &Wire, beacon: ping::Beacon) -> Entry {
    let before = wire.entries().await.len();
    assert_eq!(beacon.send().unwrap(), Via::Beacon);
    let whole = |entry: &Entry| entry.body.is_some();
    let mut entries =
        wire.when("the beacon", |entries| entries.len() > before && entries.iter().all(whole)).await;
    entries.swap_remove(before)
}

#[wasm_bindgen_test]
async fn a_beacon_carries_what_it_was_given_and_says_its_type() {
    let wire = Wire::new().await;
    let beacon = || ping::beacon(wire.url("/echo"));
    let form = pagewire::http::Form::new().unwrap().text("a", "1").unwrap();
    let (text, urlencoded) = ("text/plain;charset=UTF-8", "application/x-www-form-urlencoded");
    for (beacon, kind, body) in [
        (beacon(), None, Some("")),
        (beacon().body("grüße"), Some(text), Some("grüße")),
        (beacon().body(vec![1_u8, 2]), None, Some("\u{1}\u{2}")),
        (beacon().form(&[("a", "1 2")]), Some(urlencoded), Some("a=1+2")),
        (beacon().body("x").content_type("text/plain"), Some("text/plain"), Some("x")),
        (beacon().body(form), Some("multipart/form-data; boundary="), None),
    ] {
        let entry = journal_of(&wire, beacon).await;
        assert_eq!(entry.method, "POST");
        let sent = entry.header("content-type");
        let same = |sent: &str, kind: &str| sent.eq_ignore_ascii_case(kind) || sent.starts_with(kind);
        assert!(
            sent.zip(kind).is_some_and(|(sent, kind)| same(sent, kind)) || (sent, kind) == (None, None),
            "{sent:?} in the place of {kind:?}"
        );
        if let Some(body) = body {
            assert_eq!(entry.body.unwrap().text.as_deref(), Some(body));
        }
    }
}

#[wasm_bindgen_test]
async fn json_is_asked_for_in_advance_and_lost_where_the_server_refuses() {
    let wire = Wire::new().await;
    ping::beacon(wire.url("/echo")).json(&[1, 2]).send().unwrap();
    let entries = wire.when("the beacon", |entries| entries.iter().any(|entry| entry.method == "POST")).await;
    assert_eq!((entries.len(), entries[0].method.as_str()), (2, "OPTIONS"));
    assert_eq!(entries[1].header("content-type"), Some("application/json"));
    let wire = Wire::new().await;
    ping::beacon(wire.url("/echo?preflight=403")).json(&[1, 2]).send().unwrap();
    arrived(&wire, 1).await;
    sleep(300).await;
    assert!(wire.entries().await.iter().all(|entry| entry.method == "OPTIONS"));
}

#[wasm_bindgen_test]
async fn a_beacon_over_the_quota_is_refused_and_said_to_be() {
    let wire = Wire::new().await;
    let is_firefox = engine().await == Engine::Firefox;
    let outcome = ping::beacon(wire.url("/echo")).body(vec![7; 65_537]).send();
    match outcome {
        // Firefox has no such quota for beacons.
        Ok(via) => assert!(is_firefox && via == Via::Beacon),
        Err(error) => assert!(!is_firefox && error.is_too_large(), "{error}"),
    }
    if !is_firefox {
        sleep(200).await;
        assert!(wire.entries().await.is_empty());
    }
}

#[wasm_bindgen_test]
async fn after_a_refusal_for_the_quota_the_fallback_leaves_fetch_out() {
    let wire = Wire::new().await;
    let _stub = Stub::new("navigator.sendBeacon = () => false").await;
    let error = ping::beacon(wire.url("/echo")).body("x").send().unwrap_err();
    assert!(error.is_too_large(), "{error}");
    let via = ping::beacon(wire.url("/echo")).body("x").with_fallback().send().unwrap();
    assert_eq!(via, Via::Xhr);
    let entries = arrived(&wire, 1).await;
    assert_eq!((entries.len(), entries[0].body.as_ref().unwrap().text.as_deref()), (1, Some("x")));
}

#[wasm_bindgen_test]
async fn where_there_is_no_beacon_the_fallback_goes_by_fetch() {
    let wire = Wire::new().await;
    let _stub = Stub::new("navigator.sendBeacon = undefined").await;
    assert!(ping::beacon(wire.url("/echo")).send().unwrap_err().is_unsupported());
    let beacon = || ping::beacon(wire.url("/echo")).with_fallback();
    assert_eq!(beacon().body("x").send().unwrap(), Via::Fetch);
    let entries = arrived(&wire, 1).await;
    assert_eq!((entries[0].method.as_str(), entries[0].header("sec-fetch-mode")), ("POST", Some("no-cors")));
    // Too much for `keepalive`, which would fail later, when nobody is told.
    let large: [(&str, Body); 6] = [
        ("bytes", vec![7; 65_537].into()),
        ("an array", from_page("return new Uint8Array(65537)").await),
        ("a view", from_page("return new DataView(new ArrayBuffer(65538), 1)").await),
        ("a buffer", from_page("return new ArrayBuffer(65537)").await),
        ("a Blob", from_page("return new Blob(['x'.repeat(65537)])").await),
        ("parameters", from_page("return new URLSearchParams({ a: 'x'.repeat(65535) })").await),
    ];
    for (before, (kind, body)) in large.into_iter().enumerate() {
        assert_eq!(beacon().body(body).send().unwrap(), Via::Xhr, "{kind}");
        let is_whole = |entry: &&Entry| entry.body.as_ref().is_some_and(|body| body.length == 65_537);
        wire.when(kind, |entries| entries.iter().filter(is_whole).count() > before).await;
    }
    // Nobody but the browser knows the size of this one.
    let form = from_page("const form = new FormData; form.set('a', 'x'); return form").await;
    assert_eq!(beacon().body(form).send().unwrap(), Via::Xhr);
    for small in ["new Uint8Array(7)", "new Blob(['x'])", "new URLSearchParams({ a: 'x' })"] {
        let small = from_page(&format!("return {small}")).await;
        assert_eq!(beacon().body(small).send().unwrap(), Via::Fetch);
    }
    assert_eq!(beacon().send().unwrap(), Via::Fetch);
    arrived(&wire, 12).await;
}

async fn from_page(expression: &str) -> Body {
    Body::try_from(evaluate(expression).await.unwrap()).unwrap()
}

#[wasm_bindgen_test]
async fn a_fetch_that_fails_in_the_place_of_a_beacon_is_no_unhandled_rejection() {
    let _stub = Stub::new("navigator.sendBeacon = undefined").await;
    assert_eq!(ping::beacon("http://127.0.0.1:47/").with_fallback().send().unwrap(), Via::Fetch);
    sleep(500).await;
}

#[wasm_bindgen_test]
async fn the_last_fallback_is_an_image_as_far_as_the_body_allows() {
    let wire = Wire::new().await;
    let stub = Stub::new(
        "navigator.sendBeacon = undefined; window.fetch = undefined; XMLHttpRequest.prototype.open = () => { throw 1 }",
    )
    .await;
    let beacon = || ping::beacon(wire.url("/pixel")).with_fallback();
    assert_eq!(beacon().send().unwrap(), Via::Image);
    assert_eq!(beacon().body("a b").image_parameter("note").send().unwrap(), Via::Image);
    assert!(beacon().body("a b").send().unwrap_err().is_unsupported());
    assert!(beacon().body(vec![0xff]).image_parameter("note").send().unwrap_err().is_unsupported());
    let long = "x".repeat(2000);
    assert!(beacon().body(long).image_parameter("note").send().unwrap_err().is_unsupported());
    drop(stub);
    let entries = arrived(&wire, 2).await;
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.method == "GET"));
    assert!(entries.iter().any(|entry| entry.query.ends_with("&note=a%20b")));
}

#[wasm_bindgen_test]
async fn form_data_has_a_type_of_its_own() {
    let form = pagewire::http::Form::new().unwrap();
    let beacon = ping::beacon("/echo").body(form).content_type("text/plain");
    assert!(beacon.send().unwrap_err().is_invalid_request());
}

#[wasm_bindgen_test]
async fn many_beacons_leave_nothing_behind() {
    // In parts: Chromium takes a thousand at once, and drops some of them unsaid.
    let part = async || {
        let wire = Wire::new().await;
        for _ in 0..50 {
            ping::beacon(wire.url("/echo")).body("x").send().unwrap();
        }
        assert_eq!(arrived(&wire, 50).await.len(), 50);
    };
    part().await;
    let before = census().await;
    for _ in 0..CALLS / 50 {
        part().await;
    }
    assert_eq!(census().await, before);
}

/// What the page has is another while this lives: `fetch`, and a method of XMLHttpRequest.
struct Stub;

impl Stub {
    async fn new(change: &str) -> Self {
        let keep = "window.beforeStub = { fetch, open: XMLHttpRequest.prototype.open };";
        evaluate(&format!("{keep}{change}")).await.unwrap();
        Stub
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let restore = "delete navigator.sendBeacon; window.fetch = beforeStub.fetch;
            XMLHttpRequest.prototype.open = beforeStub.open; delete window.beforeStub;";
        js_sys::Function::new_no_args(restore).call0(&wasm_bindgen::JsValue::NULL).unwrap();
    }
}
