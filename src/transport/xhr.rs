//! One exchange over `XMLHttpRequest`: <https://xhr.spec.whatwg.org/>.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{self, Poll, Waker};
use std::time::Duration;

use wasm_bindgen::JsValue;
use web_sys::{EventTarget, XmlHttpRequest, XmlHttpRequestResponseType};

use super::cors::sent;
use super::http::{
    Context, Event, Meters, Moment, Observer, Progress, Reading, ReadyState, Request, Response, ResponseType,
    Source,
};
use super::watchdog::Watchdog;
use crate::browser::clock;
use crate::browser::global::{Scope, is_online, require_browser, scope};
use crate::browser::listener::Listener;
use crate::browser::queue::Queue;
use crate::browser::send::send;
use crate::browser::value::Thrown;
use crate::error::{AbortedBy, Error, ErrorKind, Phase, Result};
use crate::proto::cors::Sent;

/// The longest delay that `timeout` takes in every engine: 31 bits of milliseconds.
pub(super) const LONGEST_NATIVE: Duration = Duration::from_millis(i32::MAX as u64);

/// An exchange that was sent. Dropping it aborts, silently.
pub(crate) struct Xhr {
    // Before `shared`: when the drop aborts, no listener hears of it.
    _listeners: Vec<Listener>,
    shared: Rc<Shared>,
}

