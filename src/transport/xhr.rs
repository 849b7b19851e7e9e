//! One exchange over `XMLHttpRequest`: <https://xhr.spec.whatwg.org/>.
//!
//! Here is what every exchange needs. What only some ask for goes along as a [`Companion`].

pub(crate) mod arriving;
pub(crate) mod events;
pub(crate) mod held;
pub(crate) mod limits;
pub(crate) mod settings;
pub(crate) mod signal;
pub(crate) mod size;

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{self, Poll, Waker};

use wasm_bindgen::JsValue;
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use super::cors::{conclude, failed_now};
use super::http::{Body, Context, ReadyState, Request, Response, Source};
use crate::browser::global::require_browser;
use crate::browser::listener::Listener;
use crate::browser::send::send;
use crate::browser::value::Thrown;
use crate::error::{AbortedBy, Error, ErrorKind, Result};

/// An exchange that was sent. Dropping it aborts, silently.
pub(crate) struct Xhr {
    shared: Rc<Shared>,
    // Emptied before `shared` aborts, as no listener is to hear of a drop.
    listeners: Vec<Listener>,
    /// Gone into the outcome, once that was asked for.
    context: Option<Box<Context>>,
}

/// What an exchange and its companions look at together.
pub(crate) struct Shared {
    raw: XmlHttpRequest,
    /// Why this side ended the exchange, if it did: the browser's `abort` event does not say.
    cause: Cell<Option<Error>>,
    ending: Cell<Ending>,
    done: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

/// What the event before `loadend` said.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    None,
    /// This side has ended it.
    Here,
    Load,
    Error,
}

/// What goes along with an opened exchange that asks for it, as a function of its listeners. A function and not a flag, so
/// that an app that does not ask does not carry its code.
pub(crate) type Companion = fn(&Rc<Shared>, &Request, &mut Vec<Listener>) -> Result<()>;

/// The companions of a request.
#[derive(Clone, Copy, Default)]
pub(crate) struct Companions([Option<Companion>; 6]);

/// The order in which companions hear of one event.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Signal,
    Held,
    Events,
    UploadEvents,
    Size,
    Limits,
}

impl Companions {
    pub(crate) fn set(&mut self, place: Place, companion: Companion) {
        self.0[place as usize] = Some(companion);
    }
}

impl Xhr {
    /// Checks and sends `request`.
    pub(crate) fn start(mut request: Request) -> Result<Self> {
        request.check()?;
        require_browser()?;
        let raw = XmlHttpRequest::new().map_err(|_| missing())?;
        open(&raw, &request, true).map_err(|thrown| refused(&thrown, &request.context.sent.url))?;
        raw.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
        let shared = Rc::new(Shared {
            raw,
            cause: Cell::new(None),
            ending: Cell::new(Ending::None),
            done: Cell::new(false),
            waker: Cell::new(None),
        });
        let listeners = listen(&shared, &request)?;
        request.watch();
        let (context, body) = conclude(request, false);
        let body = body.map_or(JsValue::NULL, Body::into_js);
        send(&shared.raw, &body).map_err(|thrown| refused(&thrown, &context.sent.url))?;
        context.was_sent();
        Ok(Xhr { shared, listeners, context: Some(context) })
    }

    pub(crate) fn abort(&self) {
        self.shared.abort(Error::aborted(AbortedBy::Caller));
    }

    pub(crate) fn ready_state(&self) -> ReadyState {
        ReadyState::from_u16(self.shared.raw.ready_state())
    }
}

impl Future for Xhr {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Result<Response>> {
        // Polled again after its end: that breaks the contract of `Future`, and waits for ever.
        if self.shared.done.get()
            && let Some(of_request) = self.context.take()
        {
            self.listeners.clear();
            return Poll::Ready(self.shared.outcome(of_request));
        }
        self.shared.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Xhr {
    fn drop(&mut self) {
        self.listeners.clear();
        // Once done, the response object lives on in a `Response`; `abort()` would clear it.
        if !self.shared.done.get() {
            let _ = self.shared.raw.abort();
        }
    }
}

impl Shared {
    /// Ends the exchange from this side. The browser fires `abort` and `loadend` before this returns, unless all has come
    /// and `loadend` is about to follow: `abort()` would fire nothing then, and in some engines suppress it.
    fn abort(&self, cause: Error) {
        if self.ending.get() == Ending::None {
            self.fail(cause);
            if self.raw.ready_state() != XmlHttpRequest::DONE {
                let _ = self.raw.abort();
            }
        }
    }

    /// Ends it so whatever the browser says.
    fn fail(&self, cause: Error) {
        self.ending.set(Ending::Here);
        self.cause.set(Some(cause));
    }

    fn hear(&self, event: &str) {
        match event {
            "load" => self.ending.set(Ending::Load),
            "error" => self.ending.set(Ending::Error),
            _ => {
                self.done.set(true);
                if let Some(waker) = self.waker.take() {
                    waker.wake();
                }
            }
        }
    }

    fn outcome(&self, context: Box<Context>) -> Result<Response> {
        let error = match (self.cause.take(), self.ending.get()) {
            (Some(cause), _) => cause,
            (None, Ending::Load) => {
                let raw = self.raw.clone();
                let status = raw.status().unwrap_or_default();
                return Ok(Response::new(status, Source::Xhr(raw), context));
            }
            (None, Ending::Error) => Error::new(
                ErrorKind::Network,
                "no response: the server could not be reached, or CORS hides its answer",
            ),
            // `abort` without our doing; or, in a navigation, `loadend` alone.
            (None, _) => Error::aborted(AbortedBy::Browser),
        };
        Err(error.with_sent(failed_now(context.sent)))
    }
}

/// Between two listeners of one event others get their turn. So how it ends is known before a companion tells anybody,
/// and who waits for the end is woken after they all have heard of it.
fn listen(shared: &Rc<Shared>, request: &Request) -> Result<Vec<Listener>> {
    let listener = |events| {
        let target = Rc::clone(shared);
        Listener::new(&shared.raw, events, move |event| target.hear(&event.type_()))
    };
    let mut listeners = vec![listener(&["load", "error"])];
    for companion in request.options.companions.0.into_iter().flatten() {
        companion(shared, request, &mut listeners)?;
    }
    listeners.push(listener(&["loadend"]));
    Ok(listeners)
}

/// Opens, and sets what may be set on every opened request, also one that blocks a page.
pub(super) fn open(raw: &XmlHttpRequest, request: &Request, is_async: bool) -> Result<(), JsValue> {
    raw.open_with_async(request.context.sent.asked.method.as_str(), &request.context.sent.url, is_async)?;
    match request.options.settings {
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
        .with_thrown(Thrown::name_of(thrown))
        .with_url(url)
}
