//! One exchange over `fetch` whose body is read piece by piece: <https://fetch.spec.whatwg.org/>.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use super::cors::{conclude, failed_now};
use super::http::{Body, Request, ResponseType};
#[cfg(feature = "service-worker")]
use super::http::{Headers, Parts};
use super::rest::not_aborted;
use super::watchdog::Watchdog;
use super::xhr::refused;
use crate::browser::global::require_browser;
use crate::browser::listener::Listener;
use crate::browser::value::{Thrown, property};
use crate::error::{AbortedBy, Error, ErrorKind, Result};
use crate::proto::cors::Sent;

/// The most bytes that are handed on at once.
const LARGEST_PIECE: u32 = 256 * 1024;

/// The room for the first piece of a body that is read into memory of ours.
const FIRST_ROOM: u32 = 16 * 1024;

/// A response whose body is still arriving. Dropping it closes the connection.
pub(crate) struct Fetch {
    /// Taken with the first read: until then the body may be read in another way.
    reader: Option<RawReader>,
    /// What the next piece is read into: a buffer that is used again and again, or the size of one to make. The browser
    /// then copies from the network straight into it, and copies out of it into wasm find it in the processor's cache:
    /// a stream is a quarter faster than with pieces that the browser allocates.
    room: JsValue,
    room_size: u32,
    /// What is left of a piece that was too large to hand on at once.
    rest: Option<Uint8Array>,
    response: RawResponse,
    connection: Connection,
    /// Not read again, but kept: WebKit forgets the way from the controller to the connection once this is collected.
    _request: RawRequest,
}

/// What the browser's cache has to do with it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cache {
    /// Nothing: two streams of one URL would wait for each other there, and a stream is never a copy from it.
    Bypass,
    /// What the response's headers say.
    #[cfg(feature = "service-worker")]
    Default,
}

/// Everything that can end the exchange from this side.
struct Connection {
    _signal: Option<Listener>,
    watchdog: Option<Watchdog>,
    shared: Rc<Shared>,
}

struct Shared {
    controller: AbortController,
    sent: Box<Sent>,
    /// Why this side ended the exchange: the promise rejects with an `AbortError` that does not say.
    cause: Cell<Option<ErrorKind>>,
    over: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Fetch {
    /// Sends `request` and resolves when the response's headers are here.
    pub(crate) async fn start(mut request: Request, cache: Cache) -> Result<Fetch> {
        request.check()?;
        require_browser()?;
        if request.context.sent.asked.upload_events || request.limits_upload() {
            let error =
                Error::unsupported("fetch has no upload events: use http, or leave the upload's limits out");
            return Err(error.with_url(&request.context.sent.url));
        }
        if let Some(option) = unheard(&request) {
            return Err(Error::unsupported(option).with_url(&request.context.sent.url));
        }
        not_aborted(request.options.signal.as_ref())
            .map_err(|error| error.with_url(&request.context.sent.url))?;
        let (connection, body) = Connection::new(request)?;
        let init = connection.shared.init(&body, cache);
        // Made first, because its refusal is certain: `fetch` itself tells a bad URL and a dead server alike.
        let url = &connection.shared.sent.url;
        let raw = RawRequest::new(url, &init).map_err(|thrown| refused(&thrown, url))?;
        let promise = fetch(&raw).map_err(|_| Error::unsupported("there is no fetch here"))?;
        let response = connection.settle(promise).await?;
        let response: RawResponse = response.unchecked_into();
        connection.tell(Watchdog::answered);
        connection.tell(Watchdog::rested);
        Ok(Fetch {
            reader: None,
            room: JsValue::UNDEFINED,
            room_size: FIRST_ROOM,
            rest: None,
            response,
            connection,
            _request: raw,
        })
    }

    pub(crate) fn status(&self) -> u16 {
        self.response.status()
    }

    /// A header's value; across origins only if the server exposes it.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.response.headers().unchecked_into::<RawHeaders>().get(name)
    }

    pub(crate) fn url(&self) -> &str {
        &self.connection.shared.sent.url
    }

    /// The next piece of the body, still in JavaScript's memory, and to be copied before the next one is asked for: that
    /// may be read into the same memory. `None` at the end. A null body is an empty one.
    pub(crate) async fn next(&mut self) -> Result<Option<Uint8Array>> {
        match self.rest.take() {
            Some(rest) => Ok(Some(self.part_of(rest))),
            None => Ok(self.read().await?.map(|piece| self.part_of(piece))),
        }
    }

    /// Keeps back what is beyond a bound: WebKit hands on whatever has come meanwhile, be it megabytes, and the memory of
    /// wasm never shrinks.
    fn part_of(&mut self, piece: Uint8Array) -> Uint8Array {
        if piece.length() <= LARGEST_PIECE {
            return piece;
        }
        self.rest = Some(piece.subarray(LARGEST_PIECE, piece.length()));
        piece.subarray(0, LARGEST_PIECE)
    }

