//! How the place reached is carried from an answer to the next question.

use std::fmt;

use crate::browser::clock;
use crate::error::{Error, Result};
use crate::proto::json;
use crate::proto::retry_after::parse_http_date;
use crate::transport::http::{Request, Response};

/// Reads the position of an answer and writes it into the next request, so that nothing is missed between the two.
///
/// ```no_run
/// use pagewire::poll::{self, Cursor};
///
/// // The server names the position in a header, and takes it as `?after=`.
/// let cursor = Cursor::query("after", |answer| answer.header("x-position").map(str::to_owned));
/// let updates = poll::long("/updates").cursor(cursor).open();
/// ```
pub struct Cursor {
    read: Read,
    write: Write,
    /// Whether whatever has something in it must have a position.
    is_certain: bool,
    /// Whether a server that has lost the channel is asked again.
    outlives_channel: bool,
}

type Read = Box<dyn Fn(&Response) -> Option<String>>;
type Write = Box<dyn Fn(Request, &str) -> Request>;

impl Cursor {
    /// A cursor of the caller's own. Where `read` finds no position, the last one stands, and the next question keeps the
    /// [spacing](super::Long::spacing), as after an answer with nothing. `write` sees every request but
    /// those before the first position.
    ///
    /// ```no_run
    /// use pagewire::poll::Cursor;
    ///
    /// let cursor = Cursor::new(
    ///     |answer| answer.header("x-offset").map(str::to_owned),
    ///     |request, offset| request.header("x-offset", offset),
    /// );
    /// ```
    #[must_use]
    pub fn new(
        read: impl Fn(&Response) -> Option<String> + 'static,
        write: impl Fn(Request, &str) -> Request + 'static,
    ) -> Self {
        Cursor { read: Box::new(read), write: Box::new(write), is_certain: false, outlives_channel: false }
    }

    /// The position goes into a query parameter, in place of what the URL has by that name, so that no preflight is needed
    /// across origins.
    ///
    /// ```no_run
    /// use pagewire::poll::Cursor;
    ///
    /// let cursor = Cursor::query("after", |answer| answer.header("x-position").map(str::to_owned));
    /// ```
    #[must_use]
    pub fn query(name: &str, read: impl Fn(&Response) -> Option<String> + 'static) -> Self {
        let name = name.to_owned();
        Cursor::new(read, move |request, position| request.with_position(&name, position))
    }

    /// The position is the response header `field`, which across origins the server must expose, and goes into the query
    /// parameter `name`. An answer without it is an error.
    ///
    /// ```no_run
    /// use pagewire::poll::Cursor;
    ///
    /// let cursor = Cursor::header("x-position", "after");
    /// ```
    #[must_use]
    pub fn header(field: &str, name: &str) -> Self {
        let field = field.to_owned();
        Cursor::query(name, move |answer| answer.header(&field).map(str::to_owned)).certain()
    }

    /// The position is the member `field` of a JSON object, a string or a number, and goes into the query parameter `name`.
    /// An answer without it is an error.
    ///
    /// ```no_run
    /// use pagewire::poll::Cursor;
    ///
    /// // {"next": 17, "items": []}, and then ?after=17
    /// let cursor = Cursor::json("next", "after");
    /// ```
    #[must_use]
    pub fn json(field: &str, name: &str) -> Self {
        let field = field.to_owned();
        Cursor::query(name, move |answer| json::member(&answer.peek()?, &field)).certain()
    }

    /// [Nchan](https://nchan.io/#long-polling)'s message id, sent as `last_event_id`: no preflight across origins. An answer
    /// without one is an error: a proxy that compresses may take it off. Where Nchan says that the channel is gone (410), as
    /// it does when it is reloaded too, it is asked again.
    ///
    /// ```no_run
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let news = poll::long("https://push.example/sub/news").cursor(Cursor::nchan()).open();
    /// ```
    #[must_use]
    pub fn nchan() -> Self {
        Cursor::query("last_event_id", |answer| {
            let date = parse_http_date(answer.header("last-modified")?, clock::now().as_secs())?;
            Some(date.to_string() + ":" + strong(answer.header("etag")?).trim_matches('"'))
        })
        .of_nchan()
    }

    /// Nchan's message id as conditional headers: for the page's own origin, as across origins they cost a preflight each.
    /// Otherwise as [`nchan`](Cursor::nchan).
    ///
    /// ```no_run
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let news = poll::long("/sub/news").cursor(Cursor::nchan_headers()).open();
    /// ```
    #[must_use]
    pub fn nchan_headers() -> Self {
        let read = |answer: &Response| {
            Some([answer.header("last-modified")?, strong(answer.header("etag")?)].join("\n"))
        };
        Cursor::new(read, |request, position| match position.split_once('\n') {
            Some((date, etag)) => request.header("if-modified-since", date).header("if-none-match", etag),
            None => request,
        })
        .of_nchan()
    }

    fn certain(mut self) -> Self {
        self.is_certain = true;
        self
    }

    fn of_nchan(mut self) -> Self {
        self.outlives_channel = true;
        self.certain()
    }

    /// Whether `answer` says that there is nothing, but will be.
    pub(super) fn is_passing(&self, answer: &Response) -> bool {
        self.outlives_channel && answer.status() == 410
    }

    /// The position of an answer with something in it, or of one without.
    pub(super) fn position_of(&self, answer: &Response, is_something: bool) -> Result<Option<String>> {
        let position = (self.read)(answer);
        if position.is_none() && self.is_certain && is_something {
            // Asked without it, the server would give this answer again, and again.
            return Err(Error::decode(
                "the answer does not say where to go on: the cursor finds no position",
            ));
        }
        Ok(position)
    }

    pub(super) fn apply(&self, request: Request, position: &str) -> Request {
        (self.write)(request, position)
    }
}

/// An entity tag without the mark of a weak one, which a proxy that compresses adds.
fn strong(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").finish_non_exhaustive()
    }
}
