//! An open socket: a stream of messages, `send`, and a close that says how it went.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use futures_sink::Sink;
use serde::de::DeserializeOwned;

use super::futures::{Closing, Json, Sending, States};
use super::outgoing::Outgoing;
use super::shared::Socket;
use super::{Close, CloseEvent, Message, State};
use crate::error::{Error, Result};

/// An open connection: a [`Stream`] of the messages received, a [`Sink`], and the means to send and to close.
///
/// Clones share the connection, so they are its halves: one can send while another is read, and each message reaches
/// one of those that read. Dropping the last one closes the connection without waiting for the answer.
///
/// The stream gives `None` for ever once the connection has ended; [`close_event`](WebSocket::close_event) then tells
/// how. It gives one error before, of kind [`TooLarge`](crate::ErrorKind::TooLarge), where a reader was too far behind.
/// Messages go out in the order in which [`send`](WebSocket::send) was first polled.
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

impl WebSocket {
    pub(super) fn new(socket: Socket) -> Self {
        WebSocket(Rc::new(socket))
    }

    /// [Sends](https://websockets.spec.whatwg.org/#dom-websocket-send) text, bytes, a `Blob` or a `File`; ready when the
    /// browser has taken it, which is no proof that it arrived. It waits while too much lies in the browser's
    /// [buffer](crate::websocket::Connect::send_buffer). Dropped before it is ready, it has sent nothing.
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
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) when the connection is not open: nothing was sent.
    /// [`Error::close_event`] has code and reason.
    pub fn send(&self, message: impl Into<Outgoing>) -> Sending {
        Sending::new(Rc::clone(&self.0), message.into())
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
        self.0.shared.close(&close);
        Closing::new(Rc::clone(&self.0))
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
        Closing::new(Rc::clone(&self.0))
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
        self.0.shared.closed.get().cloned()
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

    /// The states from now on, beginning with the present one: a stream that ends after [`State::Closed`]. It keeps the
    /// connection.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::websocket;
    ///
    /// let mut states = websocket::connect("/chat").await?.states();
    /// while let Some(state) = states.next().await {
    ///     println!("{state:?}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn states(&self) -> States {
        States::new(Rc::clone(&self.0))
    }

    /// The messages read as JSON, text and binary ones. One that is not this JSON is an error of kind
    /// [`Decode`](crate::ErrorKind::Decode), and the stream goes on.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::websocket;
    ///
    /// let mut moves = websocket::connect("/game").await?.json::<(u8, u8)>();
    /// while let Some(next) = moves.next().await {
    ///     let (x, y) = next?;
    ///     println!("{x}, {y}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Json<T> {
        Json::new(self.clone())
    }

    /// How many received messages were dropped for want of room, by the chosen [`Overflow`](crate::websocket::Overflow).
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket::{self, Overflow};
    ///
    /// let prices = websocket::connect("/prices").overflow(Overflow::DropOldest).await?;
    /// if prices.dropped() > 0 {
    ///     println!("some prices were never seen");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.shared.incoming.dropped()
    }

    /// Bytes that the browser has taken and not yet sent
    /// ([`bufferedAmount`](https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount)).
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/upload").await?;
    /// socket.send(vec![0; 1_000_000]).await?;
    /// println!("{} bytes to go", socket.buffered_amount());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        self.0.shared.buffered()
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

impl WebSocket {
    pub(super) fn socket(&self) -> &Socket {
        &self.0
    }
}

impl Stream for WebSocket {
    type Item = Result<Message>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Message>>> {
        let shared = &self.0.shared;
        match ready!(shared.incoming.poll_next(context)) {
            Some(message) => Poll::Ready(Some(Ok(message))),
            None => Poll::Ready(shared.take_failure().map(Err)),
        }
    }
}

impl FusedStream for WebSocket {
    fn is_terminated(&self) -> bool {
        self.0.shared.incoming.is_terminated() && !self.0.shared.has_failed()
    }
}

/// As [`WebSocket::send`] sends, behind all the sends that wait; flushed is what the browser has taken. Closing waits
/// for the closing handshake, and fails if the connection broke or something is known not to have been sent.
impl Sink<Message> for WebSocket {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.0.shared.poll_room_beside(context)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<()> {
        self.0.shared.send(&message.into())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        if self.state() == State::Open {
            self.0.shared.close(&Close::default());
        }
        let end = ready!(self.0.poll_closed(context));
        Poll::Ready(if end.is_whole() { Ok(()) } else { Err(self.0.shared.closed_error()) })
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").finish_non_exhaustive()
    }
}