    async fn read(&mut self) -> Result<Option<Uint8Array>> {
        if self.connection.shared.over.get() {
            return Ok(None);
        }
        if self.reader.is_none() {
            self.open_reader()?;
        }
        let Some(reader) = &self.reader else {
            self.connection.finished();
            return Ok(None);
        };
        // A reader that takes its time holds the server back: that is no silence of the server's.
        self.connection.tell(Watchdog::asked);
        let read = self.connection.settle(reader.read(&Uint8Array::new(&self.room))).await?;
        self.connection.tell(Watchdog::rested);
        if property(&read, "done").is_truthy() {
            self.connection.finished();
            return Ok(None);
        }
        let piece: Uint8Array = property(&read, "value").unchecked_into();
        self.make_room(&piece);
        Ok(Some(piece))
    }

    /// Reads into memory of ours where the body is a
    /// [byte stream](https://streams.spec.whatwg.org/#readable-byte-stream-controller-class), which in WebKit, and out of
    /// a service worker, it is not.
    fn open_reader(&mut self) -> Result<()> {
        let Some(body) = self.response.body() else { return Ok(()) };
        let options = js_sys::Object::new().unchecked_into::<ReaderOptions>();
        options.set_mode("byob");
        let reader = body.get_reader(&options);
        if reader.is_ok() {
            self.room = self.room_size.into();
        }
        let reader = reader.or_else(|_| body.get_reader(&JsValue::UNDEFINED));
        let taken =
            |_| Error::decode("the body is read by somebody else: what has wrapped `fetch` must clone it");
        self.reader = Some(reader.map_err(|thrown| taken(thrown).with_url(self.url()))?);
        Ok(())
    }

    /// Larger room for the next piece, if this one filled its own.
    fn make_room(&mut self, piece: &Uint8Array) {
        if self.room.is_undefined() {
            return;
        }
        let is_full = piece.length() == self.room_size;
        self.room = if is_full && self.room_size < LARGEST_PIECE {
            self.room_size *= 4;
            self.room_size.into()
        } else {
            piece.buffer().into()
        };
    }
}

#[cfg(feature = "service-worker")]
impl Fetch {
    /// What is known before the body.
    pub(crate) fn head(&self) -> Parts {
        let mut headers = Headers::new();
        for pair in Array::from(&self.response.headers()).iter() {
            let pair: Array = pair.unchecked_into();
            let text = |index| pair.get(index).as_string().unwrap_or_default();
            headers.push(&text(0), &text(1));
        }
        Parts {
            status_text: self.response.status_text(),
            headers,
            url: self.response.url(),
            ..Parts::default()
        }
    }

    /// The whole body as a `Blob`, which the browser may keep on disk.
    pub(crate) async fn blob(&mut self) -> Result<JsValue> {
        self.connection.tell(Watchdog::asked);
        let blob = self.connection.settle(self.response.blob()).await?;
        self.connection.finished();
        Ok(blob)
    }
}

impl Connection {
    /// Also gives the body to send.
    fn new(mut request: Request) -> Result<(Self, JsValue)> {
        let controller =
            AbortController::new().map_err(|_| Error::unsupported("there is no AbortController here"))?;
        let (limits, signal) = (request.options.limits, request.options.signal.take());
        let (context, body) = conclude(request, true);
        let shared = Rc::new(Shared {
            controller,
            sent: context.sent,
            cause: Cell::new(None),
            over: Cell::new(false),
            waker: Cell::new(None),
        });
        let aborted = |signal: AbortSignal| {
            let target = Rc::clone(&shared);
            Listener::new(&signal, &["abort"], move |_| target.abort(ErrorKind::Aborted(AbortedBy::Caller)))
        };
        let watchdog = (!limits.is_none()).then(|| {
            let target = Rc::clone(&shared);
            Watchdog::new(limits, false, move |phase| target.abort(ErrorKind::Timeout(phase)))
        });
        Ok((
            Connection { _signal: signal.map(aborted), watchdog, shared },
            body.map_or(JsValue::NULL, Body::into_js),
        ))
    }

    fn finished(&mut self) {
        self.shared.over.set(true);
        self.watchdog = None;
    }

    fn tell(&self, what: fn(&Watchdog)) {
        if let Some(watchdog) = &self.watchdog {
            what(watchdog);
        }
    }