struct Shared {
    raw: XmlHttpRequest,
    sent: Sent,
    context: Context,
    max_size: Option<u64>,
    observer: Option<Observer>,
    meters: RefCell<Meters>,
    watchdog: RefCell<Option<Watchdog>>,
    /// Why this side ended the exchange, if it did: the browser's `abort` event does not say.
    cause: Cell<Option<ErrorKind>>,
    /// What the event before `loadend` said.
    ending: Cell<Option<Moment>>,
    outcome: RefCell<Option<Result<Response>>>,
    done: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Xhr {
    /// Checks and sends `request`. Its events go to `observer`, if they are wanted.
    pub(crate) fn start(request: Request, observer: Option<Observer>) -> Result<Self> {
        let request = request.check()?;
        require_browser()?;
        if request.signal.as_ref().is_some_and(web_sys::AbortSignal::aborted) {
            return Err(Error::aborted(AbortedBy::Caller).with_url(&request.url));
        }
        if request.response_type == ResponseType::Document && scope() != Scope::Window {
            return Err(Error::unsupported("a document is read only in a page, not in a worker")
                .with_url(&request.url));
        }
        let raw = XmlHttpRequest::new().map_err(|_| missing())?;
        let shared = Rc::new(Shared::new(raw, &request, observer));
        let xhr = Xhr { _listeners: listen(&shared, &request), shared };
        xhr.shared.open(&request).map_err(|thrown| refused(&thrown, &request.url))?;
        xhr.shared.watch(&request);
        xhr.shared.send(request)?;
        xhr.shared.context.sent();
        Ok(xhr)
    }

    pub(crate) fn events(&self) -> Queue<Event> {
        match &self.shared.observer {
            Some(observer) => observer.queue(),
            None => Queue::closed(),
        }
    }

    pub(crate) fn abort(&self) {
        self.shared.abort(ErrorKind::Aborted(AbortedBy::Caller));
    }

    pub(crate) fn ready_state(&self) -> ReadyState {
        ReadyState::from_u16(self.shared.raw.ready_state())
    }

    pub(crate) fn poll(&self, context: &mut task::Context<'_>) -> Poll<Result<Response>> {
        if let Some(outcome) = self.shared.outcome.take() {
            return Poll::Ready(outcome);
        }
        self.shared.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Xhr {
    fn drop(&mut self) {
        self._listeners.clear();
        self.shared.watchdog.take();
        // Once done, the response object lives on in a `Response`; `abort()` would clear it.
        if !self.shared.done.get() {
            let _ = self.shared.raw.abort();
            self.shared.finish(Err(Error::aborted(AbortedBy::Caller)));
        }
    }
}

impl Shared {
    fn new(raw: XmlHttpRequest, request: &Request, observer: Option<Observer>) -> Self {
        Shared {
            raw,
            sent: sent(request, false),
            context: Context::of(request),
            max_size: request.max_size,
            observer,
            meters: RefCell::default(),
            watchdog: RefCell::new(None),
            cause: Cell::new(None),
            ending: Cell::new(None),
            outcome: RefCell::new(None),
            done: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    fn open(&self, request: &Request) -> Result<(), JsValue> {
        self.raw.open_with_async(request.method.as_str(), &request.url, true)?;
        set_up(&self.raw, request)?;
        set_response(&self.raw, request);
        Ok(())
    }

    /// Starts our own clock for the limits that the platform does not have.
    fn watch(self: &Rc<Self>, request: &Request) {
        let mut limits = request.limits;
        limits.total = limits.total.filter(|total| *total > LONGEST_NATIVE);
        if limits.is_none() {
            return;
        }
        // Of an empty body not every engine tells the end of the upload.
        let uploading = request.body.as_ref().is_some_and(|body| !body.is_empty());
        let weak = Rc::downgrade(self);
        let watchdog = Watchdog::new(limits, uploading, move |phase| {
            if let Some(shared) = weak.upgrade() {
                shared.abort(ErrorKind::Timeout(phase));
            }
        });
        self.watchdog.replace(Some(watchdog));
    }

    fn send(&self, request: Request) -> Result<()> {
        let body = request.body.map_or(JsValue::NULL, super::http::Body::into_js);
        send(&self.raw, &body).map_err(|thrown| refused(&thrown, &self.context.url))
    }

    /// Ends the exchange from this side. The browser fires `abort` and `loadend` before this returns.
    fn abort(&self, cause: ErrorKind) {
        if self.done.get() || self.cause.get().is_some() {
            return;
        }
        self.cause.set(Some(cause));
        let _ = self.raw.abort();
    }

    fn on_state(&self) {
        let state = ReadyState::from_u16(self.raw.ready_state());
        if state >= ReadyState::HeadersReceived {
            self.with_watchdog(Watchdog::answered);
        }
        self.report(Event::ReadyState(state));
    }

    fn on_download(&self, event: &web_sys::Event) {
        let moment = Moment::from_event(&event.type_());
        if self.observer.is_some() || self.max_size.is_some() {
            let progress = self.download(event);
            self.report(Event::Download(moment, progress));
            self.hold_to_size(moment, &progress);
        }
        match moment {
            Moment::LoadStart => {}
            Moment::Progress => self.with_watchdog(Watchdog::progressed),
            Moment::LoadEnd => self.finish(self.outcome()),
            ending => self.ending.set(Some(ending)),
        }
    }

    // The reading is taken before the meters are borrowed: it asks the browser.
    fn download(&self, event: &web_sys::Event) -> Progress {
        let reading = Reading::new(event);
        self.meters.borrow_mut().download(reading)
    }

    fn upload(&self, event: &web_sys::Event) -> Progress {
        let reading = Reading::new(event);
        self.meters.borrow_mut().upload(reading)
    }

    fn hold_to_size(&self, moment: Moment, progress: &Progress) {
        if self.max_size.is_none_or(|most| progress.loaded.max(progress.total.unwrap_or(0)) <= most) {
            return;
        }
        match moment {
            Moment::Progress => self.abort(ErrorKind::TooLarge),
            // Nothing to stop any more, and `abort()` would suppress `loadend`.
            Moment::Load => self.cause.set(Some(ErrorKind::TooLarge)),
            _ => {}
        }
    }

    fn on_upload(&self, event: &web_sys::Event) {
        let moment = Moment::from_event(&event.type_());
        if self.observer.is_some() {
            let progress = self.upload(event);
            self.report(Event::Upload(moment, progress));
        }
        match moment {
            Moment::LoadEnd => self.with_watchdog(Watchdog::uploaded),
            _ => self.with_watchdog(Watchdog::progressed),
        }
    }

    /// Exactly one of `load`, `error`, `abort` and `timeout` comes before `loadend`.
    fn outcome(&self) -> Result<Response> {
        let error = match (self.cause.get(), self.ending.get()) {
            (None, Some(Moment::Load)) => {
                let status = self.raw.status().unwrap_or_default();
                return Ok(Response::new(status, Source::Xhr(self.raw.clone()), self.context.clone()));
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
        Err(error.with_sent(&self.sent, is_online(), clock::now()))
    }

    fn finish(&self, outcome: Result<Response>) {
        if self.done.replace(true) {
            return;
        }
        self.watchdog.take();
        self.outcome.replace(Some(outcome));
        if let Some(observer) = &self.observer {
            observer.end();
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn report(&self, event: Event) {
        if let Some(observer) = &self.observer {
            observer.tell(event);
        }
    }

    fn with_watchdog(&self, tell: fn(&Watchdog)) {
        let watchdog = self.watchdog.borrow().clone();
        if let Some(watchdog) = &watchdog {
            tell(watchdog);
        }
    }
}

/// The listeners this exchange needs and no more: an upload listener changes what is sent across origins.
fn listen(shared: &Rc<Shared>, request: &Request) -> Vec<Listener> {
    // Without somebody to tell, only the end matters.
    const ENDS: &[&str] = &["abort", "error", "timeout", "load", "loadend"];
    let watched = !request.limits.is_none();
    let all = shared.observer.is_some() || watched || request.max_size.is_some();
    let mut listeners = Vec::with_capacity(4);

    let target = Rc::clone(shared);
    let events = if all { Moment::EVENTS } else { ENDS };
    listeners.push(Listener::new(&shared.raw, events, move |event| target.on_download(&event)));
    if all {
        let target = Rc::clone(shared);
        listeners.push(Listener::new(&shared.raw, &["readystatechange"], move |_| target.on_state()));
    }
    if request.listens_to_upload()
        && let Ok(upload) = shared.raw.upload()
    {
        let target = Rc::clone(shared);
        listeners.push(Listener::new(&upload, Moment::EVENTS, move |event| target.on_upload(&event)));
    }
    if let Some(signal) = &request.signal {
        let target = Rc::clone(shared);
        let signal: &EventTarget = signal.as_ref();
        listeners.push(Listener::new(signal, &["abort"], move |_| {
            target.abort(ErrorKind::Aborted(AbortedBy::Caller));
        }));
    }
    listeners
}

/// What may be set on every opened request, also one that blocks a page.
pub(super) fn set_up(raw: &XmlHttpRequest, request: &Request) -> Result<(), JsValue> {
    for (name, value) in request.headers.iter() {
        raw.set_request_header(name, value)?;
    }
    if request.with_credentials {
        raw.set_with_credentials(true);
    }
    match &request.mime_override {
        Some(mime_type) => raw.override_mime_type(mime_type),
        None => Ok(()),
    }
}

/// How the response is held, and the total limit.
pub(super) fn set_response(raw: &XmlHttpRequest, request: &Request) {
    raw.set_response_type(match request.response_type {
        ResponseType::Bytes => XmlHttpRequestResponseType::Arraybuffer,
        ResponseType::Blob => XmlHttpRequestResponseType::Blob,
        ResponseType::Document => XmlHttpRequestResponseType::Document,
    });
    if let Some(total) = request.limits.total.filter(|total| *total <= LONGEST_NATIVE) {
        raw.set_timeout(at_least_a_millisecond(total));
    }
}

pub(super) fn missing() -> Error {
    Error::unsupported(match scope() {
        Scope::ServiceWorker => "a service worker has no XMLHttpRequest: use stream, which runs on fetch",
        _ => "there is no XMLHttpRequest here",
    })
}

pub(super) fn refused(thrown: &JsValue, url: &str) -> Error {
    Error::invalid("the browser refuses this request: check its URL and method")
        .with_source(Thrown::new(thrown).without_message())
        .with_url(url)
}

/// `timeout = 0` means none, so the shortest limit is one millisecond.
fn at_least_a_millisecond(limit: Duration) -> u32 {
    u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1)
}
