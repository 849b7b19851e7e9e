//! What a page has before and after many calls: nothing may be left behind.

use crate::shared::{SOAK, evaluate, memory_pages};

/// How many calls a count is taken over.
pub(crate) const CALLS: u32 = if SOAK { 1000 } else { 100 };

/// Counts globals, elements, frames, and listeners that were added and not removed, of windows, documents and elements.
const COUNT: &str = "
    if (!globalThis.listenersAdded) {
        const target = EventTarget.prototype, { addEventListener, removeEventListener } = target;
        const heard = (it) => it === window || it === document || it instanceof Element;
        Object.defineProperty(globalThis, 'listenersAdded', { value: { now: 0 }, enumerable: false });
        target.addEventListener = function (...args) {
            if (heard(this)) listenersAdded.now += 1;
            return addEventListener.apply(this, args);
        };
        target.removeEventListener = function (...args) {
            if (heard(this)) listenersAdded.now -= 1;
            return removeEventListener.apply(this, args);
        };
    }
    return [
        Object.getOwnPropertyNames(window).filter((name) => !/^[0-9]+$/.test(name)).length,
        document.getElementsByTagName('*').length,
        window.length,
        listenersAdded.now,
    ].join(' ');";

/// What there is now: JavaScript's side, and the pages of wasm's memory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) page: String,
    pub(crate) memory: usize,
}

pub(crate) async fn census() -> Census {
    let page = evaluate(COUNT).await.unwrap().as_string().unwrap();
    Census { page, memory: memory_pages() }
}
