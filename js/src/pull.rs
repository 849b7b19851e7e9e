//! A Rust stream as the state behind an async iterator.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::{Stream, StreamExt};
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

/// A stream that several calls of `next()` may wait on, and that can be closed at any moment.
pub(crate) struct Pull<S: Stream>(Rc<Inner<S>>);

struct Inner<S: Stream> {
    convert: fn(S::Item) -> Result<JsValue, JsValue>,
    // Taken out for the moment of a poll: no borrow is held while foreign code runs.
    stream: RefCell<Slot<S>>,
    wakers: RefCell<Vec<Waker>>,
}

enum Slot<S> {
    Here(S),
    Polled,
    Over,
}

impl<S: Stream + Unpin> Pull<S> {
    pub(crate) fn new(stream: S, convert: fn(S::Item) -> Result<JsValue, JsValue>) -> Self {
        let stream = RefCell::new(Slot::Here(stream));
        Pull(Rc::new(Inner { convert, stream, wakers: RefCell::default() }))
    }

    /// The next [`IteratorResult`](https://tc39.es/ecma262/#sec-iteratorresult-interface).
    pub(crate) async fn next(&self) -> Result<JsValue, JsValue> {
        match poll_fn(|context| self.poll(context)).await.map(self.0.convert) {
            Some(Ok(value)) => Ok(iterator_result(&value, false)),
            Some(Err(error)) => {
                self.close();
                Err(error)
            }
            None => {
                self.close();
                Ok(iterator_result(&JsValue::UNDEFINED, true))
            }
        }
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut stream = match self.0.stream.replace(Slot::Polled) {
            Slot::Here(stream) => stream,
            Slot::Polled => return self.wait(context),
            Slot::Over => {
                self.0.stream.replace(Slot::Over);
                return Poll::Ready(None);
            }
        };
        let polled = stream.poll_next_unpin(context);
        if matches!(*self.0.stream.borrow(), Slot::Over) {
            // Closed meanwhile: the stream goes, and its network with it.
            return Poll::Ready(None);
        }
        self.0.stream.replace(Slot::Here(stream));
        if polled.is_pending() {
            return self.wait(context);
        }
        // Another call may wait for the item after this one, and the stream knows the last waker only.
        self.wake();
        polled
    }

    fn wait(&self, context: &Context<'_>) -> Poll<Option<S::Item>> {
        self.0.wakers.borrow_mut().push(context.waker().clone());
        Poll::Pending
    }

    /// Drops the stream, which ends its network activity; calls that wait are told that it is over.
    pub(crate) fn close(&self) {
        self.0.stream.replace(Slot::Over);
        self.wake();
    }

    fn wake(&self) {
        for waker in self.0.wakers.take() {
            waker.wake();
        }
    }
}

impl<S: Stream> Clone for Pull<S> {
    fn clone(&self) -> Self {
        Pull(Rc::clone(&self.0))
    }
}

pub(crate) fn iterator_result(value: &JsValue, done: bool) -> JsValue {
    let result = Object::new();
    let _ = Reflect::set(&result, &"value".into(), value);
    let _ = Reflect::set(&result, &"done".into(), &done.into());
    result.into()
}
