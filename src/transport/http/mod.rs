//! HTTP over XMLHttpRequest: requests with progress in both directions, time limits, and errors that say what is known.
//!
//! ```no_run
//! # async fn example() -> pagewire::Result<()> {
//! use pagewire::http;
//!
//! let page = http::get("/articles").query("page", 2).await?.text().await?;
//! # Ok(()) }
//! ```
//!
//! [XMLHttpRequest](https://xhr.spec.whatwg.org/) is the engine because it alone has upload progress. Dropping a
//! [`Sending`] or an [`Exchange`] aborts the request.
//!
//! # What no client in a browser can promise
//! The browser itself may send a request again, a POST too, when the connection that it chose turns out to be dead:
//! nobody tells the page, and a server that must not do a thing twice needs an id to know it by. A body without a
//! `Content-Length` that breaks off may look complete, as its end is all that there is to see. And that an upload was
//! handed to the network says nothing of its arrival.

mod blocking;
mod body;
mod client;
#[cfg(feature = "http")]
mod convert;
mod event;
mod exchange;
mod form;
mod request;
mod response;
mod retry;
mod stand_in;
mod timing;
#[cfg(feature = "service-worker")]
mod worker;
mod xsrf;

pub use body::Body;
pub use client::{BoxSending, Client, Next};
pub use event::{Event, Events, Moment, Progress, ReadyState};
pub use exchange::{Exchange, Sending};
pub use form::Form;
pub use request::{Request, ResponseType};
pub use response::Response;
pub use retry::Retry;
pub use timing::Timing;

use super::environment::Capability;
use crate::error::Result;
pub use crate::proto::headers::{Headers, InvalidHeader};
pub use crate::proto::method::{InvalidMethod, Method};

pub(crate) use event::Reading;
pub(crate) use form::{encode, pairs};
#[cfg(feature = "service-worker")]
pub(crate) use response::Parts;
pub(crate) use response::{Context, Source};
pub(crate) use retry::within;

/// Whether requests can be sent from here.
///
/// ```no_run
/// if let Err(why) = pagewire::http::available() {
///     println!("{why}");
/// }
/// ```
///
/// # Errors
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), with the reason.
pub fn available() -> Result<()> {
    #[cfg(feature = "service-worker")]
    if Capability::Xhr.available().is_err() {
        return Capability::FetchStreams.available();
    }
    Capability::Xhr.available()
}

/// A [GET](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.1) request: reads.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let page = http::get("/articles").await?.error_for_status()?.text().await?;
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub fn get(url: impl Into<String>) -> Request {
    Request::new(Method::GET, url)
}

/// A [HEAD](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2) request: reads the headers alone.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let size = http::head("/film.mp4").await?.header("content-length").map(str::to_owned);
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub fn head(url: impl Into<String>) -> Request {
    Request::new(Method::HEAD, url)
}

/// A [POST](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.3) request: hands data over.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let made = http::post("/articles").json(&["draft"]).await?.error_for_status()?;
/// println!("{:?}", made.header("location"));
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub fn post(url: impl Into<String>) -> Request {
    Request::new(Method::POST, url)
}

/// A [PUT](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.4) request: replaces.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// http::put("/articles/7/title").body("On wires").await?.error_for_status()?;
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub fn put(url: impl Into<String>) -> Request {
    Request::new(Method::PUT, url)
}

/// A [PATCH](https://www.rfc-editor.org/rfc/rfc5789) request: changes in part.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let change = [("title", "On wires")];
/// http::patch("/articles/7").form(&change).await?.error_for_status()?;
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub fn patch(url: impl Into<String>) -> Request {
    Request::new(Method::PATCH, url)
}

/// A [DELETE](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.5) request: removes.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let gone = http::delete("/articles/7").await?;
/// assert!(matches!(gone.status(), 204 | 404));
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub fn delete(url: impl Into<String>) -> Request {
    Request::new(Method::DELETE, url)
}

/// A request with any method. `method` is checked when the request is sent: a custom one such as `PURGE` is allowed,
/// `CONNECT`, `TRACE` and `TRACK` are [forbidden](https://fetch.spec.whatwg.org/#forbidden-method).
///
/// ```
/// use pagewire::http;
///
/// let request = http::request("PURGE", "/cache/front-page");
/// assert_eq!(request.method().as_str(), "PURGE");
/// assert!(http::request("TRACE", "/").start().is_err_and(|error| error.is_invalid_request()));
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub fn request(method: &str, url: impl Into<String>) -> Request {
    Request::with_method_name(method, url.into())
}
