//! The requests that a diagnosis sends to see more, and what else it may ask the browser.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Url};

use super::diagnose::is_socket;
use crate::browser::address::{own_origin, without_credentials};
use crate::browser::global::base_url;
use crate::browser::timer::sleep;
use crate::proto::cors::decide::Address;
use crate::proto::cors::{Probe, Sent};
use crate::proto::method::Method;

const LONGEST: Duration = Duration::from_secs(5);

/// What a probe of this address asks for: that of a WebSocket by http.
pub(super) fn address(url: &Url) -> Url {
    let href = url.href();
    let behind_ws = href.strip_prefix("ws").filter(|_| is_socket(url));
    behind_ws.and_then(|rest| Url::new(&["http", rest].concat()).ok()).unwrap_or_else(|| url.clone())
}

/// Sends one probe; whether it was answered, or `None` if it cannot be sent. The body, if any, is not waited for.
pub(super) async fn send(probe: Probe, sent: &Sent, url: &Url) -> Option<bool> {
    let stop = Stop(AbortController::new().ok()?);
    let answer = fetch(&target(probe, url)?, &init(probe, sent, &stop.0)).ok()?;
    let (mut answer, mut limit) = (JsFuture::from(answer), pin!(sleep(LONGEST)));
    let answer = poll_fn(|context| match pin!(&mut answer).poll(context) {
        Poll::Ready(answer) => Poll::Ready(answer.ok()),
        Poll::Pending => limit.as_mut().poll(context).map(|()| None),
    })
    .await;
    Some(match (probe, answer) {
        (Probe::Upgrade, Some(answer)) => upgrades(&answer.unchecked_into()),
        (_, answer) => answer.is_some(),
    })
}

/// Where a probe goes: `fetch` takes no address with a name and a password in it.
fn target(probe: Probe, url: &Url) -> Option<String> {
    match probe {
        Probe::Home | Probe::Upgrade => {
            base_url().filter(|_| own_origin().is_some_and(|origin| origin != "null"))
        }
        _ => without_credentials(url).map(|url| url.href()),
    }
}

/// <https://w3c.github.io/webappsec-upgrade-insecure-requests/#delivery>
fn upgrades(page: &Page) -> bool {
    let has_upgrade = |policy: String| {
        let is_between = |char: char| matches!(char, ';' | ',') || char.is_ascii_whitespace();
        policy.split(is_between).any(|word| word.eq_ignore_ascii_case("upgrade-insecure-requests"))
    };
    page.headers().get("content-security-policy").is_some_and(has_upgrade)
        || policy_of_document().is_some_and(has_upgrade)
}

fn policy_of_document() -> Option<String> {
    let document = DOCUMENT.with(Clone::clone)?;
    Some(document.query_selector("meta[http-equiv='content-security-policy' i]")?.content())
}

/// Ends a probe with the diagnosis.
struct Stop(AbortController);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// <https://fetch.spec.whatwg.org/#requestinit>
fn init(probe: Probe, sent: &Sent, controller: &AbortController) -> Object {
    let init = Object::new();
    let set = |name: &str, value: &JsValue| {
        let _ = Reflect::set(&init, &name.into(), value);
    };
    // HEAD is the least that can be asked, but not every server that serves GET serves it.
    let gets = sent.asked.method == Method::GET && !matches!(probe, Probe::Home | Probe::Upgrade);
    set("method", &if gets { "GET" } else { "HEAD" }.into());
    set("mode", &if matches!(probe, Probe::Reach | Probe::Home) { "no-cors" } else { "cors" }.into());
    set("credentials", &"omit".into());
    set("cache", &"no-store".into());
    set("signal", &controller.signal());
    if probe == Probe::Headers {
        set("headers", &stand_ins(sent));
    }
    init
}

/// The names that need asking for, with values that are no secret and need asking for too.
fn stand_ins(sent: &Sent) -> Array {
    let names = sent.asked.clone().plan("", false);
    let names = names.request_headers().unwrap_or_default();
    names
        .split(',')
        .map(|name| {
            let value = match name {
                "content-type" => "application/octet-stream",
                "range" => "bytes=-1",
                "accept" | "accept-language" | "content-language" => "\"",
                _ => "probe",
            };
            Array::of2(&name.into(), &value.into())
        })
        .collect()
}

/// Whether the address is in the local network, the page is not, and it is denied that:
/// <https://wicg.github.io/local-network-access/#permission-prompts>.
pub(super) async fn is_local_network_denied(address: &Address, page: &Address) -> bool {
    if !address.is_local() || page.is_local() {
        return false;
    }
    // Browsers that tell the own machine from the network know the first name; others know the second.
    let name = if address.is_loopback() { "loopback-network" } else { "local-network" };
    let state = match state_of(name).await {
        Some(state) => Some(state),
        None => state_of("local-network-access").await,
    };
    // Where it is yet to be asked for, a request that failed was not let through either.
    state.is_some_and(|state| state != "granted")
}

/// The state of a permission; `None` where the browser does not know it.
async fn state_of(name: &str) -> Option<String> {
    let permissions = NAVIGATOR.with(|navigator| navigator.as_ref()?.permissions())?;
    let descriptor = Object::new();
    Reflect::set(&descriptor, &"name".into(), &name.into()).ok()?;
    let status = JsFuture::from(permissions.query(&descriptor).ok()?).await.ok()?;
    Reflect::get(&status, &"state".into()).ok()?.as_string()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &Object) -> Result<Promise, JsValue>;

    type Page;

    #[wasm_bindgen(method, getter, structural)]
    fn headers(this: &Page) -> PageHeaders;

    type PageHeaders;

    #[wasm_bindgen(method, structural)]
    fn get(this: &PageHeaders, name: &str) -> Option<String>;

    #[derive(Clone)]
    type PolicyDocument;

    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Option<PolicyDocument>;

    #[wasm_bindgen(method, structural, js_name = querySelector)]
    fn query_selector(this: &PolicyDocument, selector: &str) -> Option<Meta>;

    type Meta;

    #[wasm_bindgen(method, getter, structural)]
    fn content(this: &Meta) -> String;

    type Navigator;

    #[wasm_bindgen(thread_local_v2, js_name = navigator)]
    static NAVIGATOR: Option<Navigator>;

    #[wasm_bindgen(method, getter, structural)]
    fn permissions(this: &Navigator) -> Option<Permissions>;

    type Permissions;

    #[wasm_bindgen(method, catch, structural)]
    fn query(this: &Permissions, descriptor: &Object) -> Result<Promise, JsValue>;
}
