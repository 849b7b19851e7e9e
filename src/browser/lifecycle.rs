//! What happens to the page and its network: hidden, frozen, put aside, offline, and back again.

use std::cell::Cell;
use std::future::{Future, pending};
use std::rc::Rc;
use std::task::Context;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

use super::global::is_online;
use super::listener::Listener;
use super::wakers::{Waits, Wakers};

/// When a transport is to close its connection and ask for nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(crate) hidden: bool,
    pub(crate) offline: bool,
}

/// Watches the page's events for as long as it lives. In a worker there is only the network to watch.
pub(crate) struct Lifecycle {
    shared: Rc<Shared>,
    _listeners: Vec<Listener>,
}

#[derive(Default)]
struct Shared {
    /// Frozen, or put into the back/forward cache.
    is_away: Cell<bool>,
    /// Counts the events after which it is worth trying again.
    returns: Cell<u32>,
    wakers: Wakers,
    waits: Waits,
}

/// <https://html.spec.whatwg.org/#event-online>, <https://html.spec.whatwg.org/#event-pageshow>
const OF_WINDOW: &[&str] = &["online", "offline", "pageshow", "pagehide"];

/// <https://html.spec.whatwg.org/#event-visibilitychange>, <https://wicg.github.io/page-lifecycle/#events>
const OF_DOCUMENT: &[&str] = &["visibilitychange", "freeze", "resume"];

impl Lifecycle {
    pub(crate) fn watch() -> Self {
        if !cfg!(target_arch = "wasm32") {
            return Lifecycle { shared: Rc::default(), _listeners: Vec::new() };
        }
        let shared: Rc<Shared> = Rc::default();
        let listen = |target: &EventTarget, events| {
            let shared = Rc::clone(&shared);
            Listener::new(target, events, move |event| shared.heard(&event))
        };
        let mut listeners = Vec::new();
        // Node's global object is no target of events.
        if let Some(global) = js_sys::global().dyn_ref::<EventTarget>() {
            listeners.push(listen(global, OF_WINDOW));
        }
        DOCUMENT.with(|document| {
            listeners.extend(document.as_ref().map(|document| listen(document.unchecked_ref(), OF_DOCUMENT)));
        });
        Lifecycle { shared, _listeners: listeners }
    }

    /// Whether `pause` asks for rest now.
    pub(crate) fn rests(&self, pause: Pause) -> bool {
        if !cfg!(target_arch = "wasm32") {
            return false;
        }
        (pause.hidden && (self.shared.is_away.get() || is_hidden())) || (pause.offline && !is_online())
    }

    /// Resolves as soon as [`rests`](Lifecycle::rests) gives `wanted`.
    pub(crate) async fn until(&self, pause: Pause, wanted: bool) {
        if wanted && pause == Pause::default() {
            return pending().await;
        }
        self.shared.waits.until(|| self.rests(pause) == wanted).await;
    }

    /// Resolves when the network or the page comes back.
    pub(crate) fn returned(&self) -> impl Future<Output = ()> {
        let before = self.returns();
        self.shared.waits.until(move || self.returns() != before)
    }

    /// How often the network or the page came back.
    pub(crate) fn returns(&self) -> u32 {
        self.shared.returns.get()
    }

    /// Wakes this task at whatever happens next.
    pub(crate) fn wake_at_change(&self, context: &Context<'_>) {
        self.shared.wakers.register(context);
    }
}

impl Shared {
    fn heard(&self, event: &Event) {
        match event.type_().as_str() {
            "freeze" | "pagehide" => self.is_away.set(true),
            "resume" => {
                self.is_away.set(false);
                self.returned();
            }
            "pageshow" => {
                self.is_away.set(false);
                // Every page is shown once when it has loaded, which is no return.
                if event.unchecked_ref::<PageTransition>().persisted() == Some(true) {
                    self.returned();
                }
            }
            "online" => self.returned(),
            _ => {}
        }
        self.wakers.wake();
        self.waits.wake();
    }

    fn returned(&self) {
        self.returns.set(self.returns.get().wrapping_add(1));
    }
}

/// <https://html.spec.whatwg.org/#dom-document-hidden>
fn is_hidden() -> bool {
    DOCUMENT.with(|document| document.as_ref().is_some_and(Page::hidden))
}

#[wasm_bindgen]
extern "C" {
    type Page;

    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Option<Page>;

    #[wasm_bindgen(method, getter)]
    fn hidden(this: &Page) -> bool;

    type PageTransition;

    /// Whether the page comes out of the back/forward cache: <https://html.spec.whatwg.org/#pagetransitionevent>
    #[wasm_bindgen(method, getter)]
    fn persisted(this: &PageTransition) -> Option<bool>;
}
