//! Promises, all made here: an `async` export would bring a copy of this machinery with it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

use crate::error::to_js;

/// What runs behind a promise, of one type for all of them.
type Task = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// Runs `future` up to its first wait, as JavaScript runs an async function: what is passed may be changed, transferred
/// or disposed of straight after the call. The promise settles as the future does.
pub(crate) fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    run(Box::pin(future))
}

/// [`promise`], for a future of the library.
pub(crate) fn promise_of<T: Into<JsValue>>(
    future: impl Future<Output = pagewire::Result<T>> + 'static,
) -> Promise {
    promise_for(Ok(future), |value| Ok(value.into()))
}

/// [`promise`], for what is asked of the library if the arguments of the call were good, and what JavaScript gets of it.
pub(crate) fn promise_for<A, T>(
    asked: Result<A, JsValue>,
    give: impl FnOnce(T) -> Result<JsValue, JsValue> + 'static,
) -> Promise
where
    A: IntoFuture<Output = pagewire::Result<T>>,
    A::IntoFuture: 'static,
{
    match asked.map(IntoFuture::into_future) {
        Ok(future) => promise(async { give(future.await.map_err(|error| to_js(&error))?) }),
        Err(refusal) => Promise::reject(&refusal),
    }
}

fn run(mut task: Task) -> Promise {
    match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(value)) => Promise::resolve(&value),
        Poll::Ready(Err(error)) => Promise::reject(&error),
        // Polled again at once, with a waker that counts.
        Poll::Pending => future_to_promise(task),
    }
}
