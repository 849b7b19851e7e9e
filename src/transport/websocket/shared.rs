//! The browser's socket with its listeners: what the handles and futures of one connection have in common.

use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::MessageEvent;

use super::incoming::{Incoming, Overflowed};
use super::outgoing::Outgoing;
use super::pressure::{Marks, Pressure};
use super::subprotocols::Offer;
use super::{Close, CloseEvent, Message, State};
use crate::browser::listener::Listener;
use crate::browser::send::send;
use crate::browser::socket::RawSocket;
use crate::browser::timer::Timer;
use crate::browser::value::Thrown;
use crate::browser::wakers::Wakers;
use crate::error::{AbortedBy, Error, ErrorKind, Phase, Result};
use crate::transport::cors;

/// A raw socket and the listeners on it. Dropping it closes it, and then nobody listens.
pub(super) struct Socket {
    _listeners: [Listener; 3],
    pub(super) shared: Rc<Shared>,
}

pub(super) struct Shared {
    pub(super) raw: RawSocket,
    pub(super) incoming: Rc<Incoming>,
    pub(super) pressure: Pressure,
    setup: Setup,
    opened: Cell<bool>,
    /// Whether the end was begun here, so that the browser drops what still comes.
    closed_here: Cell<bool>,
    /// Bytes of the messages that the browser has taken.
    taken: Cell<usize>,
    /// Why this side ended the connection: the `close` event does not say.
    cause: Cell<Option<Cause>>,
    /// Whether the stream has told that its reader was too far behind.
    told: Cell<bool>,
    pub(super) closed: OnceCell<CloseEvent>,
    wakers: Wakers,
    closing: Cell<Option<Timer>>,
}

/// How a socket behaves.
pub(super) struct Setup {
    pub(super) marks: Marks,
    /// How long the closing handshake may stand still.
    pub(super) patience: Duration,
    pub(super) offer: Option<Rc<dyn Offer>>,
    /// Whether more sockets feed the same reader after this one.
    pub(super) one_of_many: bool,
    pub(super) url: String,
    /// The time of the clock when it was made.
    pub(super) since: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    TimedOut,
    Aborted,
    /// The server named none of the subprotocols.
    Unnamed,
    Overflow,
}

/// A handle that does not keep the socket.
pub(super) struct WeakSocket(Weak<Shared>);

impl Socket {
    pub(super) fn new(raw: RawSocket, incoming: Rc<Incoming>, setup: Setup) -> Self {
        // Before any message can arrive: a Blob could be overtaken by the message behind it.
        raw.set_binary_type("arraybuffer");
        let shared = Rc::new(Shared {
            raw,
            incoming,
            pressure: Pressure::new(setup.marks),
            setup,
            opened: Cell::new(false),
            closed_here: Cell::new(false),
            taken: Cell::new(0),
            cause: Cell::new(None),
            told: Cell::new(false),
            closed: OnceCell::new(),
            wakers: Wakers::default(),
            closing: Cell::new(None),
        });
        let on = |event: &'static [&'static str], react: fn(&Rc<Shared>, &web_sys::Event)| {
            let target = Rc::clone(&shared);
            Listener::new(&shared.raw, event, move |event| react(&target, &event))
        };
        // No listener on `error`: it carries nothing, and `close` always follows it.
        let listeners = [
            on(&["message"], Shared::on_message),
            on(&["open"], Shared::on_open),
            on(&["close"], Shared::on_close),
        ];
        Socket { _listeners: listeners, shared }
    }

    pub(super) fn weak(&self) -> WeakSocket {
        WeakSocket(Rc::downgrade(&self.shared))
    }

    pub(super) fn poll_open(&self, context: &Context<'_>) -> Poll<Result<()>> {
        let shared = &self.shared;
        if shared.opened.get() {
            return Poll::Ready(Ok(()));
        }
        if let Some(cause) = shared.cause.get() {
            return Poll::Ready(Err(shared.failed(cause)));
        }
        if shared.is_over() {
            // "The user agent must not convey failure information that would allow a script to distinguish" refused,
            // unreachable and a failed handshake: https://websockets.spec.whatwg.org/#feedback-from-the-protocol
            let message = "the connection could not be made: the browser does not tell a refusal from a failed handshake";
            return Poll::Ready(Err(shared.network_error(message)));
        }
        shared.wakers.register(context);
        Poll::Pending
    }

    /// How the connection ended, once it has.
    pub(super) fn poll_closed(&self, context: &Context<'_>) -> Poll<CloseEvent> {
        if let Some(event) = self.shared.closed.get() {
            return Poll::Ready(event.clone());
        }
        self.shared.wakers.register(context);
        Poll::Pending
    }

    /// The state, once it is another than `last`.
    pub(super) fn poll_state(&self, last: Option<State>, context: &Context<'_>) -> Poll<State> {
        let state = self.shared.state();
        if last != Some(state) {
            return Poll::Ready(state);
        }
        self.shared.wakers.register(context);
        Poll::Pending
    }
}

impl WeakSocket {
    pub(super) fn give_up(&self, cause: Cause) {
        if let Some(shared) = self.0.upgrade()
            && !shared.opened.get()
            && !shared.is_over()
        {
            shared.end(cause);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.shared.raw.close();
    }
}

impl Shared {
    fn on_message(self: &Rc<Self>, event: &web_sys::Event) {
        if self.cause.get().is_some() || self.is_over() {
            return;
        }
        let message = Message::from_js(&event.unchecked_ref::<MessageEvent>().data());
        if let Err(Overflowed) = self.incoming.take(message) {
            self.end(Cause::Overflow);
        }
    }

