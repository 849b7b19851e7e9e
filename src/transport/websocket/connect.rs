//! From a URL to an open socket.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use super::incoming::{self, Incoming, Overflow, Policy, Tap};
use super::pressure::Marks;
use super::shared::{Cause, Setup, Socket};
use super::signal::Signal;
use super::socket::WebSocket;
use super::subprotocols::{Offer, Subprotocols};
use crate::browser::address::{own_origin, resolve};
use crate::browser::clock;
use crate::browser::global::require_browser;
use crate::browser::listener::Listener;
use crate::browser::queue::Limit;
use crate::browser::socket::RawSocket;
use crate::browser::timer::Timer;
use crate::browser::value::{Thrown, property};
use crate::error::{AbortedBy, Error, Result};
use crate::proto::refusal::Refusal;
use crate::proto::url::redact;

/// Connects to `url`: await it for an open [`WebSocket`]. A relative URL is resolved against the page, and `http` and
/// `https` become `ws` and `wss`.
///
/// Awaiting fails with an [`Error`] of kind `InvalidRequest`, whose [`Refusal`](crate::websocket::Refusal) says what no
/// browser connects to, or of kind `Unsupported`, before anything is sent; and with `Network`, `Timeout` or `Aborted`
/// after. A browser does not tell a refusal from a failed handshake: [`Error::diagnose`] finds out what it can. A server
/// that names none of the subprotocols offered is of kind `Network` everywhere, though some browsers would open the
/// connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket;
///
/// let socket = websocket::connect("https://chat.example/rooms/1").await?;
/// assert_eq!(socket.url(), "wss://chat.example/rooms/1");
/// # Ok(()) }
/// ```
#[must_use = "a connection is not made until it is awaited"]
pub fn connect(url: impl Into<String>) -> Connect {
    Connect {
        url: url.into(),
        offer: None,
        timeout: None,
        signal: None,
        limit: Limit { items: 65_536, bytes: 64 << 20 },
        overflow: (Overflow::Close, incoming::refuse),
        marks: Marks { high: 1 << 20, low: 256 << 10 },
        patience: Duration::from_secs(10),
    }
}

/// A connection to be made.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket;
/// use std::time::Duration;
///
/// let socket = websocket::connect("/chat")
///     .protocols(["chat.v2", "chat.v1"])
///     .timeout(Duration::from_secs(5))
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a connection is not made until it is awaited"]
pub struct Connect {
    url: String,
    offer: Option<Rc<dyn Offer>>,
    timeout: Option<Duration>,
    signal: Option<Rc<dyn Signal>>,
    limit: Limit,
    overflow: (Overflow, Policy),
    marks: Marks,
    patience: Duration,
}

impl Connect {
    /// Offers [subprotocols](https://www.rfc-editor.org/rfc/rfc6455#section-1.9), the preferred one first.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").protocols(["chat.v2", "chat.v1"]).await?;
    /// println!("the server chose {}", socket.protocol());
    /// # Ok(()) }
    /// ```
    pub fn protocols<P: Into<String>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        self.offer = Some(Rc::new(Subprotocols(protocols.into_iter().map(Into::into).collect())));
        self
    }

    /// Fails with [`Phase::Connect`](crate::Phase::Connect) if the connection is not open `after` this long. Default:
    /// the browser's own limit, which may be minutes.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::{Phase, websocket};
    /// use std::time::Duration;
    ///
    /// let outcome = websocket::connect("/chat").timeout(Duration::from_secs(5)).await;
    /// if outcome.is_err_and(|error| error.phase() == Some(Phase::Connect)) {
    ///     println!("no connection within 5 s");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }

    /// Gives up when the [`AbortSignal`](https://dom.spec.whatwg.org/#interface-AbortSignal) aborts; once the connection is open the signal has no effect on it.
    ///
    /// ```no_run
    /// # async fn example(leaving: &web_sys::AbortSignal) -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").abort_signal(leaving).await?;
    /// # Ok(()) }
    /// ```
    pub fn abort_signal(mut self, signal: &AbortSignal) -> Self {
        self.signal = Some(Rc::new(signal.clone()));
        self
    }

    /// Holds at most so many received messages, and bytes of them, for a reader that is behind. What happens to one
    /// more, [`overflow`](Connect::overflow) says. Default: 65,536 messages, 64 MiB.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// // Prices that nobody reads for this long are of no use.
    /// let prices = websocket::connect("/prices").receive_limit(1_000, 1 << 20).await?;
    /// # Ok(()) }
    /// ```
    pub fn receive_limit(mut self, messages: usize, bytes: usize) -> Self {
        self.limit = Limit { items: messages, bytes };
        self
    }

    /// What to do with a message for which there is no room. Default: [`Overflow::Close`].
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket::{self, Overflow};
    ///
    /// let log = websocket::connect("/log").receive_limit(500, 1 << 20).overflow(Overflow::DropOldest).await?;
    /// # Ok(()) }
    /// ```
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = (overflow, overflow.policy());
        self
    }

    /// Lets sending wait when `high` bytes lie in the browser's buffer, until no more than `low` are left; otherwise
    /// the browser takes everything into memory. A single message is taken whatever its length, where the buffer has
    /// room at all. Default: 1 MiB and 256 KiB. (WebKit reports an empty buffer at once, so there nothing waits.)
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let upload = websocket::connect("/upload").send_buffer(8 << 20, 4 << 20).await?;
    /// # Ok(()) }
    /// ```
    pub fn send_buffer(mut self, high: usize, low: usize) -> Self {
        self.marks = Marks { high, low: low.min(high) };
        self
    }

    /// Gives the closing handshake up when for so long neither an answer comes nor the browser sends any more of what
    /// waits before it. The end is then told with code 1006. Default: 10 seconds, where a browser may wait a minute.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::websocket;
    /// use std::time::Duration;
    ///
    /// let socket = websocket::connect("/chat").close_timeout(Duration::from_secs(2)).await?;
    /// # Ok(()) }
    /// ```
    pub fn close_timeout(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The URL as it was given.
    pub(super) fn address(&self) -> &str {
        &self.url
    }

    pub(super) fn signal(&self) -> Option<&dyn Signal> {
        self.signal.as_deref()
    }

    /// The queue for what will be received.
    pub(super) fn incoming(&self, tap: Option<Tap>) -> Rc<Incoming> {
        Rc::new(Incoming::new(self.limit, self.overflow.1, tap))
    }

    /// Connects, and feeds a reader that outlives this connection.
    pub(super) fn feed(&self, incoming: Rc<Incoming>) -> Result<Connecting> {
        Ok(Connecting { connect: None, attempt: Some(self.start(incoming, true)?) })
    }

    fn start(&self, incoming: Rc<Incoming>, one_of_many: bool) -> Result<Attempt> {
        require_browser()?;
        if property(&js_sys::global(), "WebSocket").is_undefined() {
            return Err(Error::unsupported("there is no WebSocket here"));
        }
        if self.signal.as_ref().is_some_and(|signal| signal.is_aborted()) {
            return Err(Error::aborted(AbortedBy::Caller).with_url(&self.url));
        }
        let address = socket_url(&self.url).map_err(|refusal| refused(refusal, &self.url))?;
        let raw = self.open(&address)?;
        let setup = Setup {
            marks: self.marks,
            patience: self.patience,
            offer: self.offer.clone(),
            one_of_many,
            url: address,
            since: clock::timestamp(),
        };
        let socket = Socket::new(raw, incoming, setup);
        let target = socket.weak();
        let timer = self.timeout.map(|after| Timer::new(after, move || target.give_up(Cause::TimedOut)));
        let signal = self.signal.as_ref().map(|signal| signal.heed(socket.weak()));
        Ok(Attempt { socket, _timer: timer, _signal: signal })
    }

    fn open(&self, address: &str) -> Result<RawSocket> {
        let protocols = match &self.offer {
            Some(offer) => offer.to_js().map_err(|refusal| refused(refusal, address))?,
            None => JsValue::UNDEFINED,
        };
        RawSocket::new(address, &protocols).map_err(|thrown| {
            Error::invalid("the browser refuses this connection: check its URL and subprotocols")
                .with_thrown(Thrown::name_of(&thrown))
                .with_url(address)
        })
    }
}

