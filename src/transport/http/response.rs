//! The response: its status and headers, and its body read as text, JSON, bytes, a `Blob` or a document.

use std::cell::OnceCell;
use std::fmt;
use std::future::Future;
use std::mem::take;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Document, Url, XmlHttpRequest};

use super::{Headers, Timing, timing};
use crate::browser::address::resolve;
use crate::browser::global::require_browser;
use crate::browser::text;
use crate::browser::timing::Timed;
use crate::browser::value::{self, Thrown};
use crate::error::{Error, ErrorKind, Result};
use crate::proto::cors::Sent;
use crate::proto::{charset, url};

/// The bytes of a body that an error keeps.
const KEPT: u32 = 4096;

const A_DOCUMENT: &str = "the body is held as a document: read it as one";

/// A complete response. Any status is one: see [`error_for_status`](Response::error_for_status).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let response = http::get("/articles/7").await?;
/// match response.status() {
///     404 => println!("there is no such article"),
///     _ => println!("{}", response.error_for_status()?.text().await?),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Response {
    status: u16,
    pub(super) source: Source,
    headers: OnceCell<Headers>,
    pub(super) context: Box<Context>,
}

/// What reading a response needs to know of its request.
#[derive(Clone, Default)]
pub(crate) struct Context {
    pub(crate) sent: Box<Sent>,
    /// The media type that the caller laid down.
    pub(crate) mime_override: Option<String>,
    /// Puts a buffer in place of what the browser holds, where that need not be one.
    pub(crate) unpack: Option<Unpack>,
    /// Takes off the line that keeps the body from being run as a script.
    pub(crate) strip: Option<Strip>,
    /// How many times it was asked.
    pub(crate) attempts: u32,
    /// Watches for its timing, if that was asked for.
    pub(crate) timing: Option<Rc<dyn Timed>>,
}

/// Functions and not flags, so that an app carries only the code of what it asks for.
pub(crate) type Strip = fn(&mut Vec<u8>);
// Called by each reader of a body and not by one for all: a future in a future is 130 bytes of every app.
pub(crate) type Unpack = fn(Response) -> Pin<Box<dyn Future<Output = Result<Response>>>>;

/// Where the response is. The parts of an XMLHttpRequest are read on demand: each costs a copy out of JavaScript.
#[derive(Clone)]
pub(crate) enum Source {
    Xhr(XmlHttpRequest),
    Parts(Box<Parts>),
}

/// A response that is already taken apart: from `fetch`, or made by hand.
#[derive(Clone, Default)]
pub(crate) struct Parts {
    pub(crate) status_text: String,
    pub(crate) headers: Headers,
    pub(crate) url: String,
    /// What its server names; none for text that was made by hand, which is UTF-8.
    pub(crate) charset: Option<String>,
    pub(crate) body: Held,
}

/// A body, where it is held.
#[derive(Clone)]
pub(crate) enum Held {
    /// In wasm memory.
    Bytes(Vec<u8>),
    /// By JavaScript: an `ArrayBuffer`, a `Blob`, a `Document`, or nothing.
    Js(Option<JsValue>),
}

impl Default for Held {
    fn default() -> Self {
        Held::Bytes(Vec::new())
    }
}

impl Response {
    pub(crate) fn new(status: u16, source: Source, context: Box<Context>) -> Self {
        Response { status, source, headers: OnceCell::new(), context }
    }

