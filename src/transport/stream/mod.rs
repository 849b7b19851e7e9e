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
//! The engine is [`fetch`](https://fetch.spec.whatwg.org/), because an XMLHttpRequest keeps its whole response in memory;
//! where `fetch` cannot be used, [`Xhr`] reads by one all the same, within a budget.
//! The library holds one piece at a time. How far the browser reads ahead is its own affair: Chromium stops after some ten
//! megabytes, so that a reader that waits holds back the server; Firefox and WebKitGTK go on, and keep what has come in
//! their own memory. A chunked body that breaks off is an error in Chromium and Firefox; WebKitGTK takes it for one that
//! has ended, unless its format can tell.

mod bytes;
mod frames;
mod lines;
mod ndjson;
mod records;
mod text;
mod xhr;

pub use bytes::Bytes;
pub use frames::Frames;
pub use lines::Lines;
pub use ndjson::Ndjson;
pub use text::Text;
pub use xhr::Xhr;

use serde::de::DeserializeOwned;

use super::environment::Capability;
use super::http::Request;
use crate::error::Result;
pub use crate::proto::frames::Prefix;

/// The longest line or frame by default: 1 MiB.
const LONGEST_RECORD: usize = 1 << 20;

/// Whether streams can be read here, over `fetch`. Over XMLHttpRequest: [`Capability::Xhr`].
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
    Bytes::new(request.into())
}

/// The text of a response, piece by piece as it arrives: a character that is cut is held back until it is whole.
/// `request` is a URL or an [`http`](super::http) request.
///
/// Sent with the first poll. A status other than 200 to 299 is an error, and the first item.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::{http, stream};
///
/// let mut answer = stream::text(http::post("/ask").json(&["Why is the sky blue?"]));
/// while let Some(words) = answer.try_next().await? {
///     print!("{words}");
/// }
/// # Ok(()) }
/// ```
pub fn text(request: impl Into<Request>) -> Text {
    Text::new(bytes(request))
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
    Lines::new(bytes(request))
}

/// The values of a response of [newline-delimited JSON](https://github.com/ndjson/ndjson-spec), each as soon as its line
/// has arrived. `request` is a URL or an [`http`](super::http) request.
///
/// Sent with the first poll. Blank lines are skipped. A last line need not be ended, unless it is a number; one that was cut
/// is an error of kind [`Decode`](crate::ErrorKind::Decode), with its place. A status other than 200 to 299 is an error, and the first item.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream;
///
/// #[derive(serde::Deserialize)]
/// struct Trade {
///     symbol: String,
///     price: f64,
/// }
/// let mut trades = stream::ndjson::<Trade>("/trades");
/// while let Some(trade) = trades.try_next().await? {
///     println!("{} {}", trade.symbol, trade.price);
/// }
/// # Ok(()) }
/// ```
pub fn ndjson<T: DeserializeOwned>(request: impl Into<Request>) -> Ndjson<T> {
    Ndjson::values(bytes(request))
}

/// As [`ndjson`], each value as the text that it came as: checked to be JSON, for a parser of your own or the browser's.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream;
///
/// let mut trades = stream::ndjson_texts("/trades");
/// while let Some(trade) = trades.try_next().await? {
///     println!("{trade}"); // {"symbol": "WIRE", "price": 7.5}
/// }
/// # Ok(()) }
/// ```
pub fn ndjson_texts(request: impl Into<Request>) -> Ndjson<String> {
    Ndjson::texts(bytes(request))
}

/// The frames of a response, each behind its length, each as soon as it is complete. `request` is a URL or an
/// [`http`](super::http) request.
///
/// Sent with the first poll. The length is four bytes, the most significant first, unless [`Frames::prefix`] says
/// otherwise. A body that ends within a frame is an error of kind [`Decode`](crate::ErrorKind::Decode), with its place. A
/// status other than 200 to 299 is an error, and the first item.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream;
///
/// let mut messages = stream::frames("/messages");
/// while let Some(message) = messages.try_next().await? {
///     println!("{} bytes", message.len());
/// }
/// # Ok(()) }
/// ```
pub fn frames(request: impl Into<Request>) -> Frames {
    Frames::new(bytes(request))
}
