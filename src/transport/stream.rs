//! A response read while it arrives: only the new part is handed on, and memory stays constant.
//!
//! ```no_run
//! # async fn example() -> pagewire::Result<()> {
//! use futures_util::StreamExt;
//! use pagewire::stream;
//!
//! let mut lines = stream::lines("/log");
//! while let Some(line) = lines.next().await {
//!     println!("{}", line?);
//! }
//! # Ok(()) }
//! ```
//!
//! The engine is [`fetch`](https://fetch.spec.whatwg.org/), because an XMLHttpRequest keeps its whole response in memory.
//! The browser reads ahead only a little, so a reader that waits holds back the server.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::environment::Capability;
use super::fetch::{Cache, Fetch};
use super::http::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::lines;

/// The longest line by default: 1 MiB.
const LONGEST_LINE: usize = 1 << 20;

/// Whether streams can be read here.
///
/// ```no_run
/// if let Err(why) = pagewire::stream::available() {
///     println!("{why}");
/// }
/// ```
///
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), with the reason.
pub fn available() -> Result<()> {
    Capability::FetchStreams.available()
}

/// The bytes of a response, piece by piece as they arrive. `request` is a URL or an [`http`](super::http) request.
///
/// Sent with the first poll. A status other than 200 to 299 is an error, and the first item.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream;
///
/// let mut film = stream::bytes("/film.mp4");
/// let mut received = 0;
/// while let Some(piece) = film.try_next().await? {
///     received += piece.len();
/// }
/// # Ok(()) }
/// ```
pub fn bytes(request: impl Into<Request>) -> Bytes {
    Bytes(State::New(Some(Box::new(request.into()))))
}

/// The lines of a response, each as soon as its end has arrived; LF, CR and CRLF end a line. `request` is a URL or an
/// [`http`](super::http) request.
///
/// Sent with the first poll. A last line without an end is handed on when the response is over. A status other than 200
/// to 299 is an error, and the first item.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::{http, stream};
///
/// let mut log = stream::lines(http::get("/log").query("since", "noon").bearer_auth("token"));
/// while let Some(line) = log.try_next().await? {
///     println!("{line}");
/// }
/// # Ok(()) }
/// ```
pub fn lines(request: impl Into<Request>) -> Lines {
    Lines { bytes: bytes(request), splitter: lines::Lines::new(LONGEST_LINE).without_bom(), failed: false }
}

/// A stream of bytes, in pieces as the network cut them. An error is its last item. Dropping it closes the connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::StreamExt;
/// use pagewire::stream;
///
/// let mut head = stream::bytes("/film.mp4");
/// let first = head.next().await.transpose()?;
/// drop(head); // closes the connection: the rest is never sent
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Bytes(State);

enum State {
    New(Option<Box<Request>>),
    Waiting(Pin<Box<dyn Future<Output = Step>>>),
    Over,
}

/// What one step of reading came to: the connection is handed back for the next one.
type Step = Result<Option<(Fetch, Vec<u8>)>>;

impl Stream for Bytes {
    type Item = Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Vec<u8>>>> {
        if let State::New(request) = &mut self.0 {
            self.0 = request.take().map_or(State::Over, |request| State::Waiting(Box::pin(open(*request))));
        }
        let State::Waiting(step) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let step = ready!(step.as_mut().poll(context));
        self.0 = State::Over;
        match step {
            Ok(Some((fetch, piece))) => {
                self.0 = State::Waiting(Box::pin(read(fetch)));
                Poll::Ready(Some(Ok(piece)))
            }
            Ok(None) => Poll::Ready(None),
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

impl FusedStream for Bytes {
    fn is_terminated(&self) -> bool {
        matches!(self.0, State::Over)
    }
}

async fn open(request: Request) -> Step {
    let fetch = Fetch::start(request, Cache::Bypass).await?;
    if !(200..300).contains(&fetch.status()) {
        let error = Error::new(ErrorKind::Status(fetch.status()), "the server answered with an error status");
        return Err(error.with_url(fetch.url()));
    }
    read(fetch).await
}

async fn read(mut fetch: Fetch) -> Step {
    Ok(fetch.next().await?.map(|piece| (fetch, piece.to_vec())))
}

/// A stream of lines, decoded as UTF-8 with U+FFFD for what is none. An error is its last item. Dropping it closes the
/// connection.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::{StreamExt, TryStreamExt};
/// use pagewire::stream;
///
/// // Leaves, and closes the connection, after ten.
/// let first: Vec<String> = stream::lines("/log").take(10).try_collect().await?;
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Lines {
    bytes: Bytes,
    splitter: lines::Lines,
    failed: bool,
}

impl Lines {
    /// The longest line, in bytes without its end. A longer one ends the stream with
    /// [`ErrorKind::TooLarge`]. Default: 1 MiB.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::stream;
    ///
    /// let mut rows = stream::lines("/rows.ndjson").max_line(64 * 1024);
    /// if let Some(Err(error)) = rows.next().await {
    ///     println!("over 64 KiB: {}", error.is_too_large());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn max_line(mut self, bytes: usize) -> Self {
        self.splitter = lines::Lines::new(bytes).without_bom();
        self
    }

    /// Ends the stream, and closes the connection at once.
    fn fail(&mut self) {
        self.failed = true;
        self.bytes.0 = State::Over;
    }

    /// The next line that is complete, or after the end of the body what is left.
    fn take_line(&mut self) -> Option<Result<String>> {
        let line =
            if self.bytes.is_terminated() { self.splitter.finish() } else { self.splitter.next_line() };
        match line {
            Ok(line) => line.map(|line| Ok(line.text_lossy().into_owned())),
            Err(too_long) => Some(Err(Error::new(ErrorKind::TooLarge, too_long.to_string()))),
        }
    }
}

impl Stream for Lines {
    type Item = Result<String>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<String>>> {
        if self.failed {
            return Poll::Ready(None);
        }
        loop {
            if let Some(line) = self.take_line() {
                if line.is_err() {
                    self.fail();
                }
                return Poll::Ready(Some(line));
            }
            match ready!(Pin::new(&mut self.bytes).poll_next(context)) {
                Some(Ok(piece)) => self.splitter.feed(&piece),
                Some(Err(error)) => {
                    self.fail();
                    return Poll::Ready(Some(Err(error)));
                }
                None => return Poll::Ready(self.take_line()),
            }
        }
    }
}

impl FusedStream for Lines {
    fn is_terminated(&self) -> bool {
        self.failed || (self.bytes.is_terminated() && self.splitter.is_empty())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bytes").finish_non_exhaustive()
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}
