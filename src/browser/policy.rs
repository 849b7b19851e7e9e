//! What the page's Content Security Policy forbids: <https://w3c.github.io/webappsec-csp/#report-violation>.

use wasm_bindgen::JsCast;
use web_sys::SecurityPolicyViolationEvent as Violation;

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
        let enforced = violation.disposition() == web_sys::SecurityPolicyViolationEventDisposition::Enforce;
        if enforced && concerns(&violation.effective_directive(), &violation.blocked_uri()) {
            stopped();
        }
    }))
}
