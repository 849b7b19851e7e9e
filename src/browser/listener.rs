//! A DOM listener that is removed when it is dropped.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// One callback for one or several events of one target: the platform's, or [`Named`] ones.
#[must_use = "dropping a Listener removes it"]
pub(crate) struct Listener<E: Events = OfPlatform> {
    target: EventTarget,
    events: E,
    // `Fn`, never `FnMut`: `abort()` fires events while a handler is still running, and wasm-bindgen throws when an
    // `FnMut` is entered twice.
    callback: Closure<dyn Fn(Event)>,
}

/// The types of events to listen to.
pub(crate) trait Events {
    fn each(&self, act: impl Fn(&str));
}

pub(crate) type OfPlatform = &'static [&'static str];

/// The one that a caller named.
pub(crate) type Named = String;

impl Listener {
    pub(crate) fn new(target: &EventTarget, events: OfPlatform, callback: impl Fn(Event) + 'static) -> Self {
        Listener::of(target, events, Box::new(callback))
    }
}

impl Listener<Named> {
    pub(crate) fn named(target: &EventTarget, event: &str, callback: impl Fn(Event) + 'static) -> Self {
        Listener::of(target, event.to_owned(), Box::new(callback))
    }
}

impl<E: Events> Listener<E> {
    // Apart, because its code is the same for every callback.
    fn of(target: &EventTarget, events: E, callback: Box<dyn Fn(Event)>) -> Self {
        let listener = Listener { target: target.clone(), events, callback: Closure::wrap(callback) };
        listener.events.each(|event| listener.raw().add_event_listener(event, listener.callback.as_ref()));
        listener
    }

    fn raw(&self) -> &Target {
        self.target.unchecked_ref()
    }
}

impl<E: Events> Drop for Listener<E> {
    fn drop(&mut self) {
        self.events.each(|event| self.raw().remove_event_listener(event, self.callback.as_ref()));
    }
}

impl Events for OfPlatform {
    fn each(&self, act: impl Fn(&str)) {
        self.iter().for_each(|event| act(event));
    }
}

impl Events for Named {
    fn each(&self, act: impl Fn(&str)) {
        act(self);
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
