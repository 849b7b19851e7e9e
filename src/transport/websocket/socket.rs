//! An open socket: a stream of messages, `send`, and a close that says how it went.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use wasm_bindgen::JsCast;
use web_sys::{BinaryType, MessageEvent, WebSocket as RawSocket};

use super::{Close, CloseEvent, Message, State};
use crate::browser::listener::Listener;
use crate::browser::queue::{Limit, Queue};
use crate::browser::send::send;
use crate::browser::value::Thrown;
use crate::error::{AbortedBy, Error, ErrorKind, Result};

/// An open connection: a [`Stream`] of the messages received, and the means to send and to close.
///
/// Clones share the connection: one can send while another is read, and each message reaches one of those that read.
/// Dropping the last one closes the connection without waiting for the answer.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::websocket;
///
/// let mut socket = websocket::connect("/chat").await?;
/// let sender = socket.clone();
/// sender.send("hello").await?;
/// while let Some(message) = socket.next().await {
///     println!("{:?}", message?);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "dropping a WebSocket closes it"]
pub struct WebSocket(Rc<Socket>);

/// The future of [`WebSocket::close`] and [`WebSocket::closed`]: how the connection ended. It keeps the connection, so
/// the socket itself may be dropped meanwhile.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket::{self, Close};
///
/// let socket = websocket::connect("/chat").await?;
/// let closing = socket.close(Close::default());
/// drop(socket);
/// println!("clean: {}", closing.await.was_clean);
/// # Ok(()) }
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Closing(Rc<Socket>);

/// The future of [`WebSocket::send`].
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket;
///
/// let socket = websocket::connect("/chat").await?;
/// let greeting = socket.send("hello"); // nothing is sent yet
/// greeting.await?;
/// # Ok(()) }
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Sending {
    socket: Rc<Socket>,
    message: Option<Message>,
}

/// A raw socket and the listeners on it. Field order is drop order: first nobody listens, then it closes.
pub(super) struct Socket {
    _listeners: [Listener; 3],
    shared: Rc<Shared>,
}

struct Shared {
    raw: RawSocket,
    incoming: Queue<Message>,
    opened: Cell<bool>,
    /// Why this side ended the connection: the `close` event does not say.
    cause: Cell<Option<ErrorKind>>,
    /// The last word of the stream, taken when it is told.
    failure: RefCell<Option<Error>>,
    closed: RefCell<Option<CloseEvent>>,
    wakers: RefCell<Vec<Waker>>,
}

/// A handle that does not keep the socket.
pub(super) struct WeakSocket(Weak<Shared>);

impl Socket {
    pub(super) fn new(raw: RawSocket, limit: Limit) -> Self {
        // Before any message can arrive: a Blob could be overtaken by the message behind it.
        raw.set_binary_type(BinaryType::Arraybuffer);
        let shared = Rc::new(Shared {
            raw,
            incoming: Queue::new(limit),
            opened: Cell::new(false),
            cause: Cell::new(None),
            failure: RefCell::new(None),
            closed: RefCell::new(None),
            wakers: RefCell::default(),
        });
        let on = |event: &'static [&'static str], react: fn(&Shared, &web_sys::Event)| {
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

    pub(super) fn poll_open(&self, context: &mut Context<'_>) -> Poll<Result<()>> {
        let shared = &self.shared;
        if shared.opened.get() {
            return Poll::Ready(Ok(()));
        }
        if let Some(cause) = shared.cause.get() {
            return Poll::Ready(Err(shared.ended_by(cause)));
        }
        if shared.closed.borrow().is_some() {
            // "The user agent must not convey failure information that would allow a script to distinguish" refused,
            // unreachable and a failed handshake: https://websockets.spec.whatwg.org/#feedback-from-the-protocol
            let message = "the connection could not be made: the browser does not tell a refusal from a failed handshake";
            return Poll::Ready(Err(Error::new(ErrorKind::Network, message).with_url(&shared.raw.url())));
        }
        shared.register(context);
        Poll::Pending
    }
}

impl WeakSocket {
    pub(super) fn give_up(&self, cause: ErrorKind) {
        if let Some(shared) = self.0.upgrade()
            && !shared.opened.get()
            && shared.cause.get().is_none()
            && shared.closed.borrow().is_none()
        {
            shared.cause.set(Some(cause));
            let _ = shared.raw.close();
            shared.wake();
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Does nothing on one that is closing or closed: https://websockets.spec.whatwg.org/#dom-websocket-close
        let _ = self.shared.raw.close();
    }
}

impl Shared {
    fn on_message(&self, event: &web_sys::Event) {
        if self.cause.get().is_some() {
            return;
        }
        let message = Message::from_js(&event.unchecked_ref::<MessageEvent>().data());
        let bytes = message.len();
        if self.incoming.push(message, bytes).is_err() {
            let error = Error::new(
                ErrorKind::TooLarge,
                "more messages wait to be read than the receive limit allows",
            );
            self.failure.replace(Some(error.with_url(&self.raw.url())));
            self.cause.set(Some(ErrorKind::TooLarge));
            let _ = self.raw.close();
            self.incoming.close();
        }
    }

    fn on_open(&self, _: &web_sys::Event) {
        self.opened.set(true);
        self.wake();
    }

    fn on_close(&self, event: &web_sys::Event) {
        let event = event.unchecked_ref::<web_sys::CloseEvent>();
        let ended = CloseEvent { code: event.code(), reason: event.reason(), was_clean: event.was_clean() };
        self.closed.replace(Some(ended));
        self.incoming.close();
        self.wake();
    }

    fn state(&self) -> State {
        State::from_u16(self.raw.ready_state())
    }

