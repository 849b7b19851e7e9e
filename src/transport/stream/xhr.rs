//! Streams over XMLHttpRequest: one request after another, each within a budget.

use std::fmt;
use std::time::Duration;

use super::bytes::{Engine, checked};
use crate::browser::clock;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::http::{Request, within};
use crate::transport::incoming::{Opening, Reading, Step};
use crate::transport::sse;
use crate::transport::xhr::arriving::{Terms, over_xhr};

/// The second engine of streams: an `XMLHttpRequest` whose text is read at
/// [ready state 3](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-readystate), for where `fetch` cannot be used: an app in
/// a shell that has no streams, a page whose `fetch` somebody has wrapped.
///
/// What is different from `fetch`:
/// - The browser keeps the whole response of a request. So there is a [`budget`](Xhr::budget), and when it is used up the
///   stream goes on with another request, if it can [`resume`](Xhr::resume), or ends with
///   [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
/// - There is no backpressure: a reader that waits does not hold the server back. What comes meanwhile waits in the browser,
///   and is bounded by the budget, and what arrives between two looks at it.
/// - The browser shows what has come at most about every 50 ms.
/// - Chromium shows nothing of a `text/plain` response, or one without a `Content-Type`, before its 1024th byte or its end,
///   because it may [sniff](https://mimesniff.spec.whatwg.org/) its type. The server must send
///   `X-Content-Type-Options: nosniff`, or another type, such as `application/x-ndjson`. The first two bytes of any body are
///   shown with the third.
/// - A body that begins with the bytes of a byte order mark (EF BB BF, FE FF or FF FE) is not seen byte for byte, as the mark
///   decides over every charset: with characters beyond ASCII that is an error of kind
///   [`Decode`](crate::ErrorKind::Decode), without them the mark is missing.
/// - The browser's cache cannot be bypassed, so each URL is made unique by a query parameter.
/// - A request body with a first-byte or idle limit is possible, at the price of a preflight across origins.
///
/// A service worker has none: see [`Capability::Xhr`](crate::environment::Capability::Xhr).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::stream::{self, Xhr};
///
/// // The server goes on at byte `from`.
/// let mut log = stream::lines("/log").over_xhr(Xhr::new().resume_by_query("from"));
/// while let Some(line) = log.try_next().await? {
///     println!("{line}");
/// }
/// # Ok(()) }
/// ```
pub struct Xhr {
    terms: Terms,
    resume: Option<Resume>,
    by_range: bool,
}

/// Makes the request whose response goes on at this byte.
type Resume = Box<dyn Fn(Request, u64) -> Request>;

impl Xhr {
    /// With a budget of 4 MiB, and nothing to resume by.
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Xhr};
    ///
    /// let answer = stream::text("/answer").over_xhr(Xhr::new());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        let terms = Terms { budget: 4 << 20, unique: Some("_".to_owned()) };
        Xhr { terms, resume: None, by_range: false }
    }

    /// How many bytes of its response a request may use up. Default: 4 MiB; more makes each look at the text slower in
    /// Chromium, up to 24 ms with 8 MiB. A record must fit into it: a greater one ends the stream with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Xhr};
    ///
    /// let photos = stream::frames("/photos").over_xhr(Xhr::new().budget(16 << 20).resume_by_query("from"));
    /// ```
    #[must_use]
    pub fn budget(mut self, bytes: u64) -> Self {
        self.terms.budget = bytes;
        self
    }

    /// How the stream goes on when a budget is used up. The function is given the request anew, and where the first record
    /// that is missing begins: in bytes from the start of the stream, over all its requests together. Every record before it
    /// was handed on, so a function may just as well ask for what comes after the last of them. The response must go on at
    /// exactly that place; one without a body, such as a 204, ends the stream.
    ///
    /// Naming a function says that the request may be sent again, whatever its method.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// use futures_util::TryStreamExt;
    /// use pagewire::stream::{self, Xhr};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Trade {
    ///     id: u64,
    /// }
    /// let last = Rc::new(Cell::new(0));
    /// let seen = last.clone();
    /// let engine = Xhr::new().resume(move |request, _| request.query("after", seen.get()));
    /// let mut trades = stream::ndjson::<Trade>("/trades").over_xhr(engine);
    /// while let Some(trade) = trades.try_next().await? {
    ///     last.set(trade.id);
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn resume(mut self, next: impl Fn(Request, u64) -> Request + 'static) -> Self {
        self.resume = Some(Box::new(next));
        self.by_range = false;
        self
    }

    /// Resumes by a query parameter that says at which byte.
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Xhr};
    ///
    /// let log = stream::lines("/log").over_xhr(Xhr::new().resume_by_query("from"));
    /// ```
    #[must_use]
    pub fn resume_by_query(self, name: &str) -> Self {
        let name = name.to_owned();
        self.resume(move |request, offset| request.query(&name, offset))
    }

    /// Resumes by a [`Range`](https://www.rfc-editor.org/rfc/rfc9110#section-14.2), as servers of files have it: for a
    /// file that stays the same, or only grows. An answer of 416 ends the stream, and one that is no 206 is an error of kind
    /// [`Status`](crate::ErrorKind::Status). No preflight across origins in Chromium and Firefox.
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Xhr};
    ///
    /// let rows = stream::ndjson::<Vec<f64>>("/rows.ndjson").over_xhr(Xhr::new().resume_by_range());
    /// ```
    #[must_use]
    pub fn resume_by_range(self) -> Self {
        let range = |offset: u64| ["bytes=", &offset.to_string(), "-"].concat();
        Xhr { by_range: true, ..self.resume(move |request, offset| request.header("range", &range(offset))) }
    }

    /// The name of the query parameter that makes each URL unique. Default: `_`.
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Xhr};
    ///
    /// let log = stream::lines("/log").over_xhr(Xhr::new().unique_by("nocache"));
    /// ```
    #[must_use]
    pub fn unique_by(mut self, name: &str) -> Self {
        self.terms.unique = Some(name.to_owned());
        self
    }

    /// Leaves the URL as it is, for a server that minds the parameter: then two streams of one URL wait for each other, and
    /// answers must say `Cache-Control: no-store`.
    ///
    /// ```no_run
    /// use pagewire::stream::{self, Xhr};
    ///
    /// let log = stream::lines("/log").over_xhr(Xhr::new().same_url());
    /// ```
    #[must_use]
    pub fn same_url(mut self) -> Self {
        self.terms.unique = None;
        self
    }
}

