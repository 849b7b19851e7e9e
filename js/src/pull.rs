//! A Rust stream as the state behind an async iterator.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::Stream;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::promise::promise;
use crate::value::Shape;

/// A stream that several calls of `next()` may wait on, and that can be closed at any moment.
#[derive(Clone)]
pub(crate) struct Pull(Rc<Inner>);

// Of one type for all streams, so that the module has one copy of this.
type Source = Pin<Box<dyn Stream<Item = Item>>>;
type Item = Result<JsValue, JsValue>;

struct Inner {
    // Taken out for the moment of a poll: no borrow is held while foreign code runs.
    stream: RefCell<Slot>,
    /// Calls are served in their order: this is the number of the one whose turn it is.
    turn: Cell<u64>,
    /// The number of the next call.
    next: Cell<u64>,
    /// The wakers of those that wait, in their order.
    waiting: RefCell<VecDeque<(u64, Waker)>>,
}

enum Slot {
    Here(Source),
    Polled,
    Over,
}

impl Pull {
    pub(crate) fn new(stream: impl Stream<Item = Item> + 'static) -> Self {
        let stream = RefCell::new(Slot::Here(Box::pin(stream)));
        Pull(Rc::new(Inner { stream, turn: Cell::new(0), next: Cell::new(0), waiting: RefCell::default() }))
    }

    /// The next [`IteratorResult`](https://tc39.es/ecma262/#sec-iteratorresult-interface).
    pub(crate) fn next(&self) -> Promise {
        let pull = self.clone();
        let call = self.0.next.replace(self.0.next.get() + 1);
        promise(async move { pull.step(call).await })
    }

    /// Closes, and gives the last `IteratorResult`: what the `return()` of an iterator does.
    pub(crate) fn finish(&self) -> Promise {
        self.close();
        Promise::resolve(&over())
    }

    async fn step(&self, call: u64) -> Item {
        match poll_fn(|context| self.poll(call, context)).await {
            Some(Ok(value)) => Ok(iterator_result(value, false)),
            Some(Err(error)) => {
                self.close();
                Err(error)
            }
            None => {
                self.close();
                Ok(over())
            }
        }
    }

    fn poll(&self, call: u64, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if matches!(*self.0.stream.borrow(), Slot::Over) {
            return Poll::Ready(None);
        }
        if self.0.turn.get() != call {
            return self.wait(call, context);
        }
        let Slot::Here(mut stream) = self.0.stream.replace(Slot::Polled) else {
            return self.wait(call, context);
        };
        let polled = stream.as_mut().poll_next(context);
        if matches!(*self.0.stream.borrow(), Slot::Over) {
            // Closed meanwhile: the stream goes, and its network with it.
            return Poll::Ready(None);
        }
        self.0.stream.replace(Slot::Here(stream));
        if polled.is_pending() {
            return self.wait(call, context);
        }
        self.0.turn.set(call + 1);
        if let Some(next) = self.waker_after(call) {
            next.wake();
        }
        polled
    }

    /// Forgets this call, which is served; the waker of the one after it, if that waits already.
    fn waker_after(&self, call: u64) -> Option<Waker> {
        let mut waiting = self.0.waiting.borrow_mut();
        if waiting.front().is_some_and(|(first, _)| *first == call) {
            waiting.pop_front();
        }
        let (first, _) = waiting.front()?;
        if *first == call + 1 { waiting.pop_front().map(|(_, waker)| waker) } else { None }
    }

    fn wait(&self, call: u64, context: &Context<'_>) -> Poll<Option<Item>> {
        let mut waiting = self.0.waiting.borrow_mut();
        let waker = context.waker().clone();
        let place = waiting.partition_point(|(known, _)| *known < call);
        match waiting.get_mut(place) {
            Some((known, old)) if *known == call => *old = waker,
            _ => waiting.insert(place, (call, waker)),
        }
        Poll::Pending
    }

    /// Drops the stream, which ends its network activity; calls that wait are told that it is over.
    pub(crate) fn close(&self) {
        self.0.stream.replace(Slot::Over);
        for (_, waker) in self.0.waiting.take() {
            waker.wake();
        }
    }
}

fn over() -> JsValue {
    iterator_result(JsValue::UNDEFINED, true)
}

fn iterator_result(value: JsValue, done: bool) -> JsValue {
    RESULT.with(|result| result.object([value, done.into()]))
}

thread_local! {
    static RESULT: Shape<2> = Shape::new(["value", "done"]);
}
