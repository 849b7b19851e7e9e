//! [Server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html): one response that goes on,
//! resumed where it broke off.
//!
//! ```no_run
//! # async fn example() -> pagewire::Result<()> {
//! use futures_util::TryStreamExt;
//! use pagewire::sse;
//!
//! let mut news = sse::connect("/news").open();
//! while let Some(event) = news.try_next().await? {
//!     println!("{}: {}", event.event_type(), event.data());
//! }
//! # Ok(()) }
//! ```
//!
//! There are two engines with one stream type. [`connect`] is the library's own, over fetch, or
//! [XMLHttpRequest](Connect::over_xhr) where asked: any method, headers and body, time limits, and statuses that can be
//! told apart. [`native`] is the
//! browser's [`EventSource`](https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface),
//! which sends the `Last-Event-ID` across origins without a preflight, and shows in the developer tools as what it is.
//!
//! On HTTP/1.1 a browser has six connections to a host, for all its tabs together, and each stream holds one for as long
//! as it lives: serve HTTP/2, or drop what is not needed.

mod connect;
mod event;
mod native;
mod session;
mod source;
mod stream;

pub use connect::Connect;
pub(crate) use connect::Engine;
pub use event::Event;
pub use native::Native;
pub use stream::{EventStream, Monitor, Opened, ReadyState};

use super::environment::Capability;
use super::http::Request;
use crate::error::Result;

/// Whether [`connect`] can be used here. [`native`] needs [`Capability::EventSource`].
///
/// ```no_run
/// if let Err(why) = pagewire::sse::available() {
///     println!("{why}");
/// }
/// ```
///
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), with the reason.
pub fn available() -> Result<()> {
    Capability::FetchStreams.available()
}

/// Events by the library's own parser. `request` is a URL or an [`http`](super::http) request.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::{http, sse};
///
/// // The way language models answer: a POST, which is not sent again when it breaks off.
/// let ask = http::post("/v1/answers").bearer_auth("token").json(&["Why is the sky blue?"]);
/// let mut answer = sse::connect(ask).open();
/// while let Some(event) = answer.try_next().await? {
///     print!("{}", event.data());
/// }
/// # Ok(()) }
/// ```
pub fn connect(request: impl Into<Request>) -> Connect {
    Connect::new(request.into())
}

/// Events by the browser's own `EventSource`: a GET without headers of the caller's.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::sse;
///
/// let mut prices = sse::native("https://feed.example/prices").event("price").with_credentials(true).open();
/// while let Some(event) = prices.try_next().await? {
///     println!("{}", event.data());
/// }
/// # Ok(()) }
/// ```
pub fn native(url: impl Into<String>) -> Native {
    Native::new(url.into())
}
