//! What a diagnosis sends, as the server's record saw it, and what it then says. The causes that need a page of their own
//! are staged by the end-to-end run.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::cors::{Blocked, Confidence, Evidence, Probe, Unseen, Verdict};
use pagewire::{Error, http, stream};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Entry, Wire, evaluate, within};

async fn failure(request: http::Request) -> Error {
    let error = request.await.unwrap_err();
    assert!(error.is_network(), "{error}");
    error
}

fn method(entry: &Entry) -> &str {
    &entry.method
}

#[wasm_bindgen_test]
async fn a_diagnosis_sends_nothing_unless_it_may_probe() {
    let wire = Wire::new().await;
    let error = failure(http::get(wire.url("/status/200?cors=off"))).await;
    let diagnosis = error.diagnose().await;
    assert_eq!(diagnosis.verdict, Verdict::CannotTell(Unseen::NotProbed));
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_probe_of_a_get_is_a_get_without_its_headers_credentials_and_values() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?acah=accept&set_cookie=probe=1");
    let request = http::get(url).header("x-secret", "s3cret").with_credentials(true);
    let diagnosis = failure(request).await.diagnose().probe().await;
    assert_eq!(diagnosis.verdict, Verdict::BlockedByCors(Blocked::Preflight));
    let missing: Vec<String> = diagnosis.needed_preflight.iter().map(ToString::to_string).collect();
    assert!(missing.contains(&"Access-Control-Allow-Headers: x-secret".to_owned()), "{missing:?}");
    assert!(missing.contains(&"Access-Control-Allow-Credentials: true".to_owned()), "{missing:?}");
    let entries = wire.entries().await;
    // The refused preflight, a probe that reaches, one that reads, and the preflight of the one with the names.
    assert_eq!(entries.iter().map(method).collect::<Vec<_>>(), ["OPTIONS", "GET", "GET", "OPTIONS"]);
    for entry in &entries {
        assert!(entry.header("x-secret").is_none() && entry.header("cookie").is_none(), "{entry:?}");
    }
}

#[wasm_bindgen_test]
async fn a_probe_of_anything_else_is_a_head_without_body() {
    let wire = Wire::new().await;
    let request = http::put(wire.url("/status/200?acam=GET")).body("a body").bearer_auth("t0ken");
    let diagnosis = failure(request).await.diagnose().probe().await;
    assert_eq!(diagnosis.verdict, Verdict::BlockedByCors(Blocked::Method));
    assert_eq!(diagnosis.evidence.last(), Some(&Evidence::Probe(Probe::Headers, true)));
    let entries = wire.entries().await;
    // WebKit remembers of the refused preflight which headers it allowed, and asks no second time.
    let sent = entries.iter().map(method).filter(|method| *method != "OPTIONS");
    assert_eq!(sent.collect::<Vec<_>>(), ["HEAD", "HEAD", "HEAD"]);
    for entry in &entries {
        assert!(entry.body.as_ref().is_none_or(|body| body.length == 0), "{entry:?}");
        assert!(entry.header("authorization").is_none_or(|value| value == "probe"), "{entry:?}");
    }
    assert!(!format!("{diagnosis:?} {diagnosis}").contains("t0ken"));
}

#[wasm_bindgen_test]
async fn a_stream_and_a_retried_request_can_be_diagnosed() {
    let wire = Wire::new().await;
    let url = || wire.url("/status/200?cors=off");
    let of_stream = stream::bytes(url()).next().await.unwrap().unwrap_err();
    let quick = http::Retry::new().backoff(Duration::from_millis(1), Duration::from_millis(1));
    let of_retry = http::get(url()).retry(quick).await.unwrap_err();
    assert!(of_retry.attempts() > 1);
    for error in [of_stream, of_retry] {
        let diagnosis = error.diagnose().probe().await;
        assert_eq!(diagnosis.verdict, Verdict::BlockedByCors(Blocked::Origin), "{diagnosis}");
    }
}

#[wasm_bindgen_test]
async fn a_dropped_diagnosis_ends_its_probe() {
    let wire = Wire::new().await;
    // Its preflight is refused at once; a HEAD of the same address is held.
    let error = failure(http::put(wire.url("/delay/5000?acam=GET"))).await;
    assert!(within(300, error.diagnose().probe()).await.is_none());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn what_the_kind_tells_is_not_probed() {
    let wire = Wire::new().await;
    let error = http::get(wire.url("/delay/5000")).timeout(Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.diagnose().probe().await.evidence, [Evidence::ErrorKind]);
    assert_eq!(wire.disconnected().await.len(), 1);
}

#[wasm_bindgen_test]
async fn without_probes_a_bad_port_is_named() {
    let error = failure(http::get("http://127.0.0.1:6000/")).await;
    let diagnosis = error.diagnose().await;
    assert_eq!((diagnosis.verdict, diagnosis.confidence), (Verdict::BadPort(6000), Confidence::Likely));
}

#[wasm_bindgen_test]
async fn a_base_elsewhere_does_not_make_that_origin_the_pages_own() {
    let wire = Wire::new().await;
    let set = format!(
        "const base = document.createElement('base'); base.href = '{}'; document.head.prepend(base);",
        wire.url("/")
    );
    evaluate(&set).await.unwrap();
    let plan = pagewire::cors::plan(&http::put("/echo"));
    evaluate("document.querySelector('base').remove()").await.unwrap();
    assert_eq!(plan.unwrap().kind(), pagewire::cors::Kind::Preflighted);
}
