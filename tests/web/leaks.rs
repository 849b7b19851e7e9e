//! What a page has before and after many calls: nothing may be left behind.

use std::time::Duration;

use futures_util::StreamExt;
use pagewire::poll::{self, Answers};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{SOAK, Wire, evaluate, memory_pages};

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

/// After the first hundred nothing grows any more.
#[wasm_bindgen_test]
async fn many_polls_leave_nothing_behind() {
    let wire = Wire::new().await;
    // Without a key nothing is recorded: the server's journal is no part of the claim.
    let url = wire.url("/status/200?text=x").split_once("&key").unwrap().0.to_owned();
    let mut answers = poll::long(url).spacing(Duration::ZERO).open();
    let next = async |answers: &mut Answers| {
        let answer = answers.next().await.expect("not the end").unwrap();
        assert_eq!(answer.text().await.unwrap(), "x");
    };
    for _ in 0..100 {
        next(&mut answers).await;
    }
    let before = census().await;
    for _ in 100..CALLS * 10 {
        next(&mut answers).await;
    }
    assert_eq!(census().await, before);
}
