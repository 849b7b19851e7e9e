//! What many requests share: a base URL, headers, limits, and what stands around each of them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::exchange::send_routed;
use super::stand_in::StandIn;
use super::{Method, Request, Response, Retry, xsrf};
use crate::error::Result;

/// Makes requests that share their defaults. Clones are cheap and share nothing that changes.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http::Client;
///
/// let api = Client::new().base("/api/").header("accept", "application/json");
/// let items = api.get("items").query("page", 2).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
#[must_use = "a client does nothing by itself"]
pub struct Client {
    base: String,
    defaults: Vec<Rc<dyn Fn(Request) -> Request>>,
    route: Option<Rc<dyn Route>>,
    engine: Option<Rc<dyn Route>>,
    /// Set with a route or an engine.
    routed: Option<fn(Request) -> BoxSending>,
}

/// The future of a response, on the heap.
///
/// ```
/// use pagewire::http::{BoxSending, Next, Request};
///
/// /// For [`Client::around`](pagewire::http::Client::around).
/// fn sign(request: Request, next: Next) -> BoxSending {
///     next.send(request.header("x-app", "reader"))
/// }
/// ```
pub type BoxSending = Pin<Box<dyn Future<Output = Result<Response>>>>;

/// What a request goes through on its way to the browser.
pub(crate) trait Route {
    fn send(&self, request: Request) -> BoxSending;
}

/// The rest of the way, for a function [around](Client::around) requests.
///
/// ```
/// use pagewire::http::{Client, Response};
///
/// let api = Client::new().around(|request, next| async move {
///     match request.url() {
///         "/version" => Ok(Response::made(200, &[], "1.0")), // answered here, not sent
///         _ => next.send(request).await,
///     }
/// });
/// ```
pub struct Next {
    route: Option<Rc<dyn Route>>,
    /// What answers at the end of the way, if it is not the browser's XMLHttpRequest.
    engine: Option<Rc<dyn Route>>,
}

