//! Violations of the page's content security policy, as the browser reports them:
//! <https://w3c.github.io/webappsec-csp/#report-violation>.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

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
    at: f64,
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
                if event.disposition() != "report" {
                    let at = clock::timestamp();
                    let (blocked, directive) = (event.blocked_uri(), event.effective_directive());
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

    /// The directive that forbade this address since then, if one did.
    pub(crate) fn of(&self, url: &web_sys::Url, since: f64) -> Option<String> {
        let (origin, href) = (url.origin(), url.href());
        let address = href.split('#').next().unwrap_or(&href);
        let seen = self.seen.borrow();
        let found = seen.iter().rev().find(|violation| {
            violation.at >= since && (violation.blocked == address || violation.blocked == origin)
        });
        found.map(|violation| violation.directive.clone())
    }
}

#[wasm_bindgen]
extern "C" {
    type ReportedViolation;

    #[wasm_bindgen(method, getter, structural)]
    fn disposition(this: &ReportedViolation) -> String;
    #[wasm_bindgen(method, getter, structural, js_name = blockedURI)]
    fn blocked_uri(this: &ReportedViolation) -> String;
    #[wasm_bindgen(method, getter, structural, js_name = effectiveDirective)]
    fn effective_directive(this: &ReportedViolation) -> String;
}
