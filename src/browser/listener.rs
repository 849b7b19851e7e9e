//! A DOM listener that is removed when it is dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// One callback for one or several events of one target.
#[must_use = "dropping a Listener removes it"]
pub(crate) struct Listener {
    target: EventTarget,
    events: &'static [&'static str],
    // `Fn`, never `FnMut`: `abort()` fires events while a handler is still running, and wasm-bindgen throws when an
    // `FnMut` is entered twice.
    callback: Closure<dyn Fn(Event)>,
}

impl Listener {
    pub(crate) fn new(
        target: &EventTarget,
        events: &'static [&'static str],
        callback: impl Fn(Event) + 'static,
    ) -> Self {
        Listener::of(target, events, Box::new(callback))
    }

    // Apart, because its code is the same for every callback.
    fn of(target: &EventTarget, events: &'static [&'static str], callback: Box<dyn Fn(Event)>) -> Self {
        let listener = Listener { target: target.clone(), events, callback: Closure::wrap(callback) };
        for event in events {
            listener.raw().add_event_listener(event, listener.callback.as_ref());
        }
        listener
    }

    fn raw(&self) -> &Target {
        self.target.unchecked_ref()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for event in self.events {
            self.raw().remove_event_listener(event, self.callback.as_ref());
        }
    }
}

#[wasm_bindgen]
extern "C" {
    // web-sys has them with `catch`; they throw for a callback that is not an object alone, and this one is a function.
    type Target;

    #[wasm_bindgen(method, structural, js_name = addEventListener)]
    fn add_event_listener(this: &Target, event: &str, callback: &JsValue);

    #[wasm_bindgen(method, structural, js_name = removeEventListener)]
    fn remove_event_listener(this: &Target, event: &str, callback: &JsValue);
}
