//! Promises, all made here: an `async` export would bring a copy of this machinery with it.

use std::future::Future;
use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use crate::error::to_js;

/// What runs behind a promise, of one type for all of them.
type Task = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// Starts `future` with the next microtask; the promise settles as it does.
pub(crate) fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    run(Box::pin(future))
}

/// [`promise`], for a future of the library.
pub(crate) fn promise_of<T: Into<JsValue>>(
    future: impl Future<Output = pagewire::Result<T>> + 'static,
) -> Promise {
    promise(async { future.await.map(Into::into).map_err(|error| to_js(&error)) })
}

fn run(task: Task) -> Promise {
    future_to_promise(task)
}
