//! A connection that is kept up, as its user has it.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;

#[cfg(doc)]
use super::WebSocket;
use super::changes::{Change, Changes};
use super::driver::Driver;
use super::futures::Json;
use super::incoming::Tap;
use super::kept::Kept;
use super::outgoing::Outgoing;
use super::reconnect::Reconnect;
use super::{Close, CloseEvent, Connect, Message};
use crate::browser::clock;
use crate::error::Result;

/// A connection that is made again when it is lost: a [`Stream`] of the messages of all of them, one after the other.
///
/// There is never more than one connection. Messages may be lost with a connection that breaks: the ones that the server
/// sent and the ones that the browser had taken ([`CloseEvent::unsent`]). Nothing is sent twice.
///
/// Clones share the connection. Dropping the last one closes it; the futures of [`send`](Reconnecting::send) and
/// [`closed`](Reconnecting::closed) are such clones, too. What was accepted and waits is sent before a close. The stream
/// ends after [`close`](Reconnecting::close), or with an error where no new attempt is made; then it gives `None` for ever.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::websocket::{self, Reconnect};
///
/// let mut chat = websocket::connect("/chat").reconnect(Reconnect::new());
/// while let Some(message) = chat.next().await {
///     println!("{:?}", message?);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "dropping it closes the connection"]
pub struct Reconnecting(Rc<Handle>);

/// Closes the connection when the last clone is gone.
struct Handle(Rc<Kept>);

impl Connect {
    /// Connects at once, and again whenever the connection is lost. The time limit is that of each attempt; an abort
    /// signal ends attempts for good.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").reconnect(Reconnect::new().queue(100, 1 << 20));
    /// chat.send("hello").await?;
    /// # Ok(()) }
    /// ```
    pub fn reconnect(self, rules: Reconnect) -> Reconnecting {
        let heard = Rc::new(Cell::new(clock::now()));
        let incoming = self.incoming(rules.heartbeat.as_ref().map(|heartbeat| {
            let (heard, is_pong) = (Rc::clone(&heard), Rc::clone(&heartbeat.is_pong));
            Box::new(move |message: &Message| {
                heard.set(clock::now());
                is_pong(message)
            }) as Tap
        }));
        let kept = Rc::new(Kept::new(self.address().to_owned(), incoming, rules.queue));
        match super::available() {
            Ok(()) => spawn_local(Driver::new(Rc::clone(&kept), self, rules, heard)),
            Err(error) => kept.finish(None, Some(error)),
        }
        Reconnecting(Rc::new(Handle(kept)))
    }
}

