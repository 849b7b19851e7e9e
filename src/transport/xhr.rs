//! One exchange over `XMLHttpRequest`: <https://xhr.spec.whatwg.org/>.
//!
//! Here is what every exchange needs. What only some ask for goes along as a [`Companion`].

pub(crate) mod events;
pub(crate) mod held;
pub(crate) mod limits;
pub(crate) mod settings;
pub(crate) mod signal;
pub(crate) mod size;

use std::any::Any;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{self, Poll, Waker};

use wasm_bindgen::JsValue;
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use super::cors::sent;
use super::http::{Context, Moment, ReadyState, Request, Response, Source};
use crate::browser::global::{is_online, require_browser};
use crate::browser::listener::Listener;
use crate::browser::send::send;
use crate::browser::value::Thrown;
use crate::error::{AbortedBy, Error, ErrorKind, Phase, Result};
use crate::proto::cors::Sent;

/// An exchange that was sent. Dropping it aborts, silently.
pub(crate) struct Xhr {
    shared: Rc<Shared>,
    // Taken with the outcome; before `shared` aborts, as no listener is to hear of a drop.
    listening: Option<Listening>,
    /// Gone into the outcome, once that was asked for.
    request: Option<(Sent, Context)>,
}

struct Listening {
    _ending: Listener,
    _companions: Vec<Box<dyn Any>>,
    _end: Listener,
}

/// What an exchange and its companions look at together.
pub(crate) struct Shared {
    raw: XmlHttpRequest,
    /// Why this side ended the exchange, if it did: the browser's `abort` event does not say.
    cause: Cell<Option<ErrorKind>>,
    /// What the event before `loadend` said.
    ending: Cell<Option<Moment>>,
    done: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

/// What goes along with an opened exchange that asks for it; what it returns is dropped when the exchange is over. A
/// function and not a flag, so that an app that does not ask does not carry its code.
pub(crate) type Companion = fn(&Rc<Shared>, &Request) -> Result<Box<dyn Any>>;

/// The companions of a request, in the order in which they hear of one event.
#[derive(Clone, Copy, Default)]
pub(crate) struct Companions {
    pub(crate) signal: Option<Companion>,
    pub(crate) held: Option<Companion>,
    pub(crate) events: Option<Companion>,
    pub(crate) upload_events: Option<Companion>,
    pub(crate) size: Option<Companion>,
    pub(crate) limits: Option<Companion>,
}

impl Xhr {
    /// Checks and sends `request`.
    pub(crate) fn start(mut request: Request) -> Result<Self> {
        request.check()?;
        require_browser()?;
        let raw = XmlHttpRequest::new().map_err(|_| missing())?;
        open(&raw, &request, true).map_err(|thrown| refused(&thrown, &request.url))?;
        raw.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
        let shared = Rc::new(Shared {
            raw,
            cause: Cell::new(None),
            ending: Cell::new(None),
            done: Cell::new(false),
            waker: Cell::new(None),
        });
        let listening = Some(Listening::new(&shared, &request)?);
        let context = Context::of(&request);
        let (sent, body) = sent(request, false);
        send(&shared.raw, &body).map_err(|thrown| refused(&thrown, &sent.url))?;
        context.sent();
        Ok(Xhr { shared, listening, request: Some((sent, context)) })
    }

    pub(crate) fn abort(&self) {
        self.shared.abort(ErrorKind::Aborted(AbortedBy::Caller));
    }

    pub(crate) fn ready_state(&self) -> ReadyState {
        ReadyState::from_u16(self.shared.raw.ready_state())
    }

    /// Exactly one of `load`, `error`, `abort` and `timeout` comes before `loadend`.
    fn outcome(&self, sent: Sent, context: Context) -> Result<Response> {
        let error = match (self.shared.cause.get(), self.shared.ending.get()) {
            (None, Some(Moment::Load)) => {
                let raw = self.shared.raw.clone();
                let status = raw.status().unwrap_or_default();
                return Ok(Response::new(status, Source::Xhr(raw), context));
            }
            (Some(ErrorKind::Timeout(phase)), _) => Error::timeout(phase),
            (Some(ErrorKind::TooLarge), _) => {
                Error::new(ErrorKind::TooLarge, "the response has more bytes than the request allows")
            }
            (Some(_), _) => Error::aborted(AbortedBy::Caller),
            (None, Some(Moment::Timeout)) => Error::timeout(Phase::Total),
            (None, Some(Moment::Error)) => Error::new(
                ErrorKind::Network,
                "no response: the server could not be reached, or CORS hides its answer",
            ),
            // `abort` without our doing; or, in a navigation, `loadend` alone.
            (None, _) => Error::aborted(AbortedBy::Browser),
        };
        Err(error.with_sent(Sent { online: is_online(), ..sent }))
    }
}

impl Future for Xhr {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Result<Response>> {
        // Polled again after its end: that breaks the contract of `Future`, and waits for ever.
        if self.shared.done.get()
            && let Some((sent, context)) = self.request.take()
        {
            self.listening = None;
            return Poll::Ready(self.outcome(sent, context));
        }
        self.shared.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Xhr {
    fn drop(&mut self) {
        self.listening.take();
        // Once done, the response object lives on in a `Response`; `abort()` would clear it.
        if !self.shared.done.get() {
            let _ = self.shared.raw.abort();
        }
    }
}

impl Shared {
    /// Ends the exchange from this side. The browser fires `abort` and `loadend` before this returns.
    fn abort(&self, cause: ErrorKind) {
        if self.ending.get().is_some() || self.cause.get().is_some() {
            return;
        }
        self.cause.set(Some(cause));
        let _ = self.raw.abort();
    }

    fn finish(&self) {
        self.done.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Listening {
    /// Between two listeners of one event others get their turn. So how it ended is known before a companion tells
    /// anybody, and who waits for the end is woken after they all have heard of it.
    fn new(shared: &Rc<Shared>, request: &Request) -> Result<Self> {
        let target = Rc::clone(shared);
        let ending = Listener::new(&shared.raw, &["abort", "error", "timeout", "load"], move |event| {
            target.ending.set(Some(Moment::from_event(&event.type_())));
        });
        let companions = accompany(shared, request)?;
        let target = Rc::clone(shared);
        let end = Listener::new(&shared.raw, &["loadend"], move |_| target.finish());
        Ok(Listening { _ending: ending, _companions: companions, _end: end })
    }
}

fn accompany(shared: &Rc<Shared>, request: &Request) -> Result<Vec<Box<dyn Any>>> {
    let Companions { signal, held, events, upload_events, size, limits } = request.companions;
    let mut companions = Vec::new();
    for companion in [signal, held, events, upload_events, size, limits].into_iter().flatten() {
        companions.push(companion(shared, request)?);
    }
    Ok(companions)
}

/// Opens, and sets what may be set on every opened request, also one that blocks a page.
pub(super) fn open(raw: &XmlHttpRequest, request: &Request, is_async: bool) -> Result<(), JsValue> {
    raw.open_with_async(request.method.as_str(), &request.url, is_async)?;
    match request.settings {
        Some(settings) => settings(raw, request),
        None => Ok(()),
    }
}

pub(super) fn missing() -> Error {
    Error::unsupported(
        "there is no XMLHttpRequest here: a service worker has no XMLHttpRequest, use stream, which runs on fetch",
    )
}

pub(super) fn refused(thrown: &JsValue, url: &str) -> Error {
    Error::invalid("the browser refuses this request: check its URL and method")
        .with_source(Thrown::name_of(thrown))
        .with_url(url)
}
