//! Listeners, elements and the global scope.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, EventTarget, HtmlIFrameElement, HtmlImageElement, HtmlScriptElement};

use crate::browser::element::{Owned, Tag};
use crate::browser::global::{self, Scope};
use crate::browser::listener::Listener;

fn fire(target: &EventTarget, name: &str) {
    target.dispatch_event(&Event::new(name).unwrap()).unwrap();
}

#[wasm_bindgen_test]
fn a_listener_hears_its_events_until_it_is_dropped() {
    let target = EventTarget::new().unwrap();
    let heard = Rc::new(Cell::new(0));
    let count = Rc::clone(&heard);
    let listener = Listener::new(&target, &["a", "b"], move |_| count.set(count.get() + 1));
    fire(&target, "a");
    fire(&target, "b");
    fire(&target, "c");
    assert_eq!(heard.get(), 2);
    drop(listener);
    fire(&target, "a");
    assert_eq!(heard.get(), 2);
    // The closure is gone, and what it held with it.
    assert_eq!(Rc::strong_count(&heard), 1);
}

#[wasm_bindgen_test]
fn an_event_fired_from_within_a_handler_reaches_the_same_handler() {
    let target = EventTarget::new().unwrap();
    let depth = Rc::new(Cell::new(0));
    let (count, again) = (Rc::clone(&depth), target.clone());
    let _listener = Listener::new(&target, &["a"], move |_| {
        count.set(count.get() + 1);
        if count.get() < 3 {
            fire(&again, "a");
        }
    });
    fire(&target, "a");
    assert_eq!(depth.get(), 3);
}

#[wasm_bindgen_test]
fn a_listener_may_be_dropped_by_its_own_handler() {
    let target = EventTarget::new().unwrap();
    let slot: Rc<Cell<Option<Listener>>> = Rc::default();
    let own = Rc::clone(&slot);
    slot.set(Some(Listener::new(&target, &["a"], move |_| drop(own.take()))));
    fire(&target, "a");
    fire(&target, "a");
    assert!(slot.take().is_none());
}

fn lives_in_the_document_until_dropped<T: Tag>() {
    let count = || {
        let count = Function::new_with_args("name", "return document.getElementsByTagName(name).length");
        count.call1(&JsValue::NULL, &T::NAME.into()).unwrap().as_f64().unwrap() as u32
    };
    let before = count();
    let element = Owned::<T>::create().unwrap();
    assert_eq!(count(), before);
    element.attach().unwrap();
    assert_eq!(count(), before + 1);
    drop(element);
    assert_eq!(count(), before);
}

#[wasm_bindgen_test]
fn elements_leave_the_document_when_dropped() {
    lives_in_the_document_until_dropped::<HtmlScriptElement>();
    lives_in_the_document_until_dropped::<HtmlIFrameElement>();
    lives_in_the_document_until_dropped::<HtmlImageElement>();
}

#[wasm_bindgen_test]
fn a_page_knows_that_it_is_one_and_where_it_is() {
    assert_eq!(global::scope(), Scope::Window);
    assert!(global::require_browser().is_ok());
    assert!(global::base_url().unwrap().starts_with("http://"));
}
