//! The builder of a call, and its future.

use std::any::Any;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use serde::Serialize;
use web_sys::AbortSignal;

use super::answer::Answer;
use super::{ReferrerPolicy, frame, page};
use crate::browser::outcome::Outcome;
use crate::error::{Error, Result};
use crate::proto::{jsonp, url};
use crate::transport::address::web_url;
use crate::transport::attempt::{Attempt, Ends};
use crate::transport::http::pairs;

/// The default limit of time: a script's failure may show in nothing else.
const PATIENCE: Duration = Duration::from_secs(30);

/// The default limit of size: 16 MiB.
const LARGEST: usize = 16 << 20;

/// A call whose script runs in a frame of its own, with an origin that is nobody's: it can neither read nor change the
/// page, its cookies, its storage or its other calls. Only in a page.
///
/// Cookies with `SameSite` do not go with it, as the frame is no part of the page's site (but in WebKit they do). A page with a Content Security
/// Policy needs in it, for the frame, its program and the script:
///
/// ```text
/// frame-src data:; script-src 'sha256-9PABglDJj8cArSZhK9sJB9btfMbEJkCqh+1lrltjGrg=' https://old.example
/// ```
///
/// and with `trusted-types` in it, the name `pagewire` there. A `nonce` of the page's, given to [`nonce`](Call::nonce),
/// takes the place of what stands after `script-src`.
#[must_use = "a call is not made until it is awaited"]
pub fn get(url: impl Into<String>) -> Call {
    Call::new(url.into(), frame::run)
}

/// A call whose script runs in the page itself, with the page's cookies for that server and **with every right that the
/// page has**: it can read and change the page, its cookies and storage, and act for the user. Only for servers that are
/// trusted like the page's own, and only where [`get`] will not do.
///
/// What cannot be undone: a request that is given up is still sent and answered. Its script does not run then.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// let me = pagewire::jsonp::get_and_trust_the_server_with_this_page("https://login.example/me").await?;
/// println!("{}", me.text());
/// # Ok(()) }
/// ```
#[must_use = "a call is not made until it is awaited"]
pub fn get_and_trust_the_server_with_this_page(url: impl Into<String>) -> Call {
    Call::new(url.into(), page::run)
}

/// A call to be made: built by value, checked when it is made.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// let call = pagewire::jsonp::get("https://old.example/data").query("page", 2).max_size(100_000);
/// let answer = call.await?;
/// # Ok(()) }
/// ```
#[must_use = "a call is not made until it is awaited"]
pub struct Call {
    pub(super) url: String,
    pub(super) parameter: String,
    pub(super) callback: Option<String>,
    pub(super) max_size: usize,
    pub(super) nonce: String,
    pub(super) charset: String,
    pub(super) referrer_policy: Option<ReferrerPolicy>,
    pub(super) redirects: Vec<String>,
    ends: Ends,
    run: Run,
    error: Option<Error>,
}

/// Starts a call whose URL is absolute, and gives what has to live until its outcome. A function and not a flag, so that
/// an app does not carry the way it does not go.
type Run = fn(&Call, &Outcome<Result<Answer>>) -> Result<Box<dyn Any>>;

impl Call {
    fn new(url: String, run: Run) -> Self {
        Call {
            url,
            parameter: "callback".to_owned(),
            callback: None,
            max_size: LARGEST,
            nonce: String::new(),
            charset: String::new(),
            referrer_policy: None,
            redirects: Vec::new(),
            ends: Ends { timeout: Some(PATIENCE), signal: None },
            run,
            error: None,
        }
    }

