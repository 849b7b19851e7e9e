//! What the handles of a connection that is kept up and its driver have in common.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::changes::{Change, Log};
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::{Close, CloseEvent, WebSocket};
use crate::browser::queue::Limit;
use crate::browser::wakers::Wakers;
use crate::error::{Error, ErrorKind, Result};

pub(super) struct Kept {
    pub(super) url: String,
    pub(super) incoming: Rc<Incoming>,
    pub(super) log: Rc<Log>,
    /// The last word of the stream of messages, taken when it is told.
    pub(super) failure: RefCell<Option<Error>>,
    /// The open connection.
    current: RefCell<Option<WebSocket>>,
    waiting: RefCell<Waiting>,
    /// What the driver has not been told yet.
    wishes: RefCell<VecDeque<Wish>>,
    driver: Wakers,
    ended: Cell<bool>,
    end: RefCell<Option<CloseEvent>>,
    ends: Wakers,
}

/// What the driver is told from outside.
#[derive(Debug)]
pub(super) enum Wish {
    Close(Close),
    /// Nobody has a handle any more.
    Abandon,
}

/// Messages that wait for a connection.
struct Waiting {
    messages: VecDeque<Outgoing>,
    bytes: usize,
    limit: Option<Limit>,
}

impl Kept {
    pub(super) fn new(url: String, incoming: Rc<Incoming>, limit: Option<Limit>) -> Self {
        Kept {
            url,
            incoming,
            log: Rc::default(),
            failure: RefCell::new(None),
            current: RefCell::new(None),
            waiting: RefCell::new(Waiting { messages: VecDeque::new(), bytes: 0, limit }),
            wishes: RefCell::default(),
            driver: Wakers::default(),
            ended: Cell::new(false),
            end: RefCell::new(None),
            ends: Wakers::default(),
        }
    }

    pub(super) fn current(&self) -> Option<WebSocket> {
        self.current.borrow().clone()
    }

    pub(super) fn set_current(&self, socket: Option<WebSocket>) {
        // Dropped after the borrow: closing may call back.
        let _before = self.current.replace(socket);
    }

    pub(super) fn wish(&self, wish: Wish) {
        self.wishes.borrow_mut().push_back(wish);
        self.driver.wake();
    }

    pub(super) fn next_wish(&self, context: &Context<'_>) -> Option<Wish> {
        self.driver.register(context);
        self.wishes.borrow_mut().pop_front()
    }

    /// Sends at once where there is a connection and nobody is before; otherwise keeps the message or refuses it.
    pub(super) async fn send(&self, message: Outgoing) -> Result<()> {
        let current = self.current().filter(|_| self.waiting.borrow().messages.is_empty());
        if let Some(socket) = current {
            let shared = &socket.socket().shared;
            let sent =
                poll_fn(|context| shared.poll_room(context)).await.and_then(|()| shared.send(&message));
            // One that ended meanwhile has not taken it.
            match sent {
                Err(error) if error.is_closed() => {}
                outcome => return outcome,
            }
        }
        self.put_aside(message)
    }

    fn put_aside(&self, message: Outgoing) -> Result<()> {
        if self.ended.get() {
            return Err(self.refusal("the connection is over"));
        }
        let mut waiting = self.waiting.borrow_mut();
        let Some(limit) = waiting.limit else {
            return Err(self.refusal("there is no connection at the moment"));
        };
        let bytes = waiting.bytes.saturating_add(message.len());
        if waiting.messages.len() >= limit.items || bytes > limit.bytes {
            let message = "more messages wait for a connection than the queue holds";
            return Err(Error::new(ErrorKind::TooLarge, message).with_url(&self.url));
        }
        waiting.bytes = bytes;
        waiting.messages.push_back(message);
        drop(waiting);
        self.driver.wake();
        Ok(())
    }

    fn refusal(&self, message: &'static str) -> Error {
        Error::new(ErrorKind::Closed, message).with_close(self.end()).with_url(&self.url)
    }

    /// Sends what waits, as far as `socket` has room.
    pub(super) fn poll_flush(&self, socket: &WebSocket, context: &Context<'_>) {
        let shared = &socket.socket().shared;
        while self.queued() > 0 {
            let Poll::Ready(Ok(())) = shared.poll_room(context) else { return };
            let Some(next) = self.waiting.borrow().messages.front().cloned() else { return };
            if shared.send(&next).is_err() {
                return;
            }
            let mut waiting = self.waiting.borrow_mut();
            waiting.messages.pop_front();
            waiting.bytes = waiting.bytes.saturating_sub(next.len());
        }
    }

    pub(super) fn queued(&self) -> usize {
        self.waiting.borrow().messages.len()
    }

    pub(super) fn finish(&self, end: Option<CloseEvent>, failure: Option<Error>) {
        self.set_current(None);
        self.ended.set(true);
        self.end.replace(end.clone());
        self.failure.replace(failure);
        self.log.add(Change::Closed { end });
        self.incoming.close();
        self.ends.wake();
    }

    /// How the last connection ended, once all is over.
    pub(super) fn poll_end(&self, context: &Context<'_>) -> Poll<Option<CloseEvent>> {
        if self.ended.get() {
            return Poll::Ready(self.end());
        }
        self.ends.register(context);
        Poll::Pending
    }

    pub(super) fn end(&self) -> Option<CloseEvent> {
        self.end.borrow().clone()
    }
}