impl Default for Xhr {
    fn default() -> Self {
        Xhr::new()
    }
}

impl fmt::Debug for Xhr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xhr").field("budget", &self.terms.budget).finish_non_exhaustive()
    }
}

impl sse::Engine for Xhr {
    fn open(&self, request: Request) -> Opening {
        over_xhr(request, &self.terms)
    }

    fn refusal(&self) -> Option<Error> {
        let refusal = || Error::unsupported("a stream of events resumes by their IDs: name no other way");
        self.resume.as_ref().map(|_| refusal())
    }
}

/// The requests of one stream.
pub(super) struct Rotation {
    xhr: Xhr,
    /// The first, to be repeated.
    request: Option<Request>,
    deadline: Option<Duration>,
    /// Where the response of the present request begins in the stream.
    offset: u64,
}

impl Rotation {
    pub(super) fn new(xhr: Xhr) -> Self {
        Rotation { xhr, request: None, deadline: None, offset: 0 }
    }

    fn next(&mut self, request: &Request, taken: u64) -> Result<Reading> {
        let full = |message| Err(Error::new(ErrorKind::TooLarge, message));
        let Some(resume) = &self.xhr.resume else {
            return full("the budget of the XMLHttpRequest is used up: name how to resume, or use fetch");
        };
        if taken == 0 {
            let error = full("a record has more bytes than the budget of an XMLHttpRequest: raise it");
            return error.map_err(|error| error.with_offset(self.offset));
        }
        self.offset += taken;
        let next = resume(within(request.repeat(), self.deadline), self.offset);
        let opening = over_xhr(next, &self.xhr.terms);
        Ok(if self.xhr.by_range { Box::pin(part(opening)) } else { checked(opening) })
    }
}

impl Engine for Rotation {
    fn begin(&mut self, request: Request) -> Reading {
        let total = request.options.limits.total;
        self.deadline = total.map(|total| clock::now().saturating_add(total));
        self.request = Some(request.repeat());
        checked(over_xhr(request, &self.xhr.terms))
    }

    fn go_on(&mut self, taken: u64) -> Result<Reading> {
        let Some(request) = self.request.take() else { return Ok(Box::pin(async { Ok(Step::End) })) };
        let next = self.next(&request, taken).map_err(|error| error.with_url(&request.context.sent.url));
        self.request = Some(request);
        next
    }
}

/// A part of what there is. 416 says that there is no more of it.
async fn part(opening: Opening) -> Result<Step> {
    let incoming = opening.await?;
    match incoming.status() {
        206 => incoming.read().await,
        416 => Ok(Step::End),
        status => {
            let error = Error::new(
                ErrorKind::Status(status),
                "the server was asked for a part, and answered otherwise",
            );
            Err(error.with_url(incoming.url()))
        }
    }
}
