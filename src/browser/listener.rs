//! A DOM listener that is removed when it is dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// One callback for one or several events of one target.
#[must_use = "dropping a Listener removes it"]
pub(crate) struct Listener {
    target: EventTarget,
    events: Events,
    // `Fn`, never `FnMut`: `abort()` fires events while a handler is still running, and wasm-bindgen throws when an
    // `FnMut` is entered twice.
    callback: Closure<dyn Fn(Event)>,
}

/// The types of events to listen to.
pub(crate) enum Events {
    OfPlatform(&'static [&'static str]),
    /// Those that a caller named.
    Named(Vec<String>),
}

impl Listener {
    pub(crate) fn new(
        target: &EventTarget,
        events: impl Into<Events>,
        callback: impl Fn(Event) + 'static,
    ) -> Self {
        Listener::of(target, events.into(), Box::new(callback))
    }

    // Apart, because its code is the same for every callback.
    fn of(target: &EventTarget, events: Events, callback: Box<dyn Fn(Event)>) -> Self {
        let listener = Listener { target: target.clone(), events, callback: Closure::wrap(callback) };
        for event in listener.events.names() {
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
        for event in self.events.names() {
            self.raw().remove_event_listener(event, self.callback.as_ref());
        }
    }
}

impl Events {
    fn names(&self) -> impl Iterator<Item = &str> {
        let (known, named): (&[&str], &[String]) = match self {
            Events::OfPlatform(known) => (known, &[]),
            Events::Named(named) => (&[], named),
        };
        known.iter().copied().chain(named.iter().map(String::as_str))
    }
}

impl<const N: usize> From<&'static [&'static str; N]> for Events {
    fn from(known: &'static [&'static str; N]) -> Self {
        Events::OfPlatform(known)
    }
}

impl From<&'static [&'static str]> for Events {
    fn from(known: &'static [&'static str]) -> Self {
        Events::OfPlatform(known)
    }
}

impl From<Vec<String>> for Events {
    fn from(named: Vec<String>) -> Self {
        Events::Named(named)
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
