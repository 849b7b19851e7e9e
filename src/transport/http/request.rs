//! The request builder.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::rc::Rc;
use std::time::Duration;

use serde::Serialize;
use web_sys::AbortSignal;

use super::client::BoxSending;
use super::client::Route;
use super::event::Observe;
use super::exchange::send_routed;
use super::response::{Context, unpack};
use super::retry::{self, Retry};
use super::{Body, Exchange, Headers, Method, Sending, form};
use crate::browser::global::{base_url, require_browser};
use crate::browser::timing::{Timed, Watch};
use crate::error::{Error, Result};
use crate::proto::cors::Sent;
use crate::proto::deadline::Limits;
use crate::proto::{base64, charset, url};
use crate::transport::xhr::settings::{self, Settings};
use crate::transport::xhr::{self, Companions, Place};

/// A request: built by value, checked when it is sent.
///
/// Setters cannot fail; the first thing that is wrong comes out of `.await` or [`start`](Request::start), before
/// anything is sent. A relative URL is resolved against the page, or the worker's script.
///
/// Awaiting fails with an [`Error`] of kind `InvalidRequest` or `Unsupported` before anything is sent, and with
/// `Network`, `Timeout`, `Aborted` or `TooLarge` after. A status is no failure: see [`Response`](super::Response).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
/// use std::time::Duration;
///
/// let articles = http::get("/articles")
///     .query("page", 2)
///     .header("accept", "application/json")
///     .timeout(Duration::from_secs(10))
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is awaited or started"]
pub struct Request {
    pub(crate) context: Box<Context>,
    pub(crate) body: Option<Body>,
    pub(crate) options: Options,
    /// The first thing that is wrong.
    error: Option<Error>,
}

/// What is done with a request, and done with once it is sent.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) limits: Limits,
    pub(crate) signal: Option<AbortSignal>,
    pub(crate) response_type: ResponseType,
    pub(crate) max_size: Option<u64>,
    // Functions and not flags, so that an app carries only the code of what it asks for.
    pub(crate) settings: Option<Settings>,
    pub(crate) companions: Companions,
    pub(crate) timing: Option<WatchTiming>,
    /// Sends what does not go straight to the browser.
    pub(crate) routed: Option<fn(Request) -> BoxSending>,
    /// What stands between this request and the browser, outermost first.
    pub(crate) route: Option<Rc<dyn Route>>,
    /// What answers in the place of the browser.
    pub(crate) engine: Option<Rc<dyn Route>>,
    /// Who is told what happens, where the exchange is not the browser's alone.
    pub(crate) observer: Option<Rc<dyn Observe>>,
    pub(crate) retry: Option<(Retry, retry::Run)>,
}

/// What `fetch` and XMLHttpRequest know: <https://fetch.spec.whatwg.org/#scheme-fetch>. Apps in a shell, and extensions,
/// have a scheme of their own, which their pages have too.
const REQUESTED: [&[u8]; 5] = [b"", b"http:", b"https:", b"data:", b"blob:"];

/// Begins to watch for the timing of a URL.
pub(crate) type WatchTiming = fn(&str) -> Option<Rc<dyn Timed>>;

/// How the browser holds the response's body until it is read
/// ([`responseType`](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-responsetype)).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http::{self, ResponseType};
///
/// let film = http::get("/film.mp4").response_type(ResponseType::Blob).await?.blob().await?;
/// println!("{} bytes, none of them in wasm memory", film.size());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ResponseType {
    /// In memory, to be read as text, JSON, bytes or a `Blob`.
    #[default]
    Bytes,
    /// As a `Blob`, which the browser may keep on disk: for what is large and need not be looked into.
    Blob,
    /// As a document, parsed by the browser: HTML or XML. Only in a page.
    Document,
}

impl Request {
    pub(super) fn new(method: Method, url: impl Into<String>) -> Self {
        let sent = Box::new(Sent::new(method, url.into()));
        let context = Context { sent, ..Context::default() };
        Request { context: Box::new(context), body: None, options: Options::default(), error: None }
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
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::get("/search?lang=en#top").query("q", "salt & pepper").query("page", 2);
    /// assert_eq!(request.url(), "/search?lang=en&q=salt%20%26%20pepper&page=2#top");
    /// ```
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        url::append_query(&mut self.context.sent.url, [(name, value.to_string())]);
        self
    }

