//! What every browser test needs: the test server, its record, and a watch over unhandled errors.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::future::IntoFuture;

use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::console_log;

#[wasm_bindgen(module = "/tests/shared/guard.js")]
extern "C" {
    #[wasm_bindgen(js_name = firstOrigin)]
    async fn first_origin() -> JsValue;
    #[wasm_bindgen(js_name = secondOrigin)]
    async fn second_origin() -> JsValue;
    #[wasm_bindgen(js_name = peerOrigin)]
    async fn peer_origin(name: &str) -> JsValue;
    #[wasm_bindgen(js_name = randomKey)]
    pub(crate) fn random_key() -> String;
    #[wasm_bindgen(js_name = scopeName)]
    pub(crate) fn scope_name() -> String;
    #[wasm_bindgen(js_name = journal)]
    async fn journal(key: &str) -> JsValue;
    #[wasm_bindgen(js_name = sleep)]
    async fn sleep_js(milliseconds: u32);
    /// Has the test command's report say something.
    pub(crate) async fn note(text: &str);
    /// The next `count` unhandled errors are part of the test.
    pub(crate) fn claim(count: u32);
    /// How many of the claimed ones have not come.
    pub(crate) fn outstanding() -> u32;
    /// Runs the body of an async JavaScript function.
    #[wasm_bindgen(catch)]
    pub(crate) async fn evaluate(source: &str) -> Result<JsValue, JsValue>;
}

/// Whether the tests that count over many rounds take many more: `PAGEWIRE_SOAK` was in the environment of the build.
pub(crate) const SOAK: bool = option_env!("PAGEWIRE_SOAK").is_some();

/// One address of the test server, with a key of its own under which the server records what arrives.
pub(crate) struct Wire {
    key: String,
    first: String,
    second: String,
}

/// What the server saw of one request.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) origin: Option<String>,
    pub(crate) body: Option<Body>,
    pub(crate) status: Option<u16>,
    pub(crate) client_port: Option<u16>,
    pub(crate) started_ms: u64,
    pub(crate) ended: Option<Ended>,
    pub(crate) websocket: Option<Socket>,
}

/// What the server saw of a request's body.
#[derive(Debug, Deserialize)]
pub(crate) struct Body {
    pub(crate) length: u64,
    pub(crate) text: Option<String>,
}

/// How an answer ended.
#[derive(Debug, Deserialize)]
pub(crate) struct Ended {
    pub(crate) how: String,
    pub(crate) after_ms: u64,
    pub(crate) sent: u64,
}

/// What the server saw of a WebSocket.
#[derive(Debug, Deserialize)]
pub(crate) struct Socket {
    pub(crate) protocol: Option<String>,
    pub(crate) messages_in: u64,
    pub(crate) messages_out: u64,
    pub(crate) close: Option<Close>,
}

/// The close frame that came.
#[derive(Debug, Deserialize)]
pub(crate) struct Close {
    pub(crate) code: Option<u16>,
    pub(crate) reason: String,
    pub(crate) by: String,
}

impl Wire {
    /// A wire that nobody else uses.
    pub(crate) async fn new() -> Self {
        let text = |value: JsValue| value.as_string().unwrap();
        Wire { key: random_key(), first: text(first_origin().await), second: text(second_origin().await) }
    }

    /// `path` on the first origin, recorded. The runner's page has a third, so both are cross-origin to it.
    pub(crate) fn url(&self, path: &str) -> String {
        self.at(&self.first, path)
    }

    /// `path` on the second origin, recorded.
    pub(crate) fn second_url(&self, path: &str) -> String {
        self.at(&self.second, path)
    }

    /// `path` as a WebSocket URL, recorded.
    pub(crate) fn ws(&self, path: &str) -> String {
        self.url(path).replacen("http", "ws", 1)
    }

    fn at(&self, origin: &str, path: &str) -> String {
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{origin}{path}{joint}key={}", self.key)
    }

    /// Everything recorded so far.
    pub(crate) async fn entries(&self) -> Vec<Entry> {
        let text = journal(&self.key).await.as_string().unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// The record, once it satisfies `seen`: what happens on the wire takes its time.
    pub(crate) async fn when(&self, what: &str, seen: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
        for _ in 0..100 {
            let entries = self.entries().await;
            if seen(&entries) {
                return entries;
            }
            sleep(50).await;
        }
        panic!("the server never saw: {what}; it saw {:#?}", self.entries().await);
    }

    /// Waits until the server sees that the client went away.
    pub(crate) async fn disconnected(&self) -> Vec<Entry> {
        self.when("a disconnect", |entries| {
            entries.iter().any(|entry| entry.ended.as_ref().is_some_and(|ended| ended.how == "disconnected"))
        })
        .await
    }
}

impl Entry {
    /// A header's value by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The origin of a real server by others, or `None` where this run has none: then the console, and so the report of
/// `cargo xtask test`, has it that the test was skipped.
pub(crate) async fn peer(name: &str) -> Option<String> {
    let origin = peer_origin(name).await.as_string();
    if origin.is_none() {
        console_log!("SKIPPED: there is no {name} here; `cargo xtask test` starts one");
    }
    origin
}

/// Where there is no XMLHttpRequest.
pub(crate) fn in_service_worker() -> bool {
    scope_name() == "ServiceWorkerGlobalScope"
}

/// What the browser calls itself: <https://html.spec.whatwg.org/#dom-navigator-useragent>
pub(crate) fn user_agent() -> String {
    let navigator = js_sys::Reflect::get(&js_sys::global(), &"navigator".into()).unwrap();
    js_sys::Reflect::get(&navigator, &"userAgent".into()).unwrap().as_string().unwrap()
}

/// What wasm has taken, in pages of 64 KiB.
pub(crate) fn memory_pages() -> usize {
    core::arch::wasm32::memory_size(0)
}

/// Waits for so many milliseconds.
pub(crate) async fn sleep(milliseconds: u32) {
    sleep_js(milliseconds).await;
}

/// `future`, or `None` if it takes longer than so many milliseconds.
pub(crate) async fn within<F: IntoFuture>(milliseconds: u32, future: F) -> Option<F::Output> {
    use futures_util::future::{Either, select};
    match select(std::pin::pin!(future.into_future()), std::pin::pin!(sleep(milliseconds))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
