//! A connection that is kept up, as its user has it.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use wasm_bindgen_futures::spawn_local;

use super::changes::{Change, Changes};
use super::driver::Driver;
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
/// Clones share the connection. Dropping the last one closes it. The stream ends after [`close`](Reconnecting::close), or
/// with an error where no new attempt is made; then it gives `None` for ever.
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
    /// it is in the [queue](Reconnect::queue): neither is a proof that it arrived.
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
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) where there is no connection and no queue;
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) where the queue is full. Nothing was sent then.
    pub fn send(&self, message: impl Into<Outgoing>) -> Pin<Box<dyn Future<Output = Result<()>>>> {
        let (handle, message) = (Rc::clone(&self.0), message.into());
        Box::pin(async move { handle.0.send(message).await })
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

    /// Closes the connection if there is one, makes no other, and waits until that is over. Gives how the connection
    /// ended, if there was one.
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