    /// Adds the fields of a serde value, a struct or a list of pairs, as query parameters. Encoded as in
    /// [`query`](Request::query); a nested value is an error when the request is sent.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Search<'a> {
    ///     q: &'a str,
    ///     page: Option<u32>,
    /// }
    /// let request = http::get("/search").query_from(&Search { q: "wire", page: None });
    /// assert_eq!(request.url(), "/search?q=wire");
    /// ```
    pub fn query_from(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match form::pairs(value) {
            Ok(pairs) => {
                url::append_query(&mut self.context.sent.url, pairs);
                self
            }
            Err(error) => self.fail(error),
        }
    }

    /// Sets a header, in place of an earlier value; blanks around it are taken off. A name that is not a token or
    /// [forbidden](https://fetch.spec.whatwg.org/#forbidden-request-header), and a value with a line break or a
    /// character outside Latin-1, is an error when the request is sent.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::get("/").header("Accept", "text/html").header("accept", "text/plain");
    /// assert_eq!(request.headers().get("accept"), Some("text/plain"));
    /// assert!(http::get("/").header("Cookie", "a=b").start().is_err_and(|error| error.is_invalid_request()));
    /// ```
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.options.settings = Some(settings::set_up);
        match self.context.sent.asked.headers.set(name, value) {
            Ok(()) => self,
            Err(refusal) => self.fail(Error::invalid(refusal.to_string())),
        }
    }

    /// Adds a header value beside those that are there; the browser joins them with `, `. Checked as in
    /// [`header`](Request::header).
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::get("/").append_header("x-tag", "red").append_header("x-tag", "round");
    /// assert_eq!(request.headers().get_all("x-tag").count(), 2);
    /// ```
    pub fn append_header(mut self, name: &str, value: &str) -> Self {
        self.options.settings = Some(settings::set_up);
        match self.context.sent.asked.headers.append(name, value) {
            Ok(()) => self,
            Err(refusal) => self.fail(Error::invalid(refusal.to_string())),
        }
    }

    /// Sets the body. GET and HEAD have none: with a body they are refused when sent, where a browser would drop it
    /// silently. What a body may be is [`Body`]'s to say.
    ///
    /// ```no_run
    /// # async fn example(file: web_sys::File) -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// http::put("/notes/1").body("text").await?;
    /// http::put("/thumbnails/1").body(vec![0_u8; 512]).await?;
    /// http::put("/films/1").body(file).await?; // never read into memory
    /// # Ok(()) }
    /// ```
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        if self.context.sent.asked.method == Method::GET || self.context.sent.asked.method == Method::HEAD {
            let message = "GET and HEAD carry no body: use query parameters, or another method";
            self.error.get_or_insert_with(|| Error::invalid(message));
        }
        let body = body.into();
        (self.context.sent.asked.body_type, self.context.sent.asked.text_body) =
            (body.implied_type(), body.is_text());
        self.body = Some(body);
        self
    }

    /// Sets a [JSON](https://www.rfc-editor.org/rfc/rfc8259) body, and `Content-Type: application/json` unless a content
    /// type is set already. A value that cannot be JSON, such as a map whose keys are no strings, is an error when the
    /// request is sent.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::post("/points").json(&[1.5, 2.5]);
    /// assert_eq!(request.body_bytes(), Some(&b"[1.5,2.5]"[..]));
    /// assert_eq!(request.headers().get("content-type"), Some("application/json"));
    /// ```
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        let text = match serde_json::to_string(value) {
            Ok(text) => text,
            Err(error) => return self.fail(Error::invalid("the value cannot be JSON").with_source(error)),
        };
        self.body(text).default_content_type("application/json")
    }

    /// Sets a [form-urlencoded](https://url.spec.whatwg.org/#concept-urlencoded-serializer) body from a serde value, a struct or a list of pairs, and its `Content-Type`, unless one is
    /// set already. A nested value is an error when the request is sent.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::post("/login").form(&[("user", "ann"), ("note", "a b")]);
    /// assert_eq!(request.body_bytes(), Some(&b"user=ann&note=a+b"[..]));
    /// ```
    pub fn form(self, value: &(impl Serialize + ?Sized)) -> Self {
        match form::encode(value) {
            Ok(text) => self.body(text).default_content_type("application/x-www-form-urlencoded"),
            Err(error) => self.fail(error),
        }
    }

    /// Fails with [`Phase::Total`](crate::Phase::Total) if the exchange is not finished `after` this long. Any length
    /// will do, 30 days too, where the platform's own
    /// [`timeout`](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-timeout) ends at 24. Default: never.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::{Phase, http};
    /// use std::time::Duration;
    ///
    /// match http::get("/report").timeout(Duration::from_secs(10)).await {
    ///     Err(error) if error.phase() == Some(Phase::Total) => println!("not finished within 10 s"),
    ///     outcome => println!("{}", outcome?.text().await?),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, after: Duration) -> Self {
        self.options.limits.total = Some(after);
        self.options.companions.set(Place::Limits, xhr::limits::watch);
        self
    }

    /// Fails with [`Phase::FirstByte`](crate::Phase::FirstByte) if the response's headers are not here `after` this
    /// long, counted from the end of the upload. Default: never.
    ///
    /// With a body this needs [`upload_events`](Request::upload_events), with its consequence across origins.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    /// use std::time::Duration;
    ///
    /// // The upload takes what it takes; then the server has 5 s to begin its answer.
    /// let upload = http::post("/films").body(vec![0; 50_000_000]);
    /// upload.first_byte_timeout(Duration::from_secs(5)).await?;
    /// # Ok(()) }
    /// ```
    pub fn first_byte_timeout(mut self, after: Duration) -> Self {
        self.options.limits.first_byte = Some(after);
        self.context.sent.asked.upload_limits = true;
        self.options.companions.set(Place::Limits, xhr::limits::watch);
        self
    }

    /// Fails with [`Phase::Idle`](crate::Phase::Idle) if no bytes move, in either direction, for `after` this long.
    /// Default: never.
    ///
    /// With a body this needs [`upload_events`](Request::upload_events), with its consequence across origins. Only what
    /// the browser shows counts: Chromium shows nothing of a `text/plain` response before its 1024th byte, unless the
    /// server sends `X-Content-Type-Options: nosniff`.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    /// use std::time::Duration;
    ///
    /// // May take an hour on a slow line, and yet ends soon after that line is dead.
    /// let film = http::get("/film.mp4").idle_timeout(Duration::from_secs(20)).await?;
    /// # Ok(()) }
    /// ```
    pub fn idle_timeout(mut self, after: Duration) -> Self {
        self.options.limits.idle = Some(after);
        self.context.sent.asked.upload_limits = true;
        self.options.companions.set(Place::Limits, xhr::limits::watch);
        self
    }

    /// Sends cookies and other credentials across origins, and takes them
    /// ([`withCredentials`](https://xhr.spec.whatwg.org/#the-withcredentials-attribute)). Default: no. Within one
    /// origin they always go.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let me = http::get("https://api.example/me").with_credentials(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn with_credentials(mut self, with: bool) -> Self {
        self.context.sent.asked.with_credentials = with;
        self.options.settings = Some(settings::set_up);
        self
    }

    /// Asks for the [upload's](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-upload) events. Default: no, because a
    /// listener on the upload turns a simple cross-origin request into a [preflighted](https://fetch.spec.whatwg.org/#http-cors-protocol) one.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::http::{self, Event, Moment};
    ///
    /// let exchange = http::post("/films").body(vec![0; 5_000_000]).upload_events().start()?;
    /// let mut uploaded = exchange.events().filter_map(async |event| match event {
    ///     Event::Upload(Moment::Progress, progress) => Some(progress.loaded),
    ///     _ => None,
    /// });
    /// # Ok(()) }
    /// ```
    pub fn upload_events(mut self) -> Self {
        self.context.sent.asked.upload_events = true;
        self.options.companions.set(Place::UploadEvents, xhr::events::tell_upload);
        self
    }

    /// Aborts when the [`AbortSignal`](https://dom.spec.whatwg.org/#interface-AbortSignal) does, with
    /// [`AbortedBy::Caller`](crate::AbortedBy::Caller). One that is aborted already sends nothing.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    /// use web_sys::AbortController;
    ///
    /// # let controller = AbortController::new().unwrap();
    /// // One controller for all that a view has asked for.
    /// let articles = http::get("/articles").abort_signal(&controller.signal());
    /// let authors = http::get("/authors").abort_signal(&controller.signal());
    /// # Ok(()) }
    /// ```
    pub fn abort_signal(mut self, signal: &AbortSignal) -> Self {
        self.options.signal = Some(signal.clone());
        self.options.companions.set(Place::Signal, xhr::signal::heed);
        self
    }

    /// Sets the `Authorization` header to [Basic](https://www.rfc-editor.org/rfc/rfc7617) credentials, in UTF-8. Across
    /// origins it costs a preflight. A `user` with a colon is an error when the request is sent.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::get("/").basic_auth("Aladdin", "open sesame");
    /// let header = request.headers().get("authorization");
    /// assert_eq!(header, Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    /// ```
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        let request = if user.contains(':') {
            self.fail(Error::invalid("a user name in Basic credentials has no colon"))
        } else {
            self
        };
        let credentials = base64::encode(format!("{user}:{password}").as_bytes());
        request.header("authorization", &format!("Basic {credentials}"))
    }

    /// Sets the `Authorization` header to a [bearer token](https://www.rfc-editor.org/rfc/rfc6750). Across origins it
    /// costs a preflight.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::get("/me").bearer_auth("mF_9.B5f-4.1JqM");
    /// assert_eq!(request.headers().get("authorization"), Some("Bearer mF_9.B5f-4.1JqM"));
    /// ```
    pub fn bearer_auth(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Says how the browser is to hold the response's body. Default: in memory.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, ResponseType};
    ///
    /// let feed = http::get("/feed.xml").response_type(ResponseType::Document).await?;
    /// println!("{:?}", feed.document().await?.document_element());
    /// # Ok(()) }
    /// ```
    pub fn response_type(mut self, response_type: ResponseType) -> Self {
        self.options.response_type = response_type;
        self.options.companions.set(Place::Held, xhr::held::hold);
        self.context.unpack = Some(unpack);
        self
    }

    /// Takes the response for one of this media type, whatever the server says
    /// ([`overrideMimeType`](https://xhr.spec.whatwg.org/#the-overridemimetype()-method)): its charset, if it names
    /// one, is that of text, and an XML or HTML type makes a document readable.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// // An old file whose server names no charset.
    /// let poem = http::get("/poem.txt").override_mime_type("text/plain; charset=windows-1252").await?;
    /// println!("{}", poem.text().await?);
    /// # Ok(()) }
    /// ```
    pub fn override_mime_type(mut self, mime_type: &str) -> Self {
        self.context.mime_override = Some(mime_type.to_owned());
        self.options.settings = Some(settings::set_up);
        self
    }

    /// Ends with [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) as soon as the response's body is known to have
    /// more bytes than this. Default: no bound.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// match http::get("https://elsewhere.example/feed").max_size(1 << 20).await {
    ///     Err(error) if error.is_too_large() => println!("more than 1 MiB"),
    ///     outcome => println!("{}", outcome?.text().await?),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.options.max_size = Some(bytes);
        self.options.companions.set(Place::Size, xhr::size::hold);
        self
    }

    /// Takes off the line `)]}'` with which some servers keep JSON from being run as a script.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// // The server sends: )]}'\n["a","b"]
    /// let names: Vec<String> = http::get("/names").strip_xssi_prefix().await?.json().await?;
    /// # Ok(()) }
    /// ```
    pub fn strip_xssi_prefix(mut self) -> Self {
        self.context.strip = Some(charset::strip_xssi);
        self
    }

    /// Lets [`Response::timing`](super::Response::timing) say where the time went, as
    /// [Resource Timing](https://w3c.github.io/resource-timing/) has it.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let response = http::get("/articles").with_timing().await?;
    /// if let Some(timing) = response.timing().await {
    ///     println!("{} ms, of these {:?} for DNS", timing.total.as_millis(), timing.dns);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn with_timing(mut self) -> Self {
        self.options.timing = Some(|url| Some(Rc::new(Watch::new(url)?)));
        self
    }

    /// Sends again when that is safe and promises to help: see [`Retry`]. With a
    /// [`timeout`](Request::timeout), that limit holds for all attempts and the waits between them.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    /// use std::time::Duration;
    ///
    /// // As often as the policy says, but never longer than 15 s in all.
    /// let items = http::get("/items").retry(Retry::new()).timeout(Duration::from_secs(15)).await?;
    /// # Ok(()) }
    /// ```
    pub fn retry(mut self, retry: Retry) -> Self {
        self.options.retry = Some((retry, retry::run));
        self.options.routed = Some(send_routed);
        self
    }

    /// The same request once more: a body of bytes is shared, not copied.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::post("/items").json(&["a"]);
    /// let signed = request.repeat().bearer_auth("token");
    /// assert_eq!(signed.body_bytes(), request.body_bytes());
    /// assert!(!request.headers().contains("authorization"));
    /// ```
    pub fn repeat(&self) -> Self {
        Request {
            context: self.context.clone(),
            body: self.body.clone(),
            options: self.options.clone(),
            error: self.error.as_ref().map(|error| Error::invalid(error.to_string())),
        }
    }

    /// The method.
    ///
    /// ```
    /// use pagewire::http::{self, Method};
    ///
    /// assert_eq!(http::request("post", "/items").method(), &Method::POST);
    /// ```
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.context.sent.asked.method
    }

    /// The URL, as it will be given to the browser: possibly relative.
    ///
    /// ```
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("/api/");
    /// assert_eq!(api.get("items").url(), "/api/items");
    /// ```
    #[must_use]
    pub fn url(&self) -> &str {
        &self.context.sent.url
    }

    /// The headers set so far. The browser adds its own.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// let request = http::post("/items").json(&());
    /// assert_eq!(request.headers().iter().collect::<Vec<_>>(), [("content-type", "application/json")]);
    /// ```
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.context.sent.asked.headers
    }

    /// The body as bytes, if it is text or bytes; a `Blob` or `FormData` is the browser's to read.
    ///
    /// ```
    /// use pagewire::http;
    ///
    /// assert_eq!(http::put("/note").body("hello").body_bytes(), Some(&b"hello"[..]));
    /// assert_eq!(http::get("/note").body_bytes(), None);
    /// ```
    #[must_use]
    pub fn body_bytes(&self) -> Option<&[u8]> {
        self.body.as_ref().and_then(Body::as_bytes)
    }

    /// Sends the request, with a stream of its events beside the response.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::StreamExt;
    /// use pagewire::http;
    ///
    /// let exchange = http::get("/film.mp4").start()?;
    /// let mut events = exchange.events();
    /// let (response, ()) = futures_util::future::join(exchange, async {
    ///     while let Some(event) = events.next().await {
    ///         println!("{event:?}");
    ///     }
    /// })
    /// .await;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the request is not valid, and
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) when it cannot be sent from here: nothing was sent.
    pub fn start(self) -> Result<Exchange> {
        Exchange::start(self)
    }

    /// The first thing that is wrong with the request.
    /// Sets a query parameter in place of those of that name: a position that is carried on.
    pub(crate) fn with_position(mut self, name: &str, position: &str) -> Self {
        url::set_query(&mut self.context.sent.url, name, position);
        self
    }

    pub(crate) fn check(&mut self) -> Result<()> {
        let scheme = url::scheme(&self.context.sent.url);
        if !REQUESTED.contains(&scheme.as_slice()) && !is_own_scheme(&scheme) {
            self.error.get_or_insert_with(|| {
                Error::invalid("the URL's scheme is not one that can be requested: use http or https")
            });
        }
        match self.error.take() {
            Some(error) => Err(error.with_url(&self.context.sent.url)),
            None => Ok(()),
        }
    }

    /// Whether a time limit depends on how the upload goes: without a look at it, the limit would take a slow upload for
    /// a silent server.
    pub(crate) fn limits_upload(&self) -> bool {
        self.body.is_some() && self.context.sent.asked.upload_limits
    }

    // Not by `header`, whose check a header of the library's own does not need.
    fn default_content_type(mut self, content_type: &str) -> Self {
        let headers = &mut self.context.sent.asked.headers;
        if !headers.contains("content-type") {
            headers.push("content-type", content_type);
            self.options.settings = Some(settings::set_up);
        }
        self
    }

    pub(super) fn fail(mut self, error: Error) -> Self {
        self.error.get_or_insert(error);
        self
    }
}

/// Whether this page or worker has the same scheme.
fn is_own_scheme(scheme: &[u8]) -> bool {
    require_browser().is_ok() && base_url().is_some_and(|own| url::scheme(&own) == scheme)
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
            .field("method", &self.context.sent.asked.method)
            .field("url", &url::redact(&self.context.sent.url))
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
