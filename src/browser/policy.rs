//! What the page's Content Security Policy stops: <https://w3c.github.io/webappsec-csp/#report-violation>.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::clock;
use super::listener::Listener;

/// So many of the latest are kept.
const KEPT: usize = 32;

/// Calls back with the directive and the address, as it is reported, of everything that the policy stops; one that only
/// reports stops nothing. `None` where there is nothing to hear it from.
pub(crate) fn watch(stopped: impl Fn(&str, &str) + 'static) -> Option<Listener> {
    // In a page the event bubbles up to the window; in a worker it is fired at its global scope.
    let global = js_sys::global().dyn_into::<EventTarget>().ok()?;
    Some(Listener::new(&global, &["securitypolicyviolation"], move |event| {
        let violation: &Violation = event.unchecked_ref();
        // A script may fire an event of this name, without these properties.
        if let (Some(directive), Some(blocked)) = (violation.effective_directive(), violation.blocked_uri())
            && violation.is_trusted()
            && violation.disposition().as_deref() == Some("enforce")
        {
            stopped(&directive, &blocked);
        }
    }))
}

/// Keeps what is stopped of the requests by script, while it lives.
pub(crate) struct Stopped {
    _listener: Option<Listener>,
    seen: Rc<RefCell<VecDeque<Request>>>,
}

struct Request {
    at: f64,
    directive: String,
    blocked: String,
}

impl Stopped {
    pub(crate) fn watch() -> Self {
        let seen = Rc::new(RefCell::new(VecDeque::new()));
        let target = Rc::clone(&seen);
        let listener = watch(move |directive, blocked| {
            if ["connect-src", "default-src"].contains(&directive) {
                let request = Request {
                    at: clock::timestamp(),
                    directive: directive.to_owned(),
                    blocked: blocked.to_owned(),
                };
                let mut seen = target.borrow_mut();
                seen.push_back(request);
                if seen.len() > KEPT {
                    seen.pop_front();
                }
            }
        });
        Stopped { _listener: listener, seen }
    }

    /// The directive that stopped a request of this address in this time, and whether the report names the whole address.
    pub(crate) fn of(&self, address: &str, origin: &str, from: f64, to: f64) -> Option<(String, bool)> {
        let seen = self.seen.borrow();
        let found = seen.iter().rev().find(|request| {
            request.at >= from && request.at <= to && [address, origin].contains(&request.blocked.as_str())
        });
        found.map(|request| (request.directive.clone(), request.blocked == address))
    }
}

#[wasm_bindgen]
extern "C" {
    // https://w3c.github.io/webappsec-csp/#securitypolicyviolationevent
    type Violation;

    #[wasm_bindgen(method, structural, getter)]
    fn disposition(this: &Violation) -> Option<String>;

    #[wasm_bindgen(method, structural, getter, js_name = effectiveDirective)]
    fn effective_directive(this: &Violation) -> Option<String>;

    #[wasm_bindgen(method, structural, getter, js_name = blockedURI)]
    fn blocked_uri(this: &Violation) -> Option<String>;

    #[wasm_bindgen(method, structural, getter, js_name = isTrusted)]
    fn is_trusted(this: &Violation) -> bool;
}
