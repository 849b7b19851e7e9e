//! A bounded queue that callbacks push into and a fused stream pulls from.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::wakers::Wakers;

/// Both ends of the queue; clones share it.
pub(crate) struct Queue<T>(Rc<Inner<T>>);

struct Inner<T> {
    items: RefCell<VecDeque<(T, usize)>>,
    bytes: Cell<usize>,
    limit: Limit,
    closed: Cell<bool>,
    wakers: Wakers,
}

/// How much a queue holds at the most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

impl<T> Queue<T> {
    pub(crate) fn new(limit: Limit) -> Self {
        Queue(Rc::new(Inner {
            items: RefCell::default(),
            bytes: Cell::new(0),
            limit,
            closed: Cell::new(false),
            wakers: Wakers::default(),
        }))
    }

    /// Adds an item that counts as `bytes`, or gives it back when a bound would be passed or the queue is closed: what
    /// to do then is the caller's policy.
    pub(crate) fn push(&self, item: T, bytes: usize) -> Result<(), T> {
        let mut items = self.0.items.borrow_mut();
        let all = self.0.bytes.get().saturating_add(bytes);
        if items.len() >= self.0.limit.items || all > self.0.limit.bytes || self.0.closed.get() {
            return Err(item);
        }
        items.push_back((item, bytes));
        // Nothing is borrowed while those who wait are woken.
        drop(items);
        self.0.bytes.set(all);
        self.0.wakers.wake();
        Ok(())
    }

    /// Whether an item that counts as `bytes` has room in the queue when it is empty.
    pub(crate) fn may_hold(&self, bytes: usize) -> bool {
        self.0.limit.items > 0 && bytes <= self.0.limit.bytes
    }

    /// Puts `item` in the place of the newest waiting one, if `same` says that it supersedes it.
    pub(crate) fn merge(&self, item: T, same: impl FnOnce(&T) -> bool) -> Result<(), T> {
        let mut items = self.0.items.borrow_mut();
        match items.back_mut() {
            Some((last, _)) if same(last) => {
                *last = item;
                Ok(())
            }
            _ => Err(item),
        }
    }

    /// Takes the oldest item.
    pub(crate) fn pop(&self) -> Option<T> {
        let (item, bytes) = self.0.items.borrow_mut().pop_front()?;
        self.0.bytes.set(self.0.bytes.get().saturating_sub(bytes));
        Some(item)
    }

    /// No more items come; those that wait can still be taken.
    pub(crate) fn close(&self) {
        self.0.closed.set(true);
        self.0.wakers.wake();
    }

    /// The oldest item, or `None` for ever once the queue is closed and empty.
    pub(crate) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        if let Some(item) = self.pop() {
            return Poll::Ready(Some(item));
        }
        if self.0.closed.get() {
            return Poll::Ready(None);
        }
        self.0.wakers.register(context);
        Poll::Pending
    }

    pub(crate) fn is_terminated(&self) -> bool {
        self.0.closed.get() && self.0.items.borrow().is_empty()
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Queue(Rc::clone(&self.0))
    }
}