impl Reconnecting {
    /// Sends text, bytes, a `Blob` or a `File`. Ready when the browser has taken it, or where there is no connection, when
    /// it is in the [queue](Reconnect::queue): neither is a proof that it arrived. Like [`WebSocket::send`] it waits for
    /// room in the browser's buffer, behind those that were sent before.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").reconnect(Reconnect::new());
    /// if chat.send("hello").await.is_err_and(|error| error.is_closed()) {
    ///     println!("not sent: there is no connection yet");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) where there is no connection and no queue, and from the close on;
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) where the queue is full. Nothing was sent then.
    pub fn send(&self, message: impl Into<Outgoing>) -> Pin<Box<dyn Future<Output = Result<()>>>> {
        let (handle, message) = (Rc::clone(&self.0), message.into());
        Box::pin(async move { handle.0.send(message).await })
    }

    /// The messages read as JSON, as [`WebSocket::json`] does.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let mut prices = websocket::connect("/prices").reconnect(Reconnect::new()).json::<f64>();
    /// while let Some(price) = prices.next().await {
    ///     println!("{}", price?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Json<T, Reconnecting> {
        Json::new(self.clone())
    }

    /// The subprotocol of the present connection, or an empty string; see [`WebSocket::protocol`].
    ///
    /// ```no_run
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").protocols(["v2", "v1"]).reconnect(Reconnect::new());
    /// println!("{}", chat.protocol()); // empty until it is open
    /// ```
    #[must_use]
    pub fn protocol(&self) -> String {
        self.kept().current().map(|socket| socket.protocol()).unwrap_or_default()
    }

    /// The extensions of the present connection, or an empty string; see [`WebSocket::extensions`].
    ///
    /// ```no_run
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").reconnect(Reconnect::new());
    /// let is_compressed = chat.extensions().contains("permessage-deflate");
    /// ```
    #[must_use]
    pub fn extensions(&self) -> String {
        self.kept().current().map(|socket| socket.extensions()).unwrap_or_default()
    }

    /// Bytes that the browser has taken for the present connection and not yet sent; see [`WebSocket::buffered_amount`].
    ///
    /// ```no_run
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let upload = websocket::connect("/upload").reconnect(Reconnect::new());
    /// println!("{} bytes to go", upload.buffered_amount());
    /// ```
    #[must_use]
    pub fn buffered_amount(&self) -> usize {
        self.kept().current().map_or(0, |socket| socket.buffered_amount())
    }

    /// The changes from now on, beginning with the present one.
    ///
    /// ```no_run
    /// # async fn example() {
    /// use futures_util::StreamExt;
    /// use pagewire::websocket::{self, Change, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").reconnect(Reconnect::new());
    /// let mut changes = chat.changes();
    /// while let Some(change) = changes.next().await {
    ///     println!("{}", if change == Change::Open { "connected" } else { "not connected" });
    /// }
    /// # }
    /// ```
    pub fn changes(&self) -> Changes {
        self.kept().log.read()
    }

    /// The latest change: where the connection stands.
    ///
    /// ```no_run
    /// use pagewire::websocket::{self, Change, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").reconnect(Reconnect::new());
    /// let is_open = chat.latest() == Change::Open;
    /// ```
    #[must_use]
    pub fn latest(&self) -> Change {
        self.kept().log.last().unwrap_or(Change::Connecting { attempt: 0 })
    }

    /// How many messages wait for a connection. Those that wait when it ends for good were never sent.
    ///
    /// ```no_run
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").reconnect(Reconnect::new().queue(100, 1 << 20));
    /// println!("{} messages wait", chat.queued());
    /// ```
    #[must_use]
    pub fn queued(&self) -> usize {
        self.kept().queued()
    }

    /// How many received messages were dropped for want of room, by the chosen [`Overflow`](super::Overflow).
    ///
    /// ```no_run
    /// use pagewire::websocket::{self, Overflow, Reconnect};
    ///
    /// let prices = websocket::connect("/prices").overflow(Overflow::KeepLatest).reconnect(Reconnect::new());
    /// println!("{} prices were never seen", prices.dropped());
    /// ```
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.kept().incoming.dropped()
    }

    /// Sends what waits and closes the connection if there is one, makes no other, and waits until that is over. Gives
    /// how the last connection ended, if there was one.
    ///
    /// ```no_run
    /// # async fn example() {
    /// use pagewire::websocket::{self, Close, Reconnect};
    ///
    /// let chat = websocket::connect("/chat").reconnect(Reconnect::new());
    /// let end = chat.close(Close::default()).await;
    /// # }
    /// ```
    pub fn close(&self, close: Close) -> impl Future<Output = Option<CloseEvent>> + use<> + 'static {
        self.kept().close(&close);
        self.closed()
    }

    /// Waits until it is over for good, and gives how the last connection ended, if there was one.
    ///
    /// ```no_run
    /// # async fn example() {
    /// use pagewire::websocket::{self, Reconnect};
    ///
    /// let end = websocket::connect("/chat").reconnect(Reconnect::new().attempts(3)).closed().await;
    /// # }
    /// ```
    pub fn closed(&self) -> impl Future<Output = Option<CloseEvent>> + use<> + 'static {
        let handle = Rc::clone(&self.0);
        poll_fn(move |context| handle.0.poll_end(context))
    }

    fn kept(&self) -> &Kept {
        &self.0.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close(&Close::default());
    }
}

impl Stream for Reconnecting {
    type Item = Result<Message>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Message>>> {
        let kept = self.kept();
        match ready!(kept.incoming.poll_next(context)) {
            Some(message) => Poll::Ready(Some(Ok(message))),
            None => Poll::Ready(kept.failure.take().map(Err)),
        }
    }
}

impl FusedStream for Reconnecting {
    fn is_terminated(&self) -> bool {
        self.kept().incoming.is_terminated() && self.kept().failure.borrow().is_none()
    }
}

impl fmt::Debug for Reconnecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnecting").field("latest", &self.kept().log.last()).finish_non_exhaustive()
    }
}
