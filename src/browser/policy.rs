//! What the page's Content Security Policy forbids: <https://w3c.github.io/webappsec-csp/#report-violation>.

use wasm_bindgen::prelude::*;

use super::element::document;
use super::listener::Listener;

/// Calls back when the page's policy stops what `concerns` recognises by its directive and address; a policy that only
/// reports stops nothing. `None` where there is no document.
pub(crate) fn watch(
    concerns: impl Fn(&str, &str) -> bool + 'static,
    stopped: impl Fn() + 'static,
) -> Option<Listener> {
    let document = document()?;
    Some(Listener::new(&document, &["securitypolicyviolation"], move |event| {
        let violation: &Violation = event.unchecked_ref();
        if violation.disposition() == "enforce"
            && concerns(&violation.effective_directive(), &violation.blocked_uri())
        {
            stopped();
        }
    }))
}

#[wasm_bindgen]
extern "C" {
    // https://w3c.github.io/webappsec-csp/#securitypolicyviolationevent
    type Violation;

    #[wasm_bindgen(method, structural, getter)]
    fn disposition(this: &Violation) -> String;

    #[wasm_bindgen(method, structural, getter, js_name = effectiveDirective)]
    fn effective_directive(this: &Violation) -> String;

    #[wasm_bindgen(method, structural, getter, js_name = blockedURI)]
    fn blocked_uri(this: &Violation) -> String;
}
