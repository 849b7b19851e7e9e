//! A GET request by an image: <https://html.spec.whatwg.org/multipage/embedded-content.html#the-img-element>.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use serde::Serialize;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortSignal, HtmlImageElement};

use super::ReferrerPolicy;
use crate::browser::clock;
use crate::browser::element::Owned;
use crate::browser::listener::Listener;
use crate::browser::policy;
use crate::error::{Error, Result};
use crate::proto::hex::hex;
use crate::proto::url;
use crate::transport::address::web_url;
use crate::transport::attempt::{Attempt, Ends};
use crate::transport::http::pairs;

/// A ping of `url` by an image: await it for a [`Pong`], or [`detach`](Image::detach) it. Only in a page.
///
/// A server needs nothing for it, no CORS and no particular answer. The same URL twice can be one request: browsers keep
/// the images of a page, so see [`unique`](Image::unique).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// let pong = pagewire::ping::image("https://elsewhere.example/p.gif").query("page", "/start").await?;
/// println!("answered within {} ms", pong.elapsed().as_millis());
/// # Ok(()) }
/// ```
#[must_use = "a ping is not sent until it is awaited or detached"]
pub fn image(url: impl Into<String>) -> Image {
    Image { url: url.into(), unique: None, referrer_policy: None, ends: Ends::default(), error: None }
}

/// A ping to be sent: built by value, checked when it is sent.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// let ping = pagewire::ping::image("/p.gif").query("page", "/start").unique("n");
/// ping.await?;
/// # Ok(()) }
/// ```
#[must_use = "a ping is not sent until it is awaited or detached"]
pub struct Image {
    url: String,
    unique: Option<String>,
    referrer_policy: Option<ReferrerPolicy>,
    ends: Ends,
    error: Option<Error>,
}

impl Image {
    /// Adds one query parameter, encoded as
    /// [`encodeURIComponent`](https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent) does.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// pagewire::ping::image("/p.gif").query("page", "/a b").query("visit", 2).await?;
    /// # Ok(()) }
    /// ```
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        url::append_query(&mut self.url, [(name, value.to_string())]);
        self
    }

    /// Adds the fields of a serde value, a struct or a list of pairs, as query parameters; a nested value is an error
    /// when the ping is sent.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// pagewire::ping::image("/p.gif").query_from(&[("page", "/start")]).await?;
    /// # Ok(()) }
    /// ```
    pub fn query_from(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match pairs(value) {
            Ok(pairs) => url::append_query(&mut self.url, pairs),
            Err(error) => drop(self.error.get_or_insert(error)),
        }
        self
    }

    /// Adds a parameter of this name whose value never repeats, so that the ping is a request of its own.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// for _ in 0..2 {
    ///     // Without it the second would be the first, from the cache.
    ///     pagewire::ping::image("/p.gif").unique("n").await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn unique(mut self, name: &str) -> Self {
        self.unique = Some(name.to_owned());
        self
    }

    /// How much of the page's address the request names. Default: what the page says.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::ping::{self, ReferrerPolicy};
    ///
    /// ping::image("https://elsewhere.example/p.gif").referrer_policy(ReferrerPolicy::Origin).await?;
    /// # Ok(()) }
    /// ```
    pub fn referrer_policy(mut self, policy: ReferrerPolicy) -> Self {
        self.referrer_policy = Some(policy);
        self
    }

    /// Fails with [`Phase::Total`](crate::Phase::Total) if nothing has come `after` this long. Default: the browser's own limit, which may be
    /// minutes.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use std::time::Duration;
    ///
    /// let late = pagewire::ping::image("/p.gif").timeout(Duration::from_secs(5)).await.is_err();
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, after: Duration) -> Self {
        self.ends.timeout = Some(after);
        self
    }

    /// Gives up when `signal` aborts. One that is aborted already sends nothing.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let controller = web_sys::AbortController::new().expect("a browser");
    /// let ping = pagewire::ping::image("/p.gif").abort_signal(&controller.signal());
    /// controller.abort();
    /// assert!(ping.await.is_err_and(|error| error.is_aborted()));
    /// # Ok(()) }
    /// ```
    pub fn abort_signal(mut self, signal: &AbortSignal) -> Self {
        self.ends.signal = Some(signal.clone());
        self
    }

    /// Sends now and needs no handle: the ping goes on by itself until it has an outcome, which nobody is told.
    ///
    /// # Errors
    /// As when awaited, for what is known at once: nothing was sent then.
    ///
    /// ```no_run
    /// pagewire::ping::image("/p.gif").query("clicked", "buy").detach()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn detach(self) -> Result<()> {
        let mut running = self.start()?;
        // The task owns the image, so nothing collects it before its outcome.
        spawn_local(async move {
            drop(poll_fn(|context| running.poll(context)).await);
        });
        Ok(())
    }

    fn start(mut self) -> Result<Running> {
        if let Some(error) = self.error.take() {
            return Err(error.with_url(&self.url));
        }
        if let Some(name) = &self.unique {
            let value = clock::unguessable().map(|bytes| hex(&bytes)).unwrap_or_default();
            url::append_query(&mut self.url, [(name, value)]);
        }
        let address = web_url(&self.url)?.href();
        let attempt = Attempt::new(&self.ends).map_err(|error| error.with_url(&self.url))?;
        let image = Owned::<HtmlImageElement>::create()?;
        if let Some(policy) = self.referrer_policy {
            image.set_referrer_policy(policy.as_str());
        }
        let outcome = attempt.outcome();
        let heard = Listener::new(&image, &["load", "error"], move |event| {
            outcome.settle(Ok(event.type_() == "load"));
        });
        let outcome = attempt.outcome();
        let own = url::strip_fragment(&address).to_owned();
        let policy = policy::watch(move |directive, blocked| {
            if directive == "img-src" && blocked == own {
                outcome.settle(Err(forbidden()));
            }
        });
        let started = clock::now();
        image.set_src(&address);
        let guards = Guards { _heard: heard, _policy: policy, image };
        Ok(Running { attempt, started, url: self.url, guards: Some(guards) })
    }
}