impl Next {
    /// Sends the request on. May be called several times, to send again. Fails as awaiting a [`Request`] does.
    ///
    /// ```
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().around(|request, next| async move {
    ///     let again = request.repeat();
    ///     match next.send(request).await {
    ///         Err(error) if error.is_network() => next.send(again).await,
    ///         outcome => outcome,
    ///     }
    /// });
    /// ```
    pub fn send(&self, mut request: Request) -> BoxSending {
        request.options.route.clone_from(&self.route);
        if request.options.engine.is_none() {
            request.options.engine.clone_from(&self.engine);
        }
        send_routed(request)
    }
}

struct Around<F> {
    around: F,
    inner: Option<Rc<dyn Route>>,
}

impl<F, S> Route for Around<F>
where
    F: Fn(Request, Next) -> S,
    S: Future<Output = Result<Response>> + 'static,
{
    fn send(&self, request: Request) -> BoxSending {
        let next = Next { route: self.inner.clone(), engine: request.options.engine.clone() };
        Box::pin((self.around)(request, next))
    }
}

impl Client {
    /// A client without defaults.
    ///
    /// ```
    /// use pagewire::http::Client;
    ///
    /// assert_eq!(Client::new().get("/items").url(), "/items");
    /// ```
    pub fn new() -> Self {
        Client::default()
    }

    /// Puts `base` in front of the URL of each request, unless that has a scheme or begins with a slash.
    ///
    /// ```
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("https://api.example/v1/");
    /// assert_eq!(api.get("items").url(), "https://api.example/v1/items");
    /// assert_eq!(api.get("/health").url(), "/health");
    /// ```
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// Sets a header of each request, unless the request sets it itself. One that may not be set is an error when a
    /// request is sent, as with [`Request::header`].
    ///
    /// ```
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().header("accept", "application/json");
    /// assert_eq!(api.get("/items").headers().get("accept"), Some("application/json"));
    /// let page = api.get("/page").header("accept", "text/html");
    /// assert_eq!(page.headers().get("accept"), Some("text/html"));
    /// ```
    pub fn header(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.with(move |request| request.header(&name, &value))
    }

    /// Sets [`Request::with_credentials`] of each request: cookies go and come across origins.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("https://api.example/").with_credentials(true);
    /// let me = api.get("me").await?;
    /// # Ok(()) }
    /// ```
    pub fn with_credentials(self, with: bool) -> Self {
        self.with(move |request| request.with_credentials(with))
    }

    /// Sets [`Request::timeout`] of each request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    /// use std::time::Duration;
    ///
    /// let api = Client::new().timeout(Duration::from_secs(10));
    /// let export = api.get("/export").timeout(Duration::from_secs(300)).await?; // the one that takes longer
    /// # Ok(()) }
    /// ```
    pub fn timeout(self, after: Duration) -> Self {
        self.with(move |request| request.timeout(after))
    }

    /// Sets [`Request::first_byte_timeout`] of each request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    /// use std::time::Duration;
    ///
    /// let api = Client::new().first_byte_timeout(Duration::from_millis(1500));
    /// let items = api.get("/items").await?;
    /// # Ok(()) }
    /// ```
    pub fn first_byte_timeout(self, after: Duration) -> Self {
        self.with(move |request| request.first_byte_timeout(after))
    }

    /// Sets [`Request::idle_timeout`] of each request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    /// use std::time::Duration;
    ///
    /// let files = Client::new().base("/files/").idle_timeout(Duration::from_secs(20));
    /// let film = files.get("film.mp4").await?;
    /// # Ok(()) }
    /// ```
    pub fn idle_timeout(self, after: Duration) -> Self {
        self.with(move |request| request.idle_timeout(after))
    }

    /// Sets [`Request::retry`] of each request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{Client, Retry};
    ///
    /// let api = Client::new().retry(Retry::new());
    /// let live = api.get("/live").retry(Retry::new().more_attempts(0)).await?; // this one only once
    /// # Ok(()) }
    /// ```
    pub fn retry(self, retry: Retry) -> Self {
        self.with(move |request| request.retry(retry))
    }

    /// Copies a cookie of this page into a header of requests that change something
    /// ([unsafe methods](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1)) and go to the page's own origin. A
    /// server that redirects such a request to another origin hands the token on with it, if that origin's preflight lets
    /// it: browsers take `Authorization` off on the way, and no other header.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().xsrf("XSRF-TOKEN", "X-XSRF-TOKEN");
    /// api.post("/items").json(&["a"]).await?.error_for_status()?;
    /// # Ok(()) }
    /// ```
    pub fn xsrf(self, cookie: &str, header: &str) -> Self {
        let (cookie, header) = (cookie.to_owned(), header.to_owned());
        self.around(move |request, next| next.send(xsrf::protect(request, &cookie, &header)))
    }

    /// Puts `around` around each request: it gets the request and the rest of the way, and gives the response. That
    /// serves logging, refreshing a token after a 401, and caching alike. The last one added is the outermost; retries
    /// happen inside.
    ///
    /// ```no_run
    /// # fn token() -> String { String::new() }
    /// # async fn refresh() -> pagewire::Result<()> { Ok(()) }
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().around(|request, next| async move {
    ///     let again = request.repeat();
    ///     let response = next.send(request.bearer_auth(&token())).await?;
    ///     if response.status() != 401 {
    ///         return Ok(response);
    ///     }
    ///     refresh().await?;
    ///     next.send(again.bearer_auth(&token())).await
    /// });
    /// ```
    pub fn around<F, S>(mut self, around: F) -> Self
    where
        F: Fn(Request, Next) -> S + 'static,
        S: Future<Output = Result<Response>> + 'static,
    {
        self.routed = Some(send_routed);
        self.route = Some(Rc::new(Around { around, inner: self.route }));
        self
    }

    /// Lets `answer` answer in the place of the browser: for an app's own tests, on native targets too. Requests are
    /// checked first, retried, aborted, and bound by `max_size` and [`timeout`](Request::timeout), as ever; native targets
    /// have no clock for the latter.
    ///
    /// ```
    /// use pagewire::http::{Client, Response};
    ///
    /// let api = Client::new().transport(|request| async move {
    ///     assert_eq!(request.url(), "/items");
    ///     Ok(Response::made(200, &[("content-type", "application/json")], "[1, 2]"))
    /// });
    /// # let mut future = Box::pin(async { api.get("/items").await?.json::<Vec<u32>>().await });
    /// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// # let std::task::Poll::Ready(items) = future.as_mut().poll(&mut context) else { panic!() };
    /// # use std::future::Future;
    /// # assert_eq!(items.unwrap(), [1, 2]);
    /// ```
    pub fn transport<F, S>(mut self, answer: F) -> Self
    where
        F: Fn(Request) -> S + 'static,
        S: Future<Output = Result<Response>> + 'static,
    {
        self.routed = Some(send_routed);
        self.engine = Some(Rc::new(StandIn(answer)));
        self
    }

    /// A GET request.
    ///
    /// ```
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("/api/");
    /// assert_eq!(api.get("items").query("page", 2).url(), "/api/items?page=2");
    /// ```
    pub fn get(&self, url: &str) -> Request {
        self.make(Request::new(Method::GET, self.address(url)))
    }

    /// A HEAD request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    ///
    /// let files = Client::new().base("/files/");
    /// let is_there = files.head("film.mp4").await?.is_success();
    /// # Ok(()) }
    /// ```
    pub fn head(&self, url: &str) -> Request {
        self.make(Request::new(Method::HEAD, self.address(url)))
    }

    /// A POST request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("/api/");
    /// let made = api.post("items").json(&["a"]).await?.error_for_status()?;
    /// # Ok(()) }
    /// ```
    pub fn post(&self, url: &str) -> Request {
        self.make(Request::new(Method::POST, self.address(url)))
    }

    /// A PUT request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("/api/");
    /// api.put("items/7/name").body("seven").await?.error_for_status()?;
    /// # Ok(()) }
    /// ```
    pub fn put(&self, url: &str) -> Request {
        self.make(Request::new(Method::PUT, self.address(url)))
    }

    /// A PATCH request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("/api/");
    /// api.patch("items/7").form(&[("name", "seven")]).await?.error_for_status()?;
    /// # Ok(()) }
    /// ```
    pub fn patch(&self, url: &str) -> Request {
        self.make(Request::new(Method::PATCH, self.address(url)))
    }

    /// A DELETE request.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Client;
    ///
    /// let api = Client::new().base("/api/");
    /// api.delete("items/7").await?.error_for_status()?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, url: &str) -> Request {
        self.make(Request::new(Method::DELETE, self.address(url)))
    }

    /// A request with any method, as [`http::request`](super::request).
    ///
    /// ```
    /// use pagewire::http::Client;
    ///
    /// let folder = Client::new().base("/dav/").request("PROPFIND", "photos/");
    /// assert_eq!((folder.method().as_str(), folder.url()), ("PROPFIND", "/dav/photos/"));
    /// ```
    pub fn request(&self, method: &str, url: &str) -> Request {
        self.make(Request::with_method_name(method, self.address(url)))
    }

    fn with(mut self, set: impl Fn(Request) -> Request + 'static) -> Self {
        self.defaults.push(Rc::new(set));
        self
    }

    fn make(&self, request: Request) -> Request {
        let mut request = self.defaults.iter().fold(request, |request, set| set(request));
        request.options.routed = request.options.routed.or(self.routed);
        request.options.route.clone_from(&self.route);
        request.options.engine.clone_from(&self.engine);
        request
    }

    fn address(&self, url: &str) -> String {
        if url.starts_with('/') || crate::proto::url::is_absolute(url) {
            return url.to_owned();
        }
        format!("{}{url}", self.base)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}
