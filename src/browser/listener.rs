//! A DOM listener that is removed when it is dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
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
        let listener = Listener { target: target.clone(), events, callback: Closure::new(callback) };
        for event in events {
            // Fails only for a callback that is not an object; this one is a function.
            let _ =
                target.add_event_listener_with_callback(event, listener.callback.as_ref().unchecked_ref());
        }
        listener
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for event in self.events {
            let callback = self.callback.as_ref().unchecked_ref();
            let _ = self.target.remove_event_listener_with_callback(event, callback);
        }
    }
}
