//! Violations of the page's content security policy, as the browser reports them:
//! <https://w3c.github.io/webappsec-csp/#report-violation>.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::clock;
use super::listener::Listener;

/// So many of the latest are kept.
const KEPT: usize = 32;

/// Keeps the violations that are reported while it lives.
pub(crate) struct Violations {
    _listener: Option<Listener>,
    seen: Rc<RefCell<VecDeque<Violation>>>,
}

struct Violation {
    at: Duration,
    blocked: String,
    directive: String,
}

impl Violations {
    pub(crate) fn watch() -> Self {
        let seen = Rc::new(RefCell::new(VecDeque::new()));
        let target = Rc::clone(&seen);
        // In a page it bubbles up to the window; in a worker it is fired at its global scope.
        let global = js_sys::global().dyn_into::<EventTarget>().ok();
        let listener = global.map(|global| {
            Listener::new(&global, &["securitypolicyviolation"], move |event| {
                let event: ReportedViolation = event.unchecked_into();
                // A policy that only reports has stopped nothing.
                let (Some(blocked), Some(directive)) = (event.blocked_uri(), event.effective_directive())
                else {
                    return;
                };
                let enforced = event.is_trusted() && event.disposition().as_deref() != Some("report");
                if enforced && is_about_requests(&directive) {
                    let at = clock::now();
                    let mut seen = target.borrow_mut();
                    seen.push_back(Violation { at, blocked, directive });
                    if seen.len() > KEPT {
                        seen.pop_front();
                    }
                }
            })
        });
        Violations { _listener: listener, seen }
    }

    /// The directive that forbade this address in this time, if one did, and whether the report names the whole address.
    pub(crate) fn of(
        &self,
        address: &str,
        origin: &str,
        from: Duration,
        to: Duration,
    ) -> Option<(String, bool)> {
        let seen = self.seen.borrow();
        let found = seen.iter().rev().find(|violation| {
            violation.at >= from
                && violation.at <= to
                && [address, origin].contains(&violation.blocked.as_str())
        });
        found.map(|violation| (violation.directive.clone(), violation.blocked == address))
    }
}

/// Those that tell of requests by script.
fn is_about_requests(directive: &str) -> bool {
    ["connect-src", "default-src"].contains(&directive)
}

#[wasm_bindgen]
extern "C" {
    type ReportedViolation;

    #[wasm_bindgen(method, getter, structural)]
    fn disposition(this: &ReportedViolation) -> Option<String>;
    #[wasm_bindgen(method, getter, structural, js_name = blockedURI)]
    fn blocked_uri(this: &ReportedViolation) -> Option<String>;
    #[wasm_bindgen(method, getter, structural, js_name = effectiveDirective)]
    fn effective_directive(this: &ReportedViolation) -> Option<String>;
    #[wasm_bindgen(method, getter, structural, js_name = isTrusted)]
    fn is_trusted(this: &ReportedViolation) -> bool;
}
