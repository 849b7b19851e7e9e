//! The global object the library runs in: a window, one of the workers, or no browser at all.

use wasm_bindgen::prelude::*;

use super::value::property;
use crate::error::{Error, Result};

/// Which kind of global scope this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Window,
    DedicatedWorker,
    SharedWorker,
    ServiceWorker,
    /// Node, or a native build for server-side rendering.
    Other,
}

/// The scope this code runs in.
pub(crate) fn scope() -> Scope {
    if !cfg!(target_arch = "wasm32") {
        return Scope::Other;
    }
    // Each interface object exists only in its own kind of scope.
    let exposed = |name: &str| js_sys::Reflect::has(&js_sys::global(), &name.into()).unwrap_or(false);
    if exposed("Window") {
        Scope::Window
    } else if exposed("DedicatedWorkerGlobalScope") {
        Scope::DedicatedWorker
    } else if exposed("SharedWorkerGlobalScope") {
        Scope::SharedWorker
    } else if exposed("ServiceWorkerGlobalScope") {
        Scope::ServiceWorker
    } else {
        Scope::Other
    }
}

/// Refuses on a target that has no browser, where a call into JavaScript would panic.
pub(crate) fn require_browser() -> Result<()> {
    if cfg!(target_arch = "wasm32") {
        Ok(())
    } else {
        Err(Error::unsupported("there is no browser on this target: only wasm32 has a network here"))
    }
}

/// The URL against which relative ones are resolved: that of the document's `<base>`, its own, or the worker script's.
pub(crate) fn base_url() -> Option<String> {
    base().as_string()
}

/// The same as JavaScript has it: undefined where there is none.
pub(crate) fn base() -> JsValue {
    let global = js_sys::global();
    match property(&property(&global, "document"), "baseURI") {
        // `location` is a global of windows and workers alike, and absent in Node.
        none if none.is_undefined() => property(&property(&global, "location"), "href"),
        base => base,
    }
}

/// Whether the browser may have a network: `false` is certain, `true` is not.
/// <https://html.spec.whatwg.org/#dom-navigator-online>
pub(crate) fn is_online() -> bool {
    let navigator = js_sys::global().unchecked_into::<Global>().navigator();
    navigator.and_then(|navigator| navigator.on_line()).unwrap_or(true)
}

/// <https://html.spec.whatwg.org/#dom-crossoriginisolated>
pub(crate) fn is_isolated() -> bool {
    ISOLATED.with(Clone::clone).unwrap_or(false)
}

#[wasm_bindgen]
extern "C" {
    type Navigator;

    type Global;

    #[wasm_bindgen(method, getter, structural)]
    fn navigator(this: &Global) -> Option<Navigator>;

    #[wasm_bindgen(method, getter, js_name = onLine)]
    fn on_line(this: &Navigator) -> Option<bool>;

    #[wasm_bindgen(thread_local_v2, js_name = crossOriginIsolated)]
    static ISOLATED: Option<bool>;
}