    fn on_open(self: &Rc<Self>, _: &web_sys::Event) {
        if self.setup.offer.as_ref().is_some_and(|offer| offer.is_ignored(&self.raw)) {
            return self.end(Cause::Unnamed);
        }
        self.opened.set(true);
        self.wake();
    }

    fn on_close(self: &Rc<Self>, event: &web_sys::Event) {
        let event = event.unchecked_ref::<web_sys::CloseEvent>();
        self.finish(event.code(), event.reason(), event.was_clean());
    }

    /// The first end stands.
    fn finish(&self, code: u16, reason: String, was_clean: bool) {
        let unsent = self.buffered() as u64;
        if self.closed.set(CloseEvent { code, reason, was_clean, unsent }).is_ok() {
            self.closing.take();
            if !self.setup.one_of_many {
                self.incoming.close();
            }
            self.wakers.wake();
            self.pressure.wake_all();
        }
    }

    /// Ends it without a handshake: nobody is there to answer. Nothing is heard of it any more.
    pub(super) fn take_for_dead(&self) {
        self.finish(1006, "no sign of life".to_owned(), false);
        self.raw.close();
    }

    /// The last word of the stream, told once: that its reader was too far behind.
    pub(super) fn take_failure(&self) -> Option<Error> {
        self.has_failed().then(|| {
            self.told.set(true);
            let message = "more messages wait to be read than the receive limit allows";
            Error::new(ErrorKind::TooLarge, message).with_url(&self.setup.url)
        })
    }

    pub(super) fn has_failed(&self) -> bool {
        self.cause.get() == Some(Cause::Overflow) && !self.told.get()
    }

    pub(super) fn is_over(&self) -> bool {
        self.closed.get().is_some()
    }

    /// Ends the connection from this side, for the first cause that there is.
    fn end(self: &Rc<Self>, cause: Cause) {
        if self.cause.get().is_none() {
            self.cause.set(Some(cause));
            self.close(&Close::default());
        }
    }

    pub(super) fn close(self: &Rc<Self>, close: &Close) {
        if self.state() == State::Open {
            self.closed_here.set(true);
        }
        match close.code() {
            // Both were checked when `Close` was made.
            Some(code) => self.raw.close_with(code, close.reason()),
            None => self.raw.close(),
        }
        if self.state() == State::Closing {
            let timer = self.closing.take().unwrap_or_else(|| self.await_answer(self.buffered()));
            self.closing.set(Some(timer));
        }
        self.wake();
    }

    /// Whether the end was begun here: what the server still sent was not heard.
    #[cfg(feature = "io")]
    pub(super) fn was_closed_here(&self) -> bool {
        self.closed_here.get()
    }

    /// Chromium waits for the answer for a minute, Firefox for ten seconds: this asks whether anything moves.
    fn await_answer(self: &Rc<Self>, buffered: usize) -> Timer {
        let target = Rc::downgrade(self);
        Timer::new(self.setup.patience, move || {
            let Some(shared) = target.upgrade() else { return };
            match shared.buffered() {
                left if left < buffered => shared.closing.set(Some(shared.await_answer(left))),
                _ => shared.finish(1006, "no answer to the close".to_owned(), false),
            }
        })
    }

    pub(super) fn state(&self) -> State {
        if self.is_over() { State::Closed } else { State::from_u16(self.raw.ready_state()) }
    }

    /// Bytes that the browser has taken and not yet sent.
    pub(super) fn buffered(&self) -> usize {
        self.raw.buffered_amount() as usize
    }

    /// Bytes that have left the browser's buffer, since ever.
    pub(super) fn gone(&self) -> usize {
        self.taken.get().wrapping_sub(self.buffered())
    }

    /// A closing or closed socket takes a message without a word and drops it, so the state is asked first.
    pub(super) fn check_open(&self) -> Result<()> {
        if self.state() == State::Open { Ok(()) } else { Err(self.closed_error()) }
    }

    pub(super) fn send(&self, message: &Outgoing) -> Result<()> {
        self.check_open()?;
        send(&self.raw, &message.to_js()).map_err(|thrown| {
            Error::invalid("the browser did not take the message")
                .with_thrown(Thrown::of_error(&thrown))
                .with_url(&self.setup.url)
        })?;
        self.taken.set(self.taken.get().wrapping_add(message.len()));
        Ok(())
    }

    fn failed(&self, cause: Cause) -> Error {
        match cause {
            Cause::TimedOut => Error::timeout(Phase::Connect).with_url(&self.setup.url),
            Cause::Aborted => Error::aborted(AbortedBy::Caller).with_url(&self.setup.url),
            Cause::Unnamed | Cause::Overflow => {
                self.network_error("the server named none of the subprotocols that were offered")
            }
        }
    }

    fn network_error(&self, message: &'static str) -> Error {
        let sent = cors::sent_handshake(&self.setup.url, self.setup.since);
        Error::new(ErrorKind::Network, message).with_sent(cors::failed_now(sent))
    }

    pub(super) fn closed_error(&self) -> Error {
        let event = self.closed.get();
        let message = match event {
            Some(event) => "the connection is closed (code ".to_owned() + &event.as_text() + ")",
            None => "the connection is closing".to_owned(),
        };
        Error::new(ErrorKind::Closed, message).with_close(event.cloned()).with_url(&self.setup.url)
    }

    fn wake(&self) {
        self.wakers.wake();
        self.pressure.wake();
    }
}