    /// Adds one query parameter, encoded as
    /// [`encodeURIComponent`](https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent) does.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").query("page", 2).await?;
    /// # Ok(()) }
    /// ```
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        url::append_query(&mut self.url, [(name, value.to_string())]);
        self
    }

    /// Adds the fields of a serde value, a struct or a list of pairs, as query parameters; a nested value is an error
    /// when the call is made.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").query_from(&[("page", "2")]).await?;
    /// # Ok(()) }
    /// ```
    pub fn query_from(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match pairs(value) {
            Ok(pairs) => {
                url::append_query(&mut self.url, pairs);
                self
            }
            Err(error) => self.fail(error),
        }
    }

    /// The query parameter in which the server looks for the callback's name. Default: `callback`.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").callback_parameter("jsonp").await?;
    /// # Ok(()) }
    /// ```
    pub fn callback_parameter(mut self, name: &str) -> Self {
        self.parameter = name.to_owned();
        self
    }

    /// The callback's name, for servers that always call the same. Letters, digits, `_` and `$`; anything else is an
    /// error when the call is made, and so is a name that the page, or every page, has something of. Default: `callback`
    /// in a frame, so that answers can be cached; a name that nobody can guess in the page.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").callback_name("on_data").await?;
    /// # Ok(()) }
    /// ```
    pub fn callback_name(mut self, name: &str) -> Self {
        self.callback = Some(name.to_owned());
        self
    }

    /// Fails with [`Phase::Total`](crate::Phase::Total) if there is no answer `after` this long. Default: 30 s.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use std::time::Duration;
    ///
    /// let answer = pagewire::jsonp::get("https://old.example/data").timeout(Duration::from_secs(5)).await?;
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
    /// let answer = pagewire::jsonp::get("https://old.example/data").abort_signal(&controller.signal()).await?;
    /// # Ok(()) }
    /// ```
    pub fn abort_signal(mut self, signal: &AbortSignal) -> Self {
        self.ends.signal = Some(signal.clone());
        self
    }

    /// The longest answer, in bytes of its JSON. A longer one is [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    /// Default: 16 MiB.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let small = pagewire::jsonp::get("https://old.example/data").max_size(10_000).await;
    /// assert!(small.is_err_and(|error| error.is_too_large()));
    /// # Ok(()) }
    /// ```
    pub fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }

    /// The [nonce](https://html.spec.whatwg.org/multipage/urls-and-fetching.html#attr-nonce) that the page's policy lets
    /// scripts run by.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").nonce("r4nd0m").await?;
    /// # Ok(()) }
    /// ```
    pub fn nonce(self, nonce: &str) -> Self {
        if !jsonp::is_nonce(nonce) {
            return self.fail(Error::invalid("a nonce is written in base64"));
        }
        Call { nonce: nonce.to_owned(), ..self }
    }

    /// How the script is decoded where the server does not say. Default: as the page.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").charset("windows-1252").await?;
    /// # Ok(()) }
    /// ```
    pub fn charset(mut self, charset: &str) -> Self {
        self.charset = charset.to_owned();
        self
    }

    /// How much of the page's address the request names. A frame's request names none of it in any case; a policy is then
    /// only a second reason. Default: what the page says.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::jsonp::ReferrerPolicy;
    ///
    /// let answer = pagewire::jsonp::get("https://old.example/data").referrer_policy(ReferrerPolicy::NoReferrer).await?;
    /// # Ok(()) }
    /// ```
    pub fn referrer_policy(mut self, policy: ReferrerPolicy) -> Self {
        self.referrer_policy = Some(policy);
        self
    }

    /// Lets the frame follow a redirect to another origin, such as `https://new.example`. Otherwise that is
    /// [`ErrorKind::Blocked`](crate::ErrorKind::Blocked). In the page, which follows every redirect, it is an error.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").allow_redirects_to("https://cdn.example").await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_redirects_to(mut self, origin: &str) -> Self {
        self.redirects.push(origin.to_owned());
        self
    }

    fn start(mut self) -> Result<Running> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.url = web_url(&self.url)?.href();
        if let Some(name) = &self.callback {
            jsonp::check_name(name).map_err(Error::invalid)?;
        }
        let attempt = Attempt::new(&self.ends)?;
        let guards = (self.run)(&self, &attempt.outcome())?;
        Ok(Running { attempt, url: self.url, guards: Some(guards) })
    }

    fn fail(mut self, error: Error) -> Self {
        self.error.get_or_insert(error);
        self
    }
}

impl IntoFuture for Call {
    type Output = Result<Answer>;
    type IntoFuture = Calling;

    fn into_future(self) -> Calling {
        Calling(State::New(Some(Box::new(self))))
    }
}

/// The future of an [`Answer`]. Calls when first polled; dropping it gives the call up.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use std::future::IntoFuture;
///
/// let calling = pagewire::jsonp::get("https://old.example/data").into_future();
/// drop(calling); // the frame is gone
/// # Ok(()) }
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct Calling(State);

enum State {
    New(Option<Box<Call>>),
    Running(Running),
}

struct Running {
    attempt: Attempt<Answer>,
    url: String,
    guards: Option<Box<dyn Any>>,
}

impl Future for Calling {
    type Output = Result<Answer>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Answer>> {
        if let State::New(call) = &mut self.0 {
            let Some(call) = call.take() else { return Poll::Pending };
            let url = call.url.clone();
            match call.start() {
                Ok(running) => self.0 = State::Running(running),
                Err(error) => return Poll::Ready(Err(error.with_url(&url))),
            }
        }
        let State::Running(running) = &mut self.0 else { return Poll::Pending };
        running.attempt.poll(context).map(|outcome| {
            running.guards = None;
            outcome.map_err(|error| error.with_url(&running.url))
        })
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("url", &url::redact(&self.url)).finish_non_exhaustive()
    }
}

impl fmt::Debug for Calling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calling").finish_non_exhaustive()
    }
}
