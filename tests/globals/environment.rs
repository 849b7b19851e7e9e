//! What each kind of worker has, and a page, and what it says of the rest.

use pagewire::cors::{self, Confidence, Kind, Verdict};
use pagewire::environment::Capability;
use pagewire::{http, stream, websocket};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, evaluate, scope_name};

fn is_window() -> bool {
    scope_name() == "Window"
}

fn is_service_worker() -> bool {
    scope_name() == "ServiceWorkerGlobalScope"
}

#[wasm_bindgen_test]
async fn a_capability_is_there_or_says_why_not() {
    for capability in [Capability::Xhr, Capability::UploadProgress, Capability::Credentials] {
        let reason = capability.available().err().map(|error| error.to_string());
        assert_eq!(reason.is_some(), is_service_worker(), "{capability:?}: {reason:?}");
        assert!(reason.is_none_or(|reason| reason.contains("a service worker has no XMLHttpRequest")));
    }
    let beacon = Capability::Beacon.available();
    assert_eq!(beacon.is_ok(), is_window());
    assert!(beacon.is_ok() || beacon.unwrap_err().to_string().contains("only a page has sendBeacon"));
    let has_event_source = evaluate("return 'EventSource' in globalThis").await.unwrap().as_bool().unwrap();
    assert_eq!(Capability::EventSource.available().is_ok(), has_event_source);
    assert!(!is_window() || Capability::ServiceWorker.available().is_ok());
    // The test runner's page comes from the own machine: a secure context.
    for capability in
        [Capability::FetchStreams, Capability::WebSocket, Capability::BroadcastChannel, Capability::WebLocks]
    {
        assert!(capability.available().is_ok(), "{capability:?}");
    }
}

#[wasm_bindgen_test]
fn each_transport_says_whether_it_works_here() {
    assert_eq!(http::available().is_ok(), !is_service_worker() || cfg!(feature = "service-worker"));
    assert!(stream::available().is_ok());
    assert!(websocket::available().is_ok());
}

#[wasm_bindgen_test]
async fn a_worker_plans_and_diagnoses_as_a_page_does() {
    let wire = Wire::new().await;
    assert_eq!(cors::plan(&http::put(wire.url("/echo"))).unwrap().kind(), Kind::Preflighted);
    assert_eq!(cors::plan(&http::put("/echo")).unwrap().kind(), Kind::SameOrigin);
    let Err(error) = http::get(wire.url("/status/200?cors=off")).await else { panic!("it was read") };
    if error.is_network() {
        let diagnosis = error.diagnose().probe().await;
        assert_eq!(diagnosis.verdict.as_str(), "blocked-by-cors", "{diagnosis}");
        assert_eq!(diagnosis.confidence, Confidence::High);
        assert!(matches!(diagnosis.verdict, Verdict::BlockedByCors(_)));
    }
}