    /// Awaits a promise of this exchange, or its end from this side, and says why it failed.
    ///
    /// An abort is not left to the promise: under load WebKit was once waited for in vain.
    async fn settle(&self, promise: Promise) -> Result<JsValue> {
        let shared = &self.shared;
        let mut promise = JsFuture::from(promise);
        let settled = poll_fn(|context| {
            if shared.cause.get().is_some() {
                return Poll::Ready(Err(JsValue::UNDEFINED));
            }
            shared.waker.set(Some(context.waker().clone()));
            Pin::new(&mut promise).poll(context)
        });
        settled.await.map_err(|thrown| {
            shared.over.set(true);
            shared.error(&thrown)
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self._signal.take();
        if !self.shared.over.get() {
            self.shared.abort(ErrorKind::Aborted(AbortedBy::Caller));
        }
    }
}

impl Shared {
    /// <https://fetch.spec.whatwg.org/#requestinit>
    fn init(&self, body: &JsValue, cache: Cache) -> Init {
        let asked = &self.sent.asked;
        let init = js_sys::Object::new().unchecked_into::<Init>();
        init.set_method(asked.method.as_str());
        let headers: Array =
            asked.headers.iter().map(|(name, value)| Array::of2(&name.into(), &value.into())).collect();
        init.set_headers(&headers);
        init.set_credentials(if asked.with_credentials { "include" } else { "same-origin" });
        init.set_cache(match cache {
            Cache::Bypass => "no-store",
            #[cfg(feature = "service-worker")]
            Cache::Default => "default",
        });
        init.set_signal(&self.controller.signal());
        init.set_body(body);
        init
    }

    fn abort(&self, cause: ErrorKind) {
        if self.over.get() || self.cause.get().is_some() {
            return;
        }
        self.cause.set(Some(cause));
        self.controller.abort();
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn error(&self, thrown: &JsValue) -> Error {
        let thrown = Thrown::new(thrown);
        let error = match self.cause.get() {
            Some(ErrorKind::Timeout(phase)) => Error::timeout(phase),
            Some(_) => Error::aborted(AbortedBy::Caller),
            None if thrown.name == "AbortError" => Error::aborted(AbortedBy::Browser),
            None => Error::new(
                ErrorKind::Network,
                "no response, or it broke off: the server could not be reached, or CORS hides its answer",
            )
            .with_thrown(thrown.without_message()),
        };
        error.with_sent(failed_now(self.sent.clone()))
    }
}

/// What a body that is read piece by piece has no use for: refused, rather than ignored.
fn unheard(request: &Request) -> Option<&'static str> {
    if request.options.response_type != ResponseType::Bytes || request.context.mime_override.is_some() {
        Some("a stream is bytes: it has no response type, and no media type laid down")
    } else if request.options.max_size.is_some()
        || request.context.strip.is_some()
        || request.options.timing.is_some()
    {
        Some("a stream has no bound on its size, no prefix to strip, and no timing")
    } else if request.options.retry.is_some()
        || request.options.route.is_some()
        || request.options.engine.is_some()
    {
        Some("a stream goes straight to the browser: no retry, and no client's functions around it")
    } else {
        None
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(request: &RawRequest) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_name = Request)]
    type RawRequest;

    #[wasm_bindgen(constructor, catch, js_class = Request)]
    fn new(url: &str, init: &Init) -> Result<RawRequest, JsValue>;

    type Init;

    #[wasm_bindgen(method, setter, structural)]
    fn set_method(this: &Init, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_headers(this: &Init, value: &Array);
    #[wasm_bindgen(method, setter, structural)]
    fn set_credentials(this: &Init, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_cache(this: &Init, value: &str);
    #[wasm_bindgen(method, setter, structural)]
    fn set_signal(this: &Init, value: &AbortSignal);
    #[wasm_bindgen(method, setter, structural)]
    fn set_body(this: &Init, value: &JsValue);

    type RawResponse;

    #[wasm_bindgen(method, getter, structural)]
    fn status(this: &RawResponse) -> u16;
    #[wasm_bindgen(method, getter, structural)]
    fn body(this: &RawResponse) -> Option<RawBody>;
    #[cfg(feature = "service-worker")]
    #[wasm_bindgen(method, getter, structural, js_name = statusText)]
    fn status_text(this: &RawResponse) -> String;
    #[cfg(feature = "service-worker")]
    #[wasm_bindgen(method, getter, structural)]
    fn url(this: &RawResponse) -> String;
    #[wasm_bindgen(method, getter, structural)]
    fn headers(this: &RawResponse) -> JsValue;
    #[cfg(feature = "service-worker")]
    #[wasm_bindgen(method, structural)]
    fn blob(this: &RawResponse) -> Promise;

    type RawHeaders;

    #[wasm_bindgen(method, structural)]
    fn get(this: &RawHeaders, name: &str) -> Option<String>;

    type RawBody;

    #[wasm_bindgen(method, structural, catch, js_name = getReader)]
    fn get_reader(this: &RawBody, options: &JsValue) -> Result<RawReader, JsValue>;

    type ReaderOptions;

    #[wasm_bindgen(method, setter, structural)]
    fn set_mode(this: &ReaderOptions, value: &str);

    // Either kind of reader: that of no byte stream overlooks where it is to read into.
    type RawReader;

    #[wasm_bindgen(method, structural)]
    fn read(this: &RawReader, into: &Uint8Array) -> Promise;
}
