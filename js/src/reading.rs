//! What is read item by item: one class behind all async iterators whose items are all that they have.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::{Stream, StreamExt};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::pull::Pull;

#[wasm_bindgen]
extern "C" {
    /// See `push.ts`.
    #[wasm_bindgen(typescript_type = "Reading<Uint8Array>")]
    pub type BytesReading;

    /// See `push.ts`.
    #[wasm_bindgen(typescript_type = "Reading<string>")]
    pub type TextReading;

    /// See `push.ts`.
    #[wasm_bindgen(typescript_type = "Reading<any>")]
    pub type ValueReading;

    /// See `push.ts`.
    #[wasm_bindgen(typescript_type = "Reading<http.Response>")]
    pub type ResponseReading;

    /// See `poll.ts`.
    #[wasm_bindgen(typescript_type = "LongReading")]
    pub type LongReading;
}

/// The place reached, where the items have one.
pub(crate) type Place = Rc<RefCell<Option<String>>>;

/// See `Reading` in `push.ts`.
#[wasm_bindgen(skip_typescript)]
#[derive(Clone)]
pub struct Reading {
    items: Pull,
    place: Place,
}

/// A stream of the library as a `Reading`, under the type that TypeScript is to see.
pub(crate) fn reading<T, J: JsCast>(
    stream: impl Stream<Item = pagewire::Result<T>> + 'static,
    to_value: impl Fn(T) -> Result<JsValue, JsValue> + 'static,
) -> J {
    reading_at(Place::default(), stream, to_value)
}

/// The same of a stream that keeps the place it has reached in `place`.
pub(crate) fn reading_at<T, J: JsCast>(
    place: Place,
    stream: impl Stream<Item = pagewire::Result<T>> + 'static,
    to_value: impl Fn(T) -> Result<JsValue, JsValue> + 'static,
) -> J {
    let items = stream.map(move |item| item.map_err(|error| to_js(&error)).and_then(&to_value));
    JsValue::from(Reading { items: Pull::new(items), place }).unchecked_into()
}

#[wasm_bindgen]
impl Reading {
    /// The next item.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        self.items.next()
    }

    /// Closes the connection: what a loop that is left early calls.
    #[wasm_bindgen(js_name = "return", skip_typescript)]
    pub fn finish(&self) -> Promise {
        self.items.finish()
    }

    /// Closes the connection.
    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        self.items.close();
    }

    /// Of a long poll: the place reached.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn position(&self) -> Option<String> {
        self.place.borrow().clone()
    }

    /// The iterator that `for await` asks for: itself.
    #[wasm_bindgen(js_name = "[Symbol.asyncIterator]", skip_typescript)]
    pub fn iterator(&self) -> Reading {
        self.clone()
    }

    // Takes the place of the generated `free`, which `[Symbol.dispose]` calls too: here disposing closes. The memory
    // goes back when the object is collected.
    /// Closes the connection.
    #[wasm_bindgen(js_name = free, skip_typescript)]
    pub fn dispose(&self) {
        self.items.close();
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").finish_non_exhaustive()
    }
}
