//! `http.Exchange`: a request on its way, with its events.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_util::{StreamExt, future};
use js_sys::{Array, Promise};
use pagewire::http::{self, Event, Moment, Progress};
use wasm_bindgen::prelude::*;

use super::watch::progress_of;
use crate::promise::promise_of;
use crate::pull::Pull;
use crate::response::Response;
use crate::value::{object, set};

/// A request on its way: an async iterator of its events, beside the promise of its response.
///
/// It goes on until it is over or aborted: no collector ends it. Leaving a loop over it does not abort it.
///
/// ```js
/// const exchange = http.start("GET", "/film.mp4", null, { responseType: "blob" });
/// for await (const event of exchange) {
///   if (event.kind === "download") console.log(event.loaded, event.total, event.rate);
/// }
/// const film = await (await exchange.response).blob();
/// ```
#[wasm_bindgen(js_namespace = http, js_name = Exchange)]
#[derive(Clone)]
pub struct Exchange {
    way: Rc<Way>,
    events: Pull,
    response: Promise,
}

#[wasm_bindgen(js_namespace = http, js_class = Exchange)]
impl Exchange {
    /// The response; the same promise each time. A failure that nobody asks for here is not reported as unhandled: the
    /// events tell it too.
    ///
    /// ```js
    /// const { status } = await exchange.response;
    /// ```
    #[wasm_bindgen(getter, unchecked_return_type = "Promise<http.Response>")]
    pub fn response(&self) -> Promise {
        self.response.clone()
    }

    /// The present state, 0 to 4.
    ///
    /// ```js
    /// if (exchange.readyState < 2) console.log("no answer yet");
    /// ```
    #[wasm_bindgen(getter, js_name = readyState, unchecked_return_type = "ReadyState")]
    pub fn ready_state(&self) -> u16 {
        self.way.ready_state()
    }

    /// Ends the exchange: `response` rejects with kind "aborted" and `by` "caller", unless it was over already.
    ///
    /// ```js
    /// cancel.onclick = () => exchange.abort();
    /// ```
    pub fn abort(&self) {
        self.way.abort();
    }

    /// The next event.
    ///
    /// ```js
    /// const { value, done } = await exchange.next();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<IteratorResult<ExchangeEvent, undefined>>")]
    pub fn next(&self) -> Promise {
        self.events.next()
    }

    /// The iterator that `for await` asks for: the exchange itself.
    #[wasm_bindgen(
        js_name = "[Symbol.asyncIterator]",
        unchecked_return_type = "AsyncIterator<ExchangeEvent, undefined>"
    )]
    pub fn iterator(&self) -> Exchange {
        self.clone()
    }

    // Takes the place of the generated `free`, which `[Symbol.dispose]` calls too: here disposing aborts. The memory
    // goes back when the object is collected.
    /// Aborts.
    #[wasm_bindgen(js_name = free, skip_typescript)]
    pub fn dispose(&self) {
        self.way.abort();
    }
}

impl Exchange {
    pub(super) fn new(exchange: http::Exchange) -> Self {
        let events = exchange.events().filter_map(|event| future::ready(event_to_js(event).map(Ok)));
        let way = Rc::new(Way::new(exchange));
        let kept = Rc::clone(&way);
        let response = promise_of(async move {
            let parts = poll_fn(|context| kept.poll(context)).await?;
            Ok(Response { parts })
        });
        // Marks it as handled.
        let _ = Promise::all_settled(&Array::of1(&response));
        Exchange { way, events: Pull::new(events), response }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

/// An exchange that is polled by its promise and aborted from elsewhere.
struct Way {
    // Taken out for the moment of a call: no borrow is held while foreign code runs.
    exchange: RefCell<Option<http::Exchange>>,
    state: Cell<u16>,
    /// An abort that came from within a call.
    aborted: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Way {
    fn new(exchange: http::Exchange) -> Self {
        let state = Cell::new(exchange.ready_state().as_u16());
        let exchange = RefCell::new(Some(exchange));
        Way { exchange, state, aborted: Cell::default(), waker: Cell::default() }
    }

    fn with<T>(&self, call: impl FnOnce(&mut http::Exchange) -> T) -> Option<T> {
        let mut exchange = self.exchange.take()?;
        let answer = call(&mut exchange);
        if self.aborted.take() {
            exchange.abort();
            self.wake();
        }
        self.state.set(exchange.ready_state().as_u16());
        self.exchange.replace(Some(exchange));
        Some(answer)
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<pagewire::Result<http::Response>> {
        self.waker.set(Some(context.waker().clone()));
        self.with(|exchange| Pin::new(exchange).poll(context)).unwrap_or(Poll::Pending)
    }

    fn ready_state(&self) -> u16 {
        // From within a call: what it was before.
        self.with(|exchange| exchange.ready_state().as_u16()).unwrap_or_else(|| self.state.get())
    }

    fn abort(&self) {
        self.aborted.set(true);
        self.with(|_| ());
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

fn event_to_js(event: Event) -> Option<JsValue> {
    match event {
        Event::ReadyState(state) => {
            Some(object([("kind", "state".into()), ("readyState", state.as_u16().into())]))
        }
        Event::Download(moment, progress) => Some(progress_event("download", moment, progress)),
        Event::Upload(moment, progress) => Some(progress_event("upload", moment, progress)),
        _ => None,
    }
}

fn progress_event(kind: &str, moment: Moment, progress: Progress) -> JsValue {
    let event = object([("kind", kind.into()), ("moment", name_of(moment).into())]);
    set(&event, &progress_of(progress));
    event
}

/// The name of its [event](https://xhr.spec.whatwg.org/#events).
fn name_of(moment: Moment) -> &'static str {
    match moment {
        Moment::LoadStart => "loadstart",
        Moment::Progress => "progress",
        Moment::Abort => "abort",
        Moment::Error => "error",
        Moment::Timeout => "timeout",
        Moment::Load => "load",
        Moment::LoadEnd => "loadend",
    }
}
