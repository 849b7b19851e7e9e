//! From a URL to an open socket.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, EventTarget, WebSocket as RawSocket};

use super::socket::{Socket, WebSocket};
use crate::browser::global::{base_url, require_browser};
use crate::browser::listener::Listener;
use crate::browser::queue::Limit;
use crate::browser::timer::Timer;
use crate::browser::value::Thrown;
use crate::error::{AbortedBy, Error, ErrorKind, Phase, Result};
use crate::proto::url;

/// Connects to `url`: await it for an open [`WebSocket`]. A relative URL is resolved against the page, and `http` and
/// `https` become `ws` and `wss`.
///
/// Awaiting fails with an [`Error`] of kind `InvalidRequest` or `Unsupported` before anything is sent, and with
/// `Network`, `Timeout` or `Aborted` after; a browser does not tell a refusal from a failed handshake.
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
        protocols: Vec::new(),
        timeout: None,
        signal: None,
        limit: Limit { items: 65_536, bytes: 64 << 20 },
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
#[derive(Debug)]
#[must_use = "a connection is not made until it is awaited"]
pub struct Connect {
    url: String,
    protocols: Vec<String>,
    timeout: Option<Duration>,
    signal: Option<AbortSignal>,
    limit: Limit,
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
        self.protocols = protocols.into_iter().map(Into::into).collect();
        self
    }

    /// Fails with [`Phase::Connect`] if the connection is not open `after` this long. Default: the browser's own
    /// limit, which may be minutes.
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

    /// Gives up when the [`AbortSignal`](https://dom.spec.whatwg.org/#interface-AbortSignal) aborts; once the connection is open the signal has no effect.
    ///
    /// ```no_run
    /// # async fn example(leaving: &web_sys::AbortSignal) -> pagewire::Result<()> {
    /// use pagewire::websocket;
    ///
    /// let socket = websocket::connect("/chat").abort_signal(leaving).await?;
    /// # Ok(()) }
    /// ```
    pub fn abort_signal(mut self, signal: &AbortSignal) -> Self {
        self.signal = Some(signal.clone());
        self
    }

    /// Holds at most so many received messages, and bytes of them, for a reader that is behind. One more closes the
    /// connection, and the stream ends with [`ErrorKind::TooLarge`]. Default: 65,536 messages, 64 MiB.
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

    fn start(self) -> Result<Connecting> {
        require_browser()?;
        if self.signal.as_ref().is_some_and(AbortSignal::aborted) {
            return Err(Error::aborted(AbortedBy::Caller).with_url(&self.url));
        }
        let address = socket_url(&self.url)?;
        let protocols: Array = self.protocols.iter().map(JsValue::from).collect();
        let raw = RawSocket::new_with_str_sequence(&address, &protocols).map_err(|thrown| {
            Error::invalid("the browser refuses this connection: check its URL and subprotocols")
                .with_thrown(Thrown::new(&thrown).without_message())
                .with_url(&address)
        })?;
        let socket = Socket::new(raw, self.limit);
        let target = socket.weak();
        let timer = self
            .timeout
            .map(|after| Timer::new(after, move || target.give_up(ErrorKind::Timeout(Phase::Connect))));
        let target = socket.weak();
        let signal = self.signal.as_ref().map(|signal| {
            let signal: &EventTarget = signal.as_ref();
            Listener::new(signal, &["abort"], move |_| target.give_up(ErrorKind::Aborted(AbortedBy::Caller)))
        });
        Ok(Connecting { state: Attempt::Started { socket: Some(socket), _timer: timer, _signal: signal } })
    }
}

impl IntoFuture for Connect {
    type Output = Result<WebSocket>;
    type IntoFuture = Connecting;

    fn into_future(self) -> Connecting {
        Connecting { state: Attempt::New(Some(Box::new(self))) }
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
    state: Attempt,
}

enum Attempt {
    New(Option<Box<Connect>>),
    Started { socket: Option<Socket>, _timer: Option<Timer>, _signal: Option<Listener> },
}

impl Future for Connecting {
    type Output = Result<WebSocket>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<WebSocket>> {
        if let Attempt::New(connect) = &mut self.state {
            let Some(connect) = connect.take() else {
                return Poll::Pending;
            };
            match connect.start() {
                Ok(started) => *self = started,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        let Attempt::Started { socket, .. } = &mut self.state else {
            return Poll::Pending;
        };
        let Some(waiting) = socket else {
            return Poll::Pending;
        };
        match waiting.poll_open(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) => match socket.take() {
                Some(socket) => Poll::Ready(Ok(WebSocket::new(socket))),
                None => Poll::Pending,
            },
        }
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
fn socket_url(address: &str) -> Result<String> {
    let base = base_url();
    let parsed = match &base {
        Some(base) => web_sys::Url::new_with_base(address, base),
        None => web_sys::Url::new(address),
    };
    let href = parsed.map_err(|_| Error::invalid("not a URL").with_url(address))?.href();
    // `http` becomes `ws`, and `https` becomes `wss`.
    if url::has_scheme(&href, &["http:", "https:"])
        && let Some(rest) = href.strip_prefix("http")
    {
        return Ok(["ws", rest].concat());
    }
    if url::has_scheme(&href, &["ws:", "wss:"]) {
        return Ok(href);
    }
    Err(Error::invalid("a WebSocket URL has the scheme ws or wss, or http or https").with_url(address))
}
