//! The requests that a diagnosis sends to see more, and what else it may ask the browser.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Url};

use super::diagnose::{address_of, is_socket};
use crate::browser::address::{own_origin, resolve};
use crate::browser::timer::sleep;
use crate::proto::cors::decide::Address;
use crate::proto::cors::{Probe, Sent};
use crate::proto::method::Method;

const LONGEST: Duration = Duration::from_secs(5);

/// What a probe of this address asks for: that of a WebSocket by http.
pub(super) fn address(url: &Url) -> Url {
    let asked = Url::new(&url.href().replacen("ws", "http", 1));
    asked.ok().filter(|_| is_socket(url)).unwrap_or_else(|| url.clone())
}

/// Sends one probe; whether it was answered. The body, if any, is not waited for.
pub(super) async fn send(probe: Probe, sent: &Sent, url: &Url) -> bool {
    let Ok(controller) = AbortController::new() else { return false };
    let stop = Stop(controller);
    let home = own_origin().unwrap_or_default();
    let address = if probe == Probe::Home { home } else { url.href() };
    let Ok(answer) = fetch(&address, &init(probe, sent, &stop.0)) else { return false };
    let (mut answer, mut limit) = (JsFuture::from(answer), pin!(sleep(LONGEST)));
    poll_fn(|context| match pin!(&mut answer).poll(context) {
        Poll::Ready(answer) => Poll::Ready(answer.is_ok()),
        Poll::Pending => limit.as_mut().poll(context).map(|()| false),
    })
    .await
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
    let gets = sent.asked.method == Method::GET && probe != Probe::Home;
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
pub(super) async fn is_local_network_denied(address: &Address) -> bool {
    let own = own_origin().and_then(|origin| resolve(&origin)).map(|url| address_of(&url));
    if !address.is_local() || own.is_some_and(|own| own.is_local()) {
        return false;
    }
    for name in ["local-network-access", "local-network", "loopback-network"] {
        if state_of(name).await.as_deref() == Some("denied") {
            return true;
        }
    }
    false
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

    type Navigator;

    #[wasm_bindgen(thread_local_v2, js_name = navigator)]
    static NAVIGATOR: Option<Navigator>;

    #[wasm_bindgen(method, getter, structural)]
    fn permissions(this: &Navigator) -> Option<Permissions>;

    type Permissions;

    #[wasm_bindgen(method, catch, structural)]
    fn query(this: &Permissions, descriptor: &Object) -> Result<Promise, JsValue>;
}
