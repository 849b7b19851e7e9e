//! Polling: a response at a time, for as long as the stream of them lives.
//!
//! ```no_run
//! # async fn example() -> pagewire::Result<()> {
//! use futures_util::TryStreamExt;
//! use pagewire::poll::{self, Cursor};
//!
//! // Asks once, is held until there is something, and asks again at once.
//! let mut updates = poll::long("/updates").cursor(Cursor::json("next", "after")).open();
//! while let Some(update) = updates.try_next().await? {
//!     println!("{}", update.text().await?);
//! }
//! # Ok(()) }
//! ```
//!
//! Each request has a URL of its own, by a parameter `_` that never repeats: two requests of one URL wait for each other in
//! a browser's cache, and an answer may come from there without the server's knowing. Where requests cost a
//! [preflight](super::cors), that holds for each of them then, because browsers remember preflights by URL.

mod answers;
mod asking;
mod cursor;
mod every;
mod long;

pub use answers::Answers;
pub use cursor::Cursor;
pub use every::Every;
pub use long::Long;

use std::time::Duration;

use super::http::Request;

/// Short polling: asks again `interval` after the last answer. `request` is a URL or an [`http`](super::http) request.
///
/// There are never two requests at a time.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::poll;
/// use std::time::Duration;
///
/// // A 304 yields nothing: each item is news.
/// let mut prices = poll::every(Duration::from_secs(10), "/prices").conditional().pause_when_hidden().open();
/// while let Some(answer) = prices.try_next().await? {
///     println!("{}", answer.text().await?);
/// }
/// # Ok(()) }
/// ```
pub fn every(interval: Duration, request: impl Into<Request>) -> Every {
    Every::new(interval, request.into())
}

/// Long polling: the server holds each request until there is something, and is asked again at once. `request` is a URL or
/// an [`http`](super::http) request.
///
/// Without a [`cursor`](Long::cursor), what comes between an answer and the next request is lost, unless the server
/// remembers by other means.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::poll::{self, Cursor};
///
/// let mut messages = poll::long("https://push.example/sub/news").cursor(Cursor::nchan()).open();
/// while let Some(message) = messages.try_next().await? {
///     println!("{}", message.text().await?);
/// }
/// # Ok(()) }
/// ```
pub fn long(request: impl Into<Request>) -> Long {
    Long::new(request.into())
}
