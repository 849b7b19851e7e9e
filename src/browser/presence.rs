//! Whether the page is seen and has a network, and when that changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::listener::Listener;

/// Whether the page is [hidden](https://html.spec.whatwg.org/#dom-document-hidden); a worker never is.
pub(crate) fn is_hidden() -> bool {
    DOCUMENT.with(|document| document.as_ref().is_some_and(Seen::hidden))
}

/// Calls back whenever the page is hidden or seen again.
pub(crate) fn on_visibility(callback: impl Fn() + 'static) -> Option<Listener> {
    let document = DOCUMENT.with(Clone::clone)?;
    Some(Listener::new(document.unchecked_ref(), &["visibilitychange"], move |_| callback()))
}

/// Calls back whenever the browser has a network [again](https://html.spec.whatwg.org/#event-online).
pub(crate) fn on_online(callback: impl Fn() + 'static) -> Option<Listener> {
    let global = js_sys::global().dyn_into::<EventTarget>().ok()?;
    Some(Listener::new(&global, &["online"], move |_| callback()))
}

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type Seen;

    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Option<Seen>;

    #[wasm_bindgen(method, getter)]
    fn hidden(this: &Seen) -> bool;
}
