//! How the place reached is carried from an answer to the next question.

use std::fmt;

use serde_json::Value;

use crate::browser::clock;
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
}

type Read = Box<dyn Fn(&Response) -> Option<String>>;
type Write = Box<dyn Fn(Request, &str) -> Request>;

impl Cursor {
    /// A cursor of the caller's own. Where `read` finds no position, the last one stands. `write` sees every request but
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
        Cursor { read: Box::new(read), write: Box::new(write) }
    }

    /// The position goes into a query parameter, so that no preflight is needed across origins.
    ///
    /// ```no_run
    /// use pagewire::poll::Cursor;
    ///
    /// let cursor = Cursor::query("after", |answer| answer.header("x-position").map(str::to_owned));
    /// ```
    #[must_use]
    pub fn query(name: &str, read: impl Fn(&Response) -> Option<String> + 'static) -> Self {
        let name = name.to_owned();
        Cursor::new(read, move |request, position| request.query(&name, position))
    }

    /// The position is the member `field` of a JSON object, a string or a number, and goes into the query parameter `name`.
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
        Cursor::query(name, move |answer| {
            let body: Value = serde_json::from_slice(&answer.peek()?).ok()?;
            match body.get(&field)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }
        })
    }

    /// [Nchan](https://nchan.io/#long-polling)'s message id, sent as `last_event_id`: no preflight across origins.
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
            Some(date.to_string() + ":" + answer.header("etag")?.trim_matches('"'))
        })
    }

    /// Nchan's message id as conditional headers: for the page's own origin, as across origins they cost a preflight each.
    ///
    /// ```no_run
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let news = poll::long("/sub/news").cursor(Cursor::nchan_headers()).open();
    /// ```
    #[must_use]
    pub fn nchan_headers() -> Self {
        let read =
            |answer: &Response| Some([answer.header("last-modified")?, answer.header("etag")?].join("\n"));
        Cursor::new(read, |request, position| match position.split_once('\n') {
            Some((date, etag)) => request.header("if-modified-since", date).header("if-none-match", etag),
            None => request,
        })
    }

    pub(super) fn position_of(&self, answer: &Response) -> Option<String> {
        (self.read)(answer)
    }

    pub(super) fn apply(&self, request: Request, position: &str) -> Request {
        (self.write)(request, position)
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").finish_non_exhaustive()
    }
}
