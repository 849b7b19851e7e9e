//! A socket at a distance: a handle that may cross threads, while what belongs to the browser stays where it is.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_channel::{mpsc, oneshot};
use futures_core::Stream;
use futures_core::stream::FusedStream;
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use wasm_bindgen_futures::spawn_local;

use super::{Close, CloseEvent, Message, WebSocket};
use crate::error::{Error, ErrorKind, Result};

/// Messages, or orders, on their way between the threads.
const UNDER_WAY: usize = 16;

/// A connection whose handle is [`Send`]: made by [`WebSocket::into_send`].
///
/// A task on the thread of the socket does the work; it reads no further than a few messages ahead, so the socket's own
/// receive limit holds. Dropping the handle closes the connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::websocket;
///
/// fn needs_send<T: Send + 'static>(_: &T) {}
///
/// let mut socket = websocket::connect("/chat").await?.into_send();
/// needs_send(&socket);
/// socket.send("hello").await?;
/// println!("{:?}", socket.next().await);
/// # Ok(()) }
/// ```
#[must_use = "dropping it closes the connection"]
pub struct SendWebSocket {
    orders: mpsc::Sender<Order>,
    messages: mpsc::Receiver<Result<Message>>,
}

enum Order {
    Send(Message, oneshot::Sender<Result<()>>),
    Close(Close, oneshot::Sender<CloseEvent>),
}

impl WebSocket {
    /// A handle that may cross threads, with the feature `send`.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let mut socket = websocket::connect("/chat").await?.into_send();
    /// socket.send("hello").await?;
    /// # Ok(()) }
    /// ```
    pub fn into_send(self) -> SendWebSocket {
        let (orders, taken) = mpsc::channel(UNDER_WAY);
        let (given, messages) = mpsc::channel(UNDER_WAY);
        spawn_local(serve(self, taken, given));
        SendWebSocket { orders, messages }
    }
}

impl SendWebSocket {
    /// Sends a message, as [`WebSocket::send`] does. Dropped before it is ready, it sends nothing, unless the thread of the
    /// socket is at it that moment.
    ///
    /// ```no_run
    /// # async fn example(mut socket: pagewire::websocket::SendWebSocket) -> pagewire::Result<()> {
    /// socket.send(vec![0x00, 0xFF]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] when the connection is not open: nothing was sent.
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<()> {
        let (outcome, told) = oneshot::channel();
        let order = Order::Send(message.into(), outcome);
        self.orders.send(order).await.map_err(|_| gone())?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Closes the connection and waits until it is over.
    ///
    /// ```no_run
    /// # async fn example(mut socket: pagewire::websocket::SendWebSocket) -> pagewire::Result<()> {
    /// use pagewire::websocket::Close;
    ///
    /// let end = socket.close(Close::default()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Closed`] where the thread of the socket has ended.
    pub async fn close(&mut self, close: Close) -> Result<CloseEvent> {
        let (outcome, told) = oneshot::channel();
        self.orders.send(Order::Close(close, outcome)).await.map_err(|_| gone())?;
        told.await.map_err(|_| gone())
    }
}

/// Until the handle is dropped.
async fn serve(socket: WebSocket, mut orders: mpsc::Receiver<Order>, given: mpsc::Sender<Result<Message>>) {
    let obey = async {
        while let Some(order) = orders.next().await {
            match order {
                Order::Send(message, outcome) => tell(outcome, socket.send(message)).await,
                Order::Close(close, outcome) => tell(outcome, socket.close(close)).await,
            }
        }
    };
    let mut received = socket.clone();
    let mut give = given;
    let deliver = async {
        while let Some(message) = received.next().await {
            if give.send(message).await.is_err() {
                return;
            }
        }
        give.close_channel();
        // Orders are still obeyed, with the error of a closed connection.
        std::future::pending::<()>().await;
    };
    match select(pin!(obey), pin!(deliver)).await {
        Either::Left(_) | Either::Right(_) => {}
    }
}

/// Does `work` while somebody waits for what comes of it: one that gave up must not hold up what is behind it.
async fn tell<T>(mut outcome: oneshot::Sender<T>, work: impl Future<Output = T>) {
    let done = match select(outcome.cancellation(), pin!(work)).await {
        Either::Left(_) => return,
        Either::Right((done, _)) => done,
    };
    let _ = outcome.send(done);
}

fn gone() -> Error {
    Error::new(ErrorKind::Closed, "the thread of the connection has ended")
}

impl Stream for SendWebSocket {
    type Item = Result<Message>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Message>>> {
        self.messages.poll_next_unpin(context)
    }
}

impl FusedStream for SendWebSocket {
    fn is_terminated(&self) -> bool {
        self.messages.is_terminated()
    }
}

impl fmt::Debug for SendWebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendWebSocket").finish_non_exhaustive()
    }
}
