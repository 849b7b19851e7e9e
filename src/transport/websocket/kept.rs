//! What the handles of a connection that is kept up and its driver have in common.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::changes::{Change, Log};
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use super::pressure::Turn;
use super::shared::Shared;
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
    /// Whether the program wants no more of it.
    closing: Cell<bool>,
    driver: Wakers,
    ended: Cell<bool>,
    end: RefCell<Option<CloseEvent>>,
    ends: Wakers,
}

/// Messages that wait for a connection, each with its length in bytes.
struct Waiting {
    messages: VecDeque<(Outgoing, usize)>,
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
            closing: Cell::new(false),
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

    /// Sends all that waits, since it was accepted, and begins to close. The first close counts.
    pub(super) fn close(&self, close: &Close) {
        if self.closing.replace(true) {
            return;
        }
        if let Some(socket) = self.current() {
            let shared = &socket.socket().shared;
            // Past the marks: it lies in memory already, and the browser sends it before its close frame.
            while self.send_first(shared) {}
            shared.close(close);
        }
        self.driver.wake();
    }

    pub(super) fn poll_closing(&self, context: &Context<'_>) -> bool {
        self.driver.register(context);
        self.closing.get()
    }

    /// Sends in its turn where there is a connection; otherwise keeps the message or refuses it.
    pub(super) async fn send(&self, message: Outgoing) -> Result<()> {
        let mut lost: Option<Rc<Shared>> = None;
        loop {
            let shared = self.current().map(|socket| Rc::clone(&socket.socket().shared));
            let next = shared.filter(|next| lost.as_ref().is_none_or(|lost| !Rc::ptr_eq(next, lost)));
            let Some(shared) = next else { return self.put_aside(message) };
            let mut turn = Turn::new(Rc::clone(&shared));
            let sent = poll_fn(|context| turn.poll(context)).await.and_then(|()| shared.send(&message));
            match sent {
                // One that ended meanwhile has not taken it, and there may be another already.
                Err(error) if error.is_closed() => lost = Some(shared),
                outcome => return outcome,
            }
        }
    }

    fn put_aside(&self, message: Outgoing) -> Result<()> {
        if self.never_sends_again() {
            return Err(self.refusal("the connection is over"));
        }
        // Measured before the borrow: the length of a blob is the browser's to tell.
        let length = message.len();
        let mut waiting = self.waiting.borrow_mut();
        let Some(limit) = waiting.limit else {
            return Err(self.refusal("there is no connection at the moment"));
        };
        let bytes = waiting.bytes.saturating_add(length);
        if waiting.messages.len() >= limit.items || bytes > limit.bytes {
            let message = "more messages wait for a connection than the queue holds";
            return Err(Error::new(ErrorKind::TooLarge, message).with_url(&self.url));
        }
        waiting.bytes = bytes;
        waiting.messages.push_back((message, length));
        Ok(())
    }

    fn never_sends_again(&self) -> bool {
        let failed = |socket: WebSocket| socket.socket().shared.has_failed();
        self.ended.get() || self.closing.get() || self.current().is_some_and(failed)
    }

    fn refusal(&self, message: &'static str) -> Error {
        Error::new(ErrorKind::Closed, message).with_close(self.end()).with_url(&self.url)
    }

    /// Sends what waits, as far as there is room; ready when nothing waits any more.
    pub(super) fn poll_flush(&self, turn: &mut Turn, context: &Context<'_>) -> Poll<()> {
        while self.queued() > 0 {
            match ready!(turn.poll(context)) {
                Ok(()) if self.send_first(turn.shared()) => {}
                // The next connection takes them.
                _ => break,
            }
        }
        Poll::Ready(())
    }

    /// Sends the first one that waits, if there is one and the connection is open.
    fn send_first(&self, shared: &Shared) -> bool {
        let first = self.waiting.borrow_mut().messages.pop_front();
        let Some((message, length)) = first else { return false };
        let outcome = shared.send(&message);
        let mut waiting = self.waiting.borrow_mut();
        if outcome.is_err_and(|error| error.is_closed()) {
            waiting.messages.push_front((message, length));
            return false;
        }
        // One that the browser refuses would hold up the others for ever.
        waiting.bytes = waiting.bytes.saturating_sub(length);
        true
    }

    pub(super) fn queued(&self) -> usize {
        self.waiting.borrow().messages.len()
    }

    pub(super) fn finish(&self, mut end: Option<CloseEvent>, failure: Option<Error>) {
        self.set_current(None);
        if let Some(end) = &mut end {
            end.unsent += self.waiting.borrow().bytes as u64;
        }
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