    /// The [status](https://fetch.spec.whatwg.org/#concept-status): 200 to 599, unless the server invents one.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// assert_eq!(Response::made(204, &[], "").status(), 204);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The [reason phrase](https://www.rfc-editor.org/rfc/rfc9112#section-4); empty over HTTP/2 and later, which have
    /// none.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let response = http::get("/").await?;
    /// println!("{} {}", response.status(), response.status_text());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn status_text(&self) -> String {
        match &self.source {
            Source::Xhr(raw) => raw.status_text().unwrap_or_default(),
            Source::Parts(parts) => parts.status_text.clone(),
        }
    }

    /// True for a status from 200 to 299.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// assert!(Response::made(201, &[], "").is_success());
    /// assert!(!Response::made(404, &[], "").is_success());
    /// ```
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// True for [304](https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5): the copy that the request's validator named is still good, and the body is empty.
    ///
    /// ```no_run
    /// # async fn example(kept: String, tag: &str) -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let response = http::get("/articles").header("if-none-match", tag).await?;
    /// let articles = if response.is_not_modified() { kept } else { response.text().await? };
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_not_modified(&self) -> bool {
        self.status == 304
    }

    /// The response headers that this page may read. Across origins that is a
    /// [short list](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name) and what the server exposes.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// let response = Response::made(200, &[("link", "<a>"), ("link", "<b>")], "");
    /// assert_eq!(response.headers().get_all("link").count(), 2);
    /// ```
    #[must_use]
    pub fn headers(&self) -> &Headers {
        match &self.source {
            Source::Xhr(raw) => self
                .headers
                .get_or_init(|| Headers::parse_all(&raw.get_all_response_headers().unwrap_or_default())),
            Source::Parts(parts) => &parts.headers,
        }
    }

    /// The value of one of the [`headers`](Response::headers), by a name of any case. Of a header that came several
    /// times the browser joins the values with `, `.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// let response = Response::made(200, &[("Content-Type", "text/html")], "<p>");
    /// assert_eq!(response.header("content-type"), Some("text/html"));
    /// assert_eq!(response.header("etag"), None);
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)
    }

    /// The [URL that answered](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-responseurl), after redirects, without a
    /// fragment. Browsers show no more of a redirect than this.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let response = http::get("/latest").await?;
    /// println!("the latest is {}", response.url());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        match &self.source {
            Source::Xhr(raw) => raw.response_url(),
            Source::Parts(parts) => parts.url.clone(),
        }
    }

    /// Whether the response came from another URL than the one that was asked for: the request was redirected. (A
    /// redirect that leads back to the same URL is not seen: a page is shown the last URL only.) The fragment does not
    /// count.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let page = pagewire::http::get("/account").await?;
    /// if page.final_url_differs() {
    ///     println!("signed out: sent to {}", page.url());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn final_url_differs(&self) -> bool {
        self.moved().is_some_and(|(asked, last)| asked.href() != last.href())
    }

    /// Whether the response came from another origin than the one that was asked for. What was sent may have gone there
    /// too; the browser drops `Authorization` on the way, and no other header.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let file = pagewire::http::get("/download/7").await?;
    /// assert!(!file.final_origin_differs(), "this came from {}", file.url());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn final_origin_differs(&self) -> bool {
        self.moved().is_some_and(|(asked, last)| asked.origin() != last.origin())
    }

    /// The URLs asked for and answered from, without fragments; `None` for an answer from no network.
    fn moved(&self) -> Option<(Url, Url)> {
        let last = self.url();
        if last.is_empty() || require_browser().is_err() {
            return None;
        }
        let (asked, last) = (resolve(&self.context.sent.url)?, resolve(&last)?);
        asked.set_hash("");
        last.set_hash("");
        Some((asked, last))
    }

    /// A response made by hand: what a [`Client::transport`](super::Client::transport) answers with.
    ///
    /// ```
    /// use pagewire::http::Response;
    ///
    /// let response = Response::made(200, &[("content-type", "application/json")], "[1, 2]");
    /// assert_eq!((response.is_success(), response.header("content-type")), (true, Some("application/json")));
    /// ```
    #[must_use]
    pub fn made(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let mut parts = Parts { body: Held::Bytes(body.as_ref().to_vec()), ..Parts::default() };
        for (name, value) in headers {
            parts.headers.push(name, value);
        }
        Response::new(status, Source::Parts(Box::new(parts)), Box::default())
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.context.attempts = attempts;
        self
    }

    /// How many times the request was sent: 1 without a retry.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Retry};
    ///
    /// let response = http::get("/items").retry(Retry::new()).await?;
    /// if response.attempts() > 1 {
    ///     println!("answered at attempt {}", response.attempts());
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.context.attempts.max(1)
    }

    /// Where the time went, if the request asked with [`with_timing`](super::Request::with_timing) and the browser tells:
    /// `None` rather than the timing of another request of the same URL.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let response = http::get("/articles").with_timing().await?;
    /// let first_byte = response.timing().await.and_then(|timing| timing.first_byte);
    /// println!("the server thought for {first_byte:?}");
    /// # Ok(()) }
    /// ```
    pub async fn timing(&self) -> Option<Timing> {
        timing::read(self.context.timing.as_deref()?).await
    }

    /// The response itself if its status is 200 to 299.
    ///
    /// ```
    /// use pagewire::ErrorKind;
    /// use pagewire::http::Response;
    ///
    /// assert!(Response::made(200, &[], "fine").error_for_status().is_ok());
    /// let error = Response::made(409, &[], "edited meanwhile").error_for_status().unwrap_err();
    /// assert_eq!((error.kind(), error.body()), (ErrorKind::Status(409), Some("edited meanwhile")));
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Status`] with the status otherwise. [`Error::body`] has the first 4 KiB of the body as text, if it
    /// is held in memory.
    pub fn error_for_status(mut self) -> Result<Self> {
        if self.is_success() {
            return Ok(self);
        }
        let error = Error::new(ErrorKind::Status(self.status), "the server answered with an error status");
        Err(error
            .with_body(self.beginning())
            .with_attempts(self.context.attempts)
            .with_url(&self.context.sent.url))
    }

    /// The body as text, decoded by the charset of `Content-Type` or the one laid down with
    /// [`override_mime_type`](super::Request::override_mime_type), else as UTF-8; a byte order mark overrules both and is
    /// dropped. Invalid sequences become U+FFFD, and an unknown charset counts as UTF-8, as in a browser.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let poem = http::get("/poem.txt").await?.text().await?;
    /// println!("{} characters", poem.chars().count());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the body is held as a document, or was transferred away;
    /// [`ErrorKind::TooLarge`] if the browser had no room for it.
    pub async fn text(mut self) -> Result<String> {
        if let Some(unpack) = self.context.unpack {
            self = unpack(self).await?;
        }
        self.text_now()
    }

    /// The body as a value, read from [JSON](https://www.rfc-editor.org/rfc/rfc8259), which is UTF-8 whatever
    /// `Content-Type` says.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Article {
    ///     id: u32,
    ///     title: String,
    /// }
    /// let articles: Vec<Article> = http::get("/articles").await?.json().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if it is not JSON, or not of this shape; the source says where.
    pub async fn json<T: DeserializeOwned>(mut self) -> Result<T> {
        if let Some(unpack) = self.context.unpack {
            self = unpack(self).await?;
        }
        let mut bytes = self.bytes_now()?;
        if let Some(strip) = self.context.strip {
            strip(&mut bytes);
        }
        serde_json::from_slice(charset::without_bom(&bytes)).map_err(|error| {
            self.decode_error("the body is not the JSON that was asked for").with_source(error)
        })
    }

    /// The body as the text that [`json`](Response::json) reads, for a parser of your own or the browser's: UTF-8 whatever
    /// `Content-Type` says, without a byte order mark. Invalid sequences become U+FFFD. Whether it is JSON is not looked at.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use pagewire::http;
    ///
    /// let articles = http::get("/articles").await?.json_text().await?;
    /// let articles: serde_json::Value = serde_json::from_str(&articles)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`text`](Response::text).
    pub async fn json_text(mut self) -> Result<String> {
        if let Some(unpack) = self.context.unpack {
            self = unpack(self).await?;
        }
        let bytes = self.bytes_now()?;
        self.decoded("utf-8", bytes)
    }

    /// The body as bytes, copied into wasm memory once.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let font = http::get("/font.woff2").await?.error_for_status()?.bytes().await?;
    /// assert_eq!(font.get(..4), Some(&b"wOF2"[..]));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if it is held as a document, its `Blob` cannot be read any more, or its buffer was
    /// transferred away; [`ErrorKind::TooLarge`] if the browser had no room for it.
    pub async fn bytes(mut self) -> Result<Vec<u8>> {
        if let Some(unpack) = self.context.unpack {
            self = unpack(self).await?;
        }
        self.bytes_now()
    }

    /// The body as an [`ArrayBuffer`](https://tc39.es/ecma262/#sec-arraybuffer-objects): nothing enters wasm memory.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// // Handed on to JavaScript, as to Web Audio's `decodeAudioData`.
    /// let sound = http::get("/bell.ogg").await?.array_buffer().await?;
    /// println!("{} bytes", sound.byte_length());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`bytes`](Response::bytes).
    pub async fn array_buffer(mut self) -> Result<ArrayBuffer> {
        if let Some(unpack) = self.context.unpack {
            self = unpack(self).await?;
        }
        match self.held() {
            Held::Bytes(bytes) => Ok(Uint8Array::from(bytes.as_slice()).buffer()),
            Held::Js(buffer) => Ok(buffer.ok_or_else(|| self.no_room())?.unchecked_into()),
        }
    }

    /// The body as a [`Blob`](https://w3c.github.io/FileAPI/#dfn-Blob) of the response's type: nothing enters wasm
    /// memory. A large one is best asked for beforehand, with
    /// [`response_type`](super::Request::response_type)`(ResponseType::Blob)`: then the browser may keep it on disk.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, ResponseType};
    ///
    /// let request = http::get("/report.pdf").response_type(ResponseType::Blob);
    /// let report = request.await?.blob().await?;
    /// let link = web_sys::Url::create_object_url_with_blob(&report);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`bytes`](Response::bytes).
    #[expect(clippy::unused_async, reason = "all bodies are read alike")]
    pub async fn blob(mut self) -> Result<Blob> {
        let buffer: JsValue = match self.held() {
            Held::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
            Held::Js(Some(value)) if value.is_instance_of::<Blob>() => return Ok(value.unchecked_into()),
            Held::Js(Some(value)) if value.is_instance_of::<ArrayBuffer>() => value,
            Held::Js(Some(_)) => return Err(self.decode_error(A_DOCUMENT)),
            Held::Js(None) => return Err(self.no_room()),
        };
        let parts = js_sys::Array::of1(&buffer);
        let options = web_sys::BlobPropertyBag::new();
        let laid_down = self.context.mime_override.as_deref();
        options.set_type(laid_down.or_else(|| self.header("content-type")).unwrap_or_default());
        Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(|thrown| {
            self.decode_error("the browser made no Blob of it").with_thrown(Thrown::new(&thrown))
        })
    }

    /// The body as a [document](https://xhr.spec.whatwg.org/#document-response), HTML or XML. Must be asked for
    /// beforehand, with [`response_type`](super::Request::response_type)`(ResponseType::Document)`.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, ResponseType};
    ///
    /// let page = http::get("/about.html").response_type(ResponseType::Document).await?;
    /// println!("{}", page.document().await?.title());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the response is neither HTML nor well-formed XML; [`ErrorKind::Unsupported`] if it was
    /// not asked for beforehand.
    #[expect(clippy::unused_async, reason = "all bodies are read alike")]
    pub async fn document(mut self) -> Result<Document> {
        match self.held() {
            Held::Js(None) => Err(self.decode_error("the body is neither HTML nor well-formed XML")),
            Held::Js(Some(value)) => value.dyn_into().map_err(|_| self.not_asked_for()),
            Held::Bytes(_) => Err(self.not_asked_for()),
        }
    }

    fn not_asked_for(&self) -> Error {
        Error::unsupported("a document must be asked for beforehand, as the response type of the request")
            .with_url(&self.context.sent.url)
    }

    fn held(&mut self) -> Held {
        match &mut self.source {
            Source::Xhr(raw) => Held::Js(raw.unchecked_ref::<Holder>().response().unwrap_or_default()),
            Source::Parts(parts) => take(&mut parts.body),
        }
    }

    /// Whether the body has no bytes, as far as that can be seen without reading it.
    pub(crate) fn is_empty(&self) -> bool {
        match self.seen() {
            Held::Bytes(bytes) => bytes.is_empty(),
            Held::Js(None) => false,
            Held::Js(Some(value)) => {
                let size = value.dyn_ref::<Blob>().map(Blob::size);
                let length = value.dyn_ref::<ArrayBuffer>().map(|buffer| f64::from(buffer.byte_length()));
                size.or(length) == Some(0.0)
            }
        }
    }

    /// A copy of the body, where it is held in memory.
    pub(crate) fn peek(&self) -> Option<Vec<u8>> {
        match self.seen() {
            Held::Bytes(bytes) => Some(bytes),
            Held::Js(value) => value::bytes_of(value?.dyn_ref::<ArrayBuffer>()?).ok(),
        }
    }

    fn seen(&self) -> Held {
        match &self.source {
            Source::Xhr(raw) => Held::Js(raw.unchecked_ref::<Holder>().response().unwrap_or_default()),
            Source::Parts(parts) => parts.body.clone(),
        }
    }

    /// An empty body is an empty buffer: null is what is left of one that found no room.
    fn no_room(&self) -> Error {
        Error::new(ErrorKind::TooLarge, "the browser had no room for the body")
            .with_url(&self.context.sent.url)
    }

    /// The [final charset](https://xhr.spec.whatwg.org/#final-charset): that of the media type laid down, or else the
    /// server's.
    fn charset(&self) -> Option<String> {
        let laid_down = self.context.mime_override.as_deref().and_then(charset::charset_of);
        match &self.source {
            _ if laid_down.is_some() => laid_down.map(str::to_owned),
            Source::Xhr(raw) => charset_in(raw.get_response_header("content-type").ok()?.as_deref()),
            Source::Parts(parts) => parts.charset.clone(),
        }
    }

    /// The first bytes as text, of a body that is held in memory.
    fn beginning(&mut self) -> Option<String> {
        let bytes = match self.held() {
            Held::Bytes(bytes) => bytes.into_iter().take(KEPT as usize).collect(),
            Held::Js(value) => {
                let buffer: ArrayBuffer = value?.dyn_into().ok()?;
                value::bytes_of(&buffer.slice_with_end(0, KEPT)).ok()?
            }
        };
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn bytes_now(&mut self) -> Result<Vec<u8>> {
        match self.held() {
            Held::Bytes(bytes) => Ok(bytes),
            Held::Js(buffer) => self.bytes_of(buffer),
        }
    }

    fn bytes_of(&self, buffer: Option<JsValue>) -> Result<Vec<u8>> {
        value::bytes_of(&buffer.ok_or_else(|| self.no_room())?)
            .map_err(|_| self.decode_error("the body was transferred away: it can no longer be read"))
    }

    fn text_now(&mut self) -> Result<String> {
        let bytes = self.bytes_now()?;
        let charset = self.charset();
        // "BOM sniff" comes first: https://encoding.spec.whatwg.org/#decode
        let label = charset::bom_of(&bytes).or(charset.as_deref()).unwrap_or("utf-8");
        self.decoded(label, bytes)
    }

    fn decoded(&self, label: &str, mut bytes: Vec<u8>) -> Result<String> {
        // ASCII, and so the same bytes by every label but those of UTF-16, whose text does not begin with them.
        if let Some(strip) = self.context.strip {
            strip(&mut bytes);
        }
        // The browser's decoder, which takes the mark off, is for what is rare. A prefix may have hidden one.
        if label.eq_ignore_ascii_case("utf-8") && charset::bom_of(&bytes).is_none() {
            match String::from_utf8(bytes) {
                Ok(text) => return Ok(text),
                Err(malformed) => bytes = malformed.into_bytes(),
            }
        }
        text::decode(label, &bytes)
            .map_err(|_| self.decode_error("the text is longer than the browser can hold"))
    }

    fn decode_error(&self, message: &'static str) -> Error {
        Error::decode(message).with_url(&self.context.sent.url)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("requested", &url::redact(&self.context.sent.url))
            .finish_non_exhaustive()
    }
}

/// The charset that a `Content-Type` names.
pub(super) fn charset_in(content_type: Option<&str>) -> Option<String> {
    content_type.and_then(charset::charset_of).map(str::to_owned)
}

/// Puts the buffer in place of what the browser holds for a request that asked for something else.
pub(super) fn unpack(mut response: Response) -> Pin<Box<dyn Future<Output = Result<Response>>>> {
    Box::pin(async {
        let mut body = response.held();
        if let Held::Js(Some(value)) = &mut body {
            if let Some(blob) = value.dyn_ref::<Blob>() {
                *value = JsFuture::from(blob.array_buffer()).await.map_err(|thrown| {
                    response.decode_error("the Blob can no longer be read").with_thrown(Thrown::new(&thrown))
                })?;
            } else if !value.is_instance_of::<ArrayBuffer>() {
                return Err(response.decode_error(A_DOCUMENT));
            }
        }
        let charset = response.charset();
        response.source = Source::Parts(Box::new(Parts { body, charset, ..Parts::default() }));
        Ok(response)
    })
}

#[wasm_bindgen]
extern "C" {
    // web-sys has it without the `Option`, and a test for null is one more function of the browser's.
    type Holder;

    #[wasm_bindgen(method, getter, structural, catch)]
    fn response(this: &Holder) -> Result<Option<JsValue>, JsValue>;
}