impl IntoFuture for Connect {
    type Output = Result<WebSocket>;
    type IntoFuture = Connecting;

    fn into_future(self) -> Connecting {
        Connecting { connect: Some(Box::new(self)), attempt: None }
    }
}

/// The future of an open socket. Connects when first polled; dropping it gives the connection up.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::future::{Either, select};
/// use pagewire::websocket;
///
/// // Two servers: the first to open is kept, the other connection is given up.
/// let (near, far) = (websocket::connect("wss://eu.example/"), websocket::connect("wss://us.example/"));
/// let first = match select(near.into_future(), far.into_future()).await {
///     Either::Left((socket, _)) | Either::Right((socket, _)) => socket?,
/// };
/// # Ok(()) }
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Connecting {
    /// What is still to be begun.
    connect: Option<Box<Connect>>,
    attempt: Option<Attempt>,
}

struct Attempt {
    socket: Socket,
    _timer: Option<Timer>,
    _signal: Option<Listener>,
}

impl Future for Connecting {
    type Output = Result<WebSocket>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<WebSocket>> {
        if let Some(connect) = self.connect.take() {
            self.attempt = Some(connect.start(connect.incoming(None), false)?);
        }
        // Polled again after it was ready: that breaks the contract of `Future`, and waits for ever.
        let Some(attempt) = &self.attempt else { return Poll::Pending };
        let outcome = ready!(attempt.socket.poll_open(context));
        match self.attempt.take() {
            Some(attempt) => Poll::Ready(outcome.map(|()| WebSocket::new(attempt.socket))),
            None => Poll::Pending,
        }
    }
}

impl fmt::Debug for Connect {
    /// Without the query and the names of subprotocols, which may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Connect");
        shown
            .field("url", &redact(&self.url))
            .field("protocols", &self.offer.as_ref().map_or(0, |offer| offer.len()));
        shown.field("timeout", &self.timeout).field("overflow", &self.overflow.0).finish_non_exhaustive()
    }
}

impl fmt::Debug for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connecting").finish_non_exhaustive()
    }
}

/// Resolves against the page, then <https://websockets.spec.whatwg.org/#dom-websocket-websocket>: "If urlRecord's
/// scheme is 'http', then set urlRecord's scheme to 'ws'. Otherwise, if 'https', 'wss'." Engines older than that clause
/// refuse such URLs, so it is done here.
fn socket_url(address: &str) -> Result<String, Refusal> {
    let href = resolve(address).ok_or(Refusal::Url)?.href();
    let mapped = match href.strip_prefix("http") {
        Some(rest) => "ws".to_owned() + rest,
        None => href,
    };
    if !mapped.starts_with("ws:") && !mapped.starts_with("wss:") {
        return Err(Refusal::Scheme);
    }
    let from_https = own_origin().is_some_and(|origin| origin.starts_with("https:"));
    Refusal::of_address(&mapped, from_https).map(|()| mapped)
}

fn refused(refusal: Refusal, address: &str) -> Error {
    Error::invalid(refusal.text()).with_source(refusal).with_url(address)
}
