//! The futures and streams that an open socket gives out. Each keeps the connection.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use serde::de::DeserializeOwned;

use super::outgoing::Outgoing;
use super::pressure::Turn;
use super::shared::Socket;
use super::{CloseEvent, Message, State, WebSocket};
use crate::error::Result;

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
    turn: Turn,
    message: Option<Outgoing>,
    _socket: Rc<Socket>,
}

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

/// The stream of [`WebSocket::states`].
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::websocket::{self, State};
///
/// let mut states = websocket::connect("/chat").await?.states();
/// assert_eq!(states.next().await, Some(State::Open));
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct States {
    socket: Rc<Socket>,
    last: Option<State>,
}

/// The stream of [`WebSocket::json`] and [`Reconnecting::json`](super::Reconnecting::json).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::websocket;
///
/// let scores: Vec<_> = websocket::connect("/scores").await?.json::<u32>().collect().await;
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Json<T, S = WebSocket> {
    socket: S,
    shape: PhantomData<fn() -> T>,
}

impl Sending {
    pub(super) fn new(socket: Rc<Socket>, message: Outgoing) -> Self {
        Sending { turn: Turn::new(Rc::clone(&socket.shared)), message: Some(message), _socket: socket }
    }
}

impl Closing {
    pub(super) fn new(socket: Rc<Socket>) -> Self {
        Closing(socket)
    }
}

impl States {
    pub(super) fn new(socket: Rc<Socket>) -> Self {
        States { socket, last: None }
    }
}

impl<T, S> Json<T, S> {
    pub(super) fn new(socket: S) -> Self {
        Json { socket, shape: PhantomData }
    }
}

impl Future for Sending {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        if self.message.is_none() {
            // Polled again after it was ready: that breaks the contract of `Future`, and waits for ever.
            return Poll::Pending;
        }
        let room = ready!(self.turn.poll(context));
        let Some(message) = self.message.take() else { return Poll::Pending };
        let sent = room.and_then(|()| self.turn.shared().send(&message));
        self.turn.leave();
        Poll::Ready(sent)
    }
}

impl Future for Closing {
    type Output = CloseEvent;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<CloseEvent> {
        self.0.poll_closed(context)
    }
}

impl Stream for States {
    type Item = State;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<State>> {
        if self.is_terminated() {
            return Poll::Ready(None);
        }
        let state = ready!(self.socket.poll_state(self.last, context));
        self.last = Some(state);
        Poll::Ready(Some(state))
    }
}

impl FusedStream for States {
    fn is_terminated(&self) -> bool {
        self.last == Some(State::Closed)
    }
}

impl<T: DeserializeOwned, S: Stream<Item = Result<Message>> + Unpin> Stream for Json<T, S> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let message = ready!(Pin::new(&mut self.socket).poll_next(context));
        Poll::Ready(message.map(|message| message.and_then(|message| message.json())))
    }
}

impl<T: DeserializeOwned, S: FusedStream<Item = Result<Message>> + Unpin> FusedStream for Json<T, S> {
    fn is_terminated(&self) -> bool {
        self.socket.is_terminated()
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

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").field("last", &self.last).finish_non_exhaustive()
    }
}

impl<T, S> fmt::Debug for Json<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json").finish_non_exhaustive()
    }
}