    fn ended_by(&self, cause: ErrorKind) -> Error {
        let error = match cause {
            ErrorKind::Timeout(phase) => Error::timeout(phase),
            _ => Error::aborted(AbortedBy::Caller),
        };
        error.with_url(&self.raw.url())
    }

    fn closed_error(&self) -> Error {
        let message = match self.closed.borrow().as_ref() {
            Some(event) if event.reason.is_empty() => {
                format!("the connection is closed (code {})", event.code)
            }
            Some(event) => format!("the connection is closed (code {}: {})", event.code, event.reason),
            None => "the connection is closing".to_owned(),
        };
        Error::new(ErrorKind::Closed, message).with_url(&self.raw.url())
    }

    fn send(&self, message: &Message) -> Result<()> {
        // A closing or closed socket takes a message without a word and drops it, so the state is asked first.
        if self.state() != State::Open {
            return Err(self.closed_error());
        }
        send(&self.raw, &message.to_js()).map_err(|thrown| {
            Error::new(ErrorKind::Closed, "the browser did not take the message")
                .with_thrown(Thrown::new(&thrown))
                .with_url(&self.raw.url())
        })
    }

    fn register(&self, context: &Context<'_>) {
        let mut wakers = self.wakers.borrow_mut();
        if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            wakers.push(context.waker().clone());
        }
    }

    fn wake(&self) {
        for waker in self.wakers.take() {
            waker.wake();
        }
    }
}

impl WebSocket {
    pub(super) fn new(socket: Socket) -> Self {
        WebSocket(Rc::new(socket))
    }

    /// [Sends](https://websockets.spec.whatwg.org/#dom-websocket-send) a message; ready when the browser has taken it, which is no proof that it arrived.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// socket.send("text").await?;
    /// socket.send(vec![0x00, 0xFF]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] with code and reason when the connection is not open: nothing was sent.
    pub fn send(&self, message: impl Into<Message>) -> Sending {
        Sending { socket: Rc::clone(&self.0), message: Some(message.into()) }
    }

    /// [Closes](https://www.rfc-editor.org/rfc/rfc6455#section-7) the connection, and waits until it is over. Messages that arrive meanwhile are
    /// [dropped by the browser](https://websockets.spec.whatwg.org/#feedback-from-the-protocol).
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use pagewire::websocket::{self, Close};
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// let end = socket.close(Close::new(4001, "signed out")?).await;
    /// assert!(end.was_clean);
    /// # Ok(()) }
    /// ```
    pub fn close(&self, close: Close) -> Closing {
        let raw = &self.0.shared.raw;
        // Both parts were checked when `Close` was made, so neither call can throw.
        let _ = match close.code() {
            Some(code) => raw.close_with_code_and_reason(code, close.reason()),
            None => raw.close(),
        };
        Closing(Rc::clone(&self.0))
    }

    /// Waits until the connection is over, whoever ends it.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// let end = socket.closed().await;
    /// println!("ended with {}, {}", end.code, if end.was_clean { "cleanly" } else { "broken" });
    /// # Ok(()) }
    /// ```
    pub fn closed(&self) -> Closing {
        Closing(Rc::clone(&self.0))
    }

    /// How the connection ended, once it has.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::websocket;
    ///
    /// let mut socket = websocket::connect("/chat").await?;
    /// while let Some(_message) = socket.next().await {}
    /// println!("{:?}", socket.close_event().map(|end| end.code));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn close_event(&self) -> Option<CloseEvent> {
        self.0.shared.closed.borrow().clone()
    }

    /// The present [state](https://websockets.spec.whatwg.org/#dom-websocket-readystate).
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket::{self, State};
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// if socket.state() != State::Open {
    ///     println!("no more messages to be sent");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn state(&self) -> State {
        self.0.shared.state()
    }

    /// The [subprotocol](https://www.rfc-editor.org/rfc/rfc6455#section-1.9) that the server chose, or an empty string.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").protocols(["chat.v2", "chat.v1"]).await?;
    /// let is_new = socket.protocol() == "chat.v2";
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn protocol(&self) -> String {
        self.0.shared.raw.protocol()
    }

    /// The [extensions](https://websockets.spec.whatwg.org/#dom-websocket-extensions) in use.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// let is_compressed = socket.extensions().contains("permessage-deflate");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn extensions(&self) -> String {
        self.0.shared.raw.extensions()
    }

    /// The absolute [URL](https://websockets.spec.whatwg.org/#dom-websocket-url) of the connection, with its query.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").await?;
    /// println!("connected to {}", socket.url()); // such as wss://www.example/chat
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        self.0.shared.raw.url()
    }
}

impl Stream for WebSocket {
    type Item = Result<Message>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Message>>> {
        match self.0.shared.incoming.poll_next(context) {
            Poll::Ready(Some(message)) => Poll::Ready(Some(Ok(message))),
            Poll::Ready(None) => Poll::Ready(self.0.shared.failure.take().map(Err)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl FusedStream for WebSocket {
    fn is_terminated(&self) -> bool {
        self.0.shared.incoming.is_terminated() && self.0.shared.failure.borrow().is_none()
    }
}

impl Future for Sending {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        match self.message.take() {
            Some(message) => Poll::Ready(self.socket.shared.send(&message)),
            // Polled again after it was ready: that breaks the contract of `Future`, and waits for ever.
            None => Poll::Pending,
        }
    }
}

impl Future for Closing {
    type Output = CloseEvent;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<CloseEvent> {
        if let Some(event) = self.0.shared.closed.borrow().clone() {
            return Poll::Ready(event);
        }
        self.0.shared.register(context);
        Poll::Pending
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").finish_non_exhaustive()
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing").finish_non_exhaustive()
    }
}