fn forbidden() -> Error {
    Error::blocked("the page's Content Security Policy forbids this image: see its `img-src`")
}

impl IntoFuture for Image {
    type Output = Result<Pong>;
    type IntoFuture = Pinging;

    fn into_future(self) -> Pinging {
        Pinging(State::New(Some(Box::new(self))))
    }
}

/// What came of a ping.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// let pong = pagewire::ping::image("/p.gif").await?;
/// println!("{} {:?}", pong.loaded(), pong.size());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pong {
    size: Option<(u32, u32)>,
    elapsed: Duration,
}

impl Pong {
    /// True if an image came, with whichever status. False for everything else: no image, an empty answer, nobody there.
    /// A browser does not say which, and the request may have arrived in either case.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let is_image = pagewire::ping::image("/p.gif").await?.loaded();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn loaded(&self) -> bool {
        self.size.is_some()
    }

    /// Width and height in pixels of the image that came.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// if let Some((width, height)) = pagewire::ping::image("/p.gif").await?.size() {
    ///     println!("{width} by {height} pixels");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        self.size
    }

    /// From sending to the outcome.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// println!("{} ms", pagewire::ping::image("/p.gif").await?.elapsed().as_millis());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// The future of a [`Pong`]. Sends when first polled; dropping it gives the request up. (WebKit goes on with it, unheard:
/// it has no means to stop an image.)
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use std::future::IntoFuture;
///
/// let pinging = pagewire::ping::image("/p.gif").into_future();
/// drop(pinging); // given up
/// # Ok(()) }
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Pinging(State);

enum State {
    New(Option<Box<Image>>),
    Running(Running),
}

impl Future for Pinging {
    type Output = Result<Pong>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Pong>> {
        if let State::New(image) = &mut self.0 {
            let Some(image) = image.take() else { return Poll::Pending };
            match image.start() {
                Ok(running) => self.0 = State::Running(running),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        match &mut self.0 {
            State::Running(running) => running.poll(context),
            State::New(_) => Poll::Pending,
        }
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("url", &url::redact(&self.url)).finish_non_exhaustive()
    }
}

impl fmt::Debug for Pinging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pinging").finish_non_exhaustive()
    }
}

struct Running {
    attempt: Attempt<bool>,
    started: Duration,
    url: String,
    guards: Option<Guards>,
}

/// Everything that lives as long as the request. The listener goes before the image, whose going is no event then.
struct Guards {
    _heard: Listener,
    _policy: Option<Listener>,
    image: Owned<HtmlImageElement>,
}

impl Running {
    fn poll(&mut self, context: &Context<'_>) -> Poll<Result<Pong>> {
        self.attempt.poll(context).map(|outcome| {
            let guards = self.guards.take();
            let loaded = outcome.map_err(|error| error.with_url(&self.url))?;
            let image = guards.filter(|_| loaded).map(|guards| guards.image);
            let size = image.map(|image| (image.natural_width(), image.natural_height()));
            Ok(Pong { size, elapsed: clock::now().saturating_sub(self.started) })
        })
    }
}
