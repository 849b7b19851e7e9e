//! Resource Timing, through an observer: <https://w3c.github.io/resource-timing/>.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::address::resolve;

/// Watches for the entry of one request, which is about to be sent. Dropping it ends the watch.
///
/// Nothing in an entry names its request. But it tells when that began, which is while the request is being sent or
/// soon after: most of what others ask of the same URL begins before or later.
pub(crate) struct Watch {
    observer: PerformanceObserver,
    _callback: Closure<dyn Fn(EntryList)>,
    shared: Rc<Shared>,
    begin: f64,
    sent: Cell<f64>,
}

/// A [`Watch`] to who does not make one: an app that asks for no timing does not carry its code.
pub(crate) trait Timed {
    /// The request has been handed to the browser.
    fn sent(&self);

    /// Ready once there is an entry that may be the request's.
    fn poll(&self, context: &Context<'_>) -> Poll<()>;

    /// The entries so far that may be the request's: more than one if another began at about the same time.
    fn entries(&self) -> Vec<Entry>;
}

/// What an engine may round a time by, in milliseconds:
/// <https://w3c.github.io/hr-time/#dfn-coarsen-time>
const COARSE: f64 = 1.0;

/// How much later than it was asked to an engine may begin, in milliseconds: WebKit counts anew from when it has found a
/// connection that lives.
const LATE: f64 = 250.0;

#[derive(Default)]
struct Shared {
    entries: RefCell<Vec<Entry>>,
    waker: Cell<Option<Waker>>,
}

impl Watch {
    /// `None` where there is no such observer, or the URL is none.
    pub(crate) fn new(address: &str) -> Option<Self> {
        let url = resolve(address)?;
        // An entry is named by the URL without its fragment.
        url.set_hash("");
        let name = url.href();
        let shared = Rc::new(Shared::default());
        let target = Rc::clone(&shared);
        let callback = Closure::<dyn Fn(EntryList)>::new(move |list: EntryList| target.take(&list, &name));
        let observer = PerformanceObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        let options = Object::new();
        Reflect::set(&options, &"type".into(), &"resource".into()).ok()?;
        observer.observe(&options).ok()?;
        Some(Watch { observer, _callback: callback, shared, begin: now(), sent: Cell::new(f64::INFINITY) })
    }
}

impl Timed for Watch {
    fn sent(&self) {
        self.sent.set(now());
    }

    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.entries().is_empty() {
            self.shared.waker.set(Some(context.waker().clone()));
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    fn entries(&self) -> Vec<Entry> {
        let window = self.begin - COARSE..=self.sent.get() + LATE;
        let entries = self.shared.entries.borrow();
        entries.iter().filter(|entry| window.contains(&entry.start_time())).cloned().collect()
    }
}

impl Shared {
    fn take(&self, list: &EntryList, name: &str) {
        let entries = list.named(name);
        self.entries.borrow_mut().extend(entries.iter().map(JsCast::unchecked_into));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the time origin, as in the entries.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    type PerformanceObserver;

    #[wasm_bindgen(constructor, catch)]
    fn new(callback: &Function) -> Result<PerformanceObserver, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn observe(this: &PerformanceObserver, options: &Object) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn disconnect(this: &PerformanceObserver);

    type EntryList;

    #[wasm_bindgen(method, structural, js_name = getEntriesByName)]
    fn named(this: &EntryList, name: &str) -> Array;

    /// <https://w3c.github.io/resource-timing/#dom-performanceresourcetiming>; times in ms since the time origin, 0 where
    /// the server grants none.
    #[derive(Clone)]
    pub(crate) type Entry;

    #[wasm_bindgen(method, structural, getter, js_name = startTime)]
    pub(crate) fn start_time(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = redirectStart)]
    pub(crate) fn redirect_start(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = redirectEnd)]
    pub(crate) fn redirect_end(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = domainLookupStart)]
    pub(crate) fn domain_lookup_start(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = domainLookupEnd)]
    pub(crate) fn domain_lookup_end(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = connectStart)]
    pub(crate) fn connect_start(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = connectEnd)]
    pub(crate) fn connect_end(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = secureConnectionStart)]
    pub(crate) fn secure_connection_start(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = requestStart)]
    pub(crate) fn request_start(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = responseStart)]
    pub(crate) fn response_start(this: &Entry) -> f64;
    #[wasm_bindgen(method, structural, getter, js_name = responseEnd)]
    pub(crate) fn response_end(this: &Entry) -> f64;
}
