//! What many requests share: a base URL, headers, limits, and what stands around each of them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::exchange::send_routed;
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
}

/// The future of a response, on the heap.
pub type BoxSending = Pin<Box<dyn Future<Output = Result<Response>>>>;

/// What a request goes through on its way to the browser.
pub(crate) trait Route {
    fn send(&self, request: Request) -> BoxSending;
}

/// The rest of the way, for a function [around](Client::around) requests.
pub struct Next(Option<Rc<dyn Route>>);

impl Next {
    /// Sends the request on. May be called several times, to send again.
    pub fn send(&self, mut request: Request) -> BoxSending {
        request.route.clone_from(&self.0);
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
        Box::pin((self.around)(request, Next(self.inner.clone())))
    }
}

/// Answers in the place of the browser.
struct Transport<F>(F);

impl<F, S> Route for Transport<F>
where
    F: Fn(Request) -> S,
    S: Future<Output = Result<Response>> + 'static,
{
    fn send(&self, request: Request) -> BoxSending {
        match request.check() {
            Ok(request) => Box::pin((self.0)(request)),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}

impl Client {
    /// A client without defaults.
    pub fn new() -> Self {
        Client::default()
    }

    /// Puts `base` in front of the URL of each request, unless that has a scheme or begins with a slash.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// Sets a header of each request, unless the request sets it itself.
    pub fn header(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.with(move |request| request.header(&name, &value))
    }

    /// Sends and takes credentials across origins.
    pub fn with_credentials(self, with: bool) -> Self {
        self.with(move |request| request.with_credentials(with))
    }

    /// Sets [`Request::timeout`] of each request.
    pub fn timeout(self, after: Duration) -> Self {
        self.with(move |request| request.timeout(after))
    }

    /// Sets [`Request::first_byte_timeout`] of each request.
    pub fn first_byte_timeout(self, after: Duration) -> Self {
        self.with(move |request| request.first_byte_timeout(after))
    }

    /// Sets [`Request::idle_timeout`] of each request.
    pub fn idle_timeout(self, after: Duration) -> Self {
        self.with(move |request| request.idle_timeout(after))
    }

    /// Sets [`Request::retry`] of each request.
    pub fn retry(self, retry: Retry) -> Self {
        self.with(move |request| request.retry(retry))
    }

    /// Copies a cookie of this page into a header of requests that change something
    /// ([unsafe methods](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1)) and go to the page's own origin; the
    /// token never leaves for another one.
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
        self.route = Some(Rc::new(Around { around, inner: self.route }));
        self
    }

    /// Lets `answer` answer in the place of the browser: for an app's own tests, on native targets too. Requests are
    /// checked first, and retried, as ever.
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
        self.engine = Some(Rc::new(Transport(answer)));
        self
    }

    /// A GET request.
    pub fn get(&self, url: &str) -> Request {
        self.make(Request::new(Method::GET, self.address(url)))
    }

    /// A HEAD request.
    pub fn head(&self, url: &str) -> Request {
        self.make(Request::new(Method::HEAD, self.address(url)))
    }

    /// A POST request.
    pub fn post(&self, url: &str) -> Request {
        self.make(Request::new(Method::POST, self.address(url)))
    }

    /// A PUT request.
    pub fn put(&self, url: &str) -> Request {
        self.make(Request::new(Method::PUT, self.address(url)))
    }

    /// A PATCH request.
    pub fn patch(&self, url: &str) -> Request {
        self.make(Request::new(Method::PATCH, self.address(url)))
    }

    /// A DELETE request.
    pub fn delete(&self, url: &str) -> Request {
        self.make(Request::new(Method::DELETE, self.address(url)))
    }

    /// A request with any method, as [`http::request`](super::request).
    pub fn request(&self, method: &str, url: &str) -> Request {
        self.make(Request::with_method_name(method, self.address(url)))
    }

    fn with(mut self, set: impl Fn(Request) -> Request + 'static) -> Self {
        self.defaults.push(Rc::new(set));
        self
    }

    fn make(&self, request: Request) -> Request {
        let mut request = self.defaults.iter().fold(request, |request, set| set(request));
        request.route.clone_from(&self.route);
        request.engine.clone_from(&self.engine);
        request
    }

    fn address(&self, url: &str) -> String {
        if url.starts_with('/') || crate::proto::url::scheme_of(url).is_some() {
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
