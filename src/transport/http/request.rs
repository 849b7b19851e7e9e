//! The request builder.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::time::Duration;

use serde::Serialize;
use web_sys::AbortSignal;

use super::{Body, Exchange, Headers, Method, Sending};
use crate::error::{Error, Result};
use crate::proto::deadline::Limits;
use crate::proto::url;

/// A request: built by value, checked when it is sent.
///
/// Setters cannot fail; the first thing that is wrong comes out of `.await` or [`start`](Request::start), before
/// anything is sent. A relative URL is resolved against the page, or the worker's script.
#[must_use = "a request does nothing until it is awaited or started"]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Headers,
    pub(crate) body: Option<Body>,
    pub(crate) limits: Limits,
    pub(crate) with_credentials: bool,
    pub(crate) upload_events: bool,
    pub(crate) signal: Option<AbortSignal>,
    error: Option<Error>,
}

impl Request {
    pub(super) fn new(method: Method, url: impl Into<String>) -> Self {
        Request {
            method,
            url: url.into(),
            headers: Headers::default(),
            body: None,
            limits: Limits::default(),
            with_credentials: false,
            upload_events: false,
            signal: None,
            error: None,
        }
    }

    pub(super) fn with_method_name(method: &str, url: String) -> Self {
        match Method::new(method) {
            Ok(method) => Request::new(method, url),
            Err(refusal) => Request::new(Method::GET, url).fail(Error::invalid(refusal.to_string())),
        }
    }

    /// Adds one query parameter, encoded as
    /// [`encodeURIComponent`](https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent) does. A query that the
    /// URL already has is kept, and a `#fragment` stays behind it.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        url::append_query(&mut self.url, [(name, value.to_string())]);
        self
    }

    /// Sets a header, in place of an earlier value. A name that is not a token or
    /// [forbidden](https://fetch.spec.whatwg.org/#forbidden-request-header), and a value with a line break or a
    /// character outside Latin-1, is an error when the request is sent.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match self.headers.set(name, value) {
            Ok(()) => self,
            Err(refusal) => self.fail(Error::invalid(refusal.to_string())),
        }
    }

    /// Adds a header value beside those that are there; the browser joins them with `, `. Checked as in
    /// [`header`](Request::header).
    pub fn append_header(mut self, name: &str, value: &str) -> Self {
        match self.headers.append(name, value) {
            Ok(()) => self,
            Err(refusal) => self.fail(Error::invalid(refusal.to_string())),
        }
    }

    /// Sets the body. GET and HEAD have none: with a body they are refused when sent, where a browser would drop it
    /// silently.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets a JSON body, and `Content-Type: application/json` unless a content type is set already.
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        let text = match serde_json::to_string(value) {
            Ok(text) => text,
            Err(error) => return self.fail(Error::invalid("the value cannot be JSON").with_source(error)),
        };
        let request = self.body(text);
        if request.headers.contains("content-type") {
            return request;
        }
        request.header("content-type", "application/json")
    }

    /// Fails with [`Phase::Total`](crate::Phase::Total) if the exchange is not finished `after` this long. Any length
    /// will do, 30 days too. Default: never.
    pub fn timeout(mut self, after: Duration) -> Self {
        self.limits.total = Some(after);
        self
    }

    /// Fails with [`Phase::FirstByte`](crate::Phase::FirstByte) if the response's headers are not here `after` this
    /// long, counted from the end of the upload. Default: never.
    ///
    /// With a body this needs [`upload_events`](Request::upload_events), with its consequence across origins.
    pub fn first_byte_timeout(mut self, after: Duration) -> Self {
        self.limits.first_byte = Some(after);
        self
    }

    /// Fails with [`Phase::Idle`](crate::Phase::Idle) if no bytes move, in either direction, for `after` this long.
    /// Default: never.
    ///
    /// With a body this needs [`upload_events`](Request::upload_events), with its consequence across origins.
    pub fn idle_timeout(mut self, after: Duration) -> Self {
        self.limits.idle = Some(after);
        self
    }

    /// Sends cookies and other credentials across origins, and takes them
    /// ([`withCredentials`](https://xhr.spec.whatwg.org/#the-withcredentials-attribute)). Default: no. Within one
    /// origin they always go.
    pub fn with_credentials(mut self, with: bool) -> Self {
        self.with_credentials = with;
        self
    }

    /// Asks for the upload's events. Default: no, because a listener on the upload turns a simple cross-origin request
    /// into a [preflighted](https://fetch.spec.whatwg.org/#http-cors-protocol) one.
    pub fn upload_events(mut self) -> Self {
        self.upload_events = true;
        self
    }

    /// Aborts when `signal` does. One that is aborted already sends nothing.
    pub fn abort_signal(mut self, signal: &AbortSignal) -> Self {
        self.signal = Some(signal.clone());
        self
    }

    /// Sends the request, with a stream of its events beside the response.
    ///
    /// # Errors
    /// When the request is not valid, or cannot be sent from here: nothing was sent then.
    pub fn start(self) -> Result<Exchange> {
        Exchange::start(self, true)
    }

    /// The request as it will be sent, or the first thing that is wrong with it.
    pub(crate) fn check(mut self) -> Result<Self> {
        if let Some(error) = self.error.take() {
            return Err(error.with_url(&self.url));
        }
        if let Some(scheme) = url::scheme_of(&self.url)
            && !["http", "https", "blob", "data"]
                .iter()
                .any(|known| scheme == *known)
        {
            let error =
                Error::invalid("the URL's scheme is not one that can be requested: use http or https");
            return Err(error.with_url(&self.url));
        }
        if self.body.is_some() && (self.method == Method::GET || self.method == Method::HEAD) {
            let error = Error::invalid("GET and HEAD carry no body: use query parameters, or another method");
            return Err(error.with_url(&self.url));
        }
        // Without a look at the upload these limits would take a slow upload for a silent server.
        if self.body.is_some() && (self.limits.first_byte.is_some() || self.limits.idle.is_some()) {
            self.upload_events = true;
        }
        Ok(self)
    }

    fn fail(mut self, error: Error) -> Self {
        self.error.get_or_insert(error);
        self
    }
}

impl From<&str> for Request {
    /// A GET request of this URL.
    fn from(url: &str) -> Self {
        Request::new(Method::GET, url)
    }
}

impl From<String> for Request {
    /// A GET request of this URL.
    fn from(url: String) -> Self {
        Request::new(Method::GET, url)
    }
}

impl IntoFuture for Request {
    type Output = <Sending as Future>::Output;
    type IntoFuture = Sending;

    fn into_future(self) -> Sending {
        Sending::new(self)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Header values and the query can be secrets.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &url::redact(&self.url))
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
