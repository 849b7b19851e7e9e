//! `sse`: server-sent events.

use futures_util::StreamExt;
use js_sys::Promise;
use pagewire::http::Retry;
use pagewire::sse::{self, Connect, Event, EventStream, Monitor, Native, ReadyState};
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::options::Options;
use crate::over_xhr::over_xhr;
use crate::pull::Pull;
use crate::request;
use crate::value::{Address, Shape};

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("sse.ts");

#[wasm_bindgen]
extern "C" {
    /// See `sse.ts`.
    #[wasm_bindgen(typescript_type = "EventOptions")]
    pub type EventOptions;

    /// See `sse.ts`.
    #[wasm_bindgen(typescript_type = "NativeEventOptions")]
    pub type NativeEventOptions;
}

/// Events by the module's own parser, over `fetch`: any method, headers and body, time limits, and statuses that can be told
/// apart. It connects with the first `next()`, and again whenever the connection is lost, after the last event.
///
/// ```js
/// for await (const { type, data } of sse.connect("/news", { resumeByQuery: "last_event_id" })) {
///   console.log(type, data);
/// }
/// ```
#[wasm_bindgen(js_namespace = sse, js_name = connect)]
pub fn connect(url: Address, options: Option<EventOptions>) -> Result<Events, JsValue> {
    const OWN: &[&str] =
        &["retry", "resumeByQuery", "lastEventId", "maxEvent", "pauseWhenHidden", "pauseWhenOffline", "xhr"];
    let options = Options::new(options, &[request::COMMON, request::CARRIED, OWN])?;
    let mut connect = sse::connect(request::carried(url.text(), &options)?);
    if let Some(retry) = request::lasting_retry(&options, Retry::new().forever())? {
        connect = connect.retry(retry);
    }
    if let Some(name) = options.text("resumeByQuery")? {
        connect = connect.resume_by_query(&name);
    }
    if let Some(id) = options.text("lastEventId")? {
        connect = connect.last_event_id(&id);
    }
    if let Some(xhr) = over_xhr(&options)? {
        connect = connect.over_xhr(xhr);
    }
    if let Some(most) = options.size("maxEvent")? {
        connect = connect.max_event(most);
    }
    if options.is_set("pauseWhenHidden")? {
        connect = connect.pause_when_hidden();
    }
    if options.is_set("pauseWhenOffline")? {
        connect = connect.pause_when_offline();
    }
    Ok(Events::new(Connect::open(connect)))
}

/// Events by the browser's own `EventSource`, made anew where the browser gives up.
///
/// ```js
/// const prices = sse.native("/prices", { events: ["price"], heartbeats: ["ping"], idleTimeout: 45_000 });
/// for await (const { data } of prices) console.log(data);
/// ```
#[wasm_bindgen(js_namespace = sse, js_name = native)]
pub fn native(url: Address, options: Option<NativeEventOptions>) -> Result<Events, JsValue> {
    let options = Options::new(
        options,
        &[&[
            "events",
            "heartbeats",
            "withCredentials",
            "retry",
            "resumeByQuery",
            "lastEventId",
            "openTimeout",
            "idleTimeout",
            "receiveLimit",
            "pauseWhenHidden",
            "pauseWhenOffline",
        ]],
    )?;
    let native = sse::native(url.text());
    let native = options.strings("events")?.iter().fold(native, |native, name| native.event(name));
    let native = options.strings("heartbeats")?.iter().fold(native, |native, name| native.heartbeat(name));
    Ok(Events::new(Native::open(limited(resumed(native, &options)?, &options)?)))
}

fn resumed(mut native: Native, options: &Options) -> Result<Native, JsValue> {
    if let Some(with) = options.flag("withCredentials")? {
        native = native.with_credentials(with);
    }
    if let Some(retry) = request::lasting_retry(options, Retry::new().more_attempts(5))? {
        native = native.retry(retry);
    }
    if let Some(name) = options.text("resumeByQuery")? {
        native = native.resume_by_query(&name);
    }
    if let Some(id) = options.text("lastEventId")? {
        native = native.last_event_id(&id);
    }
    Ok(native)
}

fn limited(mut native: Native, options: &Options) -> Result<Native, JsValue> {
    if let Some(after) = options.duration("openTimeout")? {
        native = native.open_timeout(after);
    }
    if let Some(after) = options.duration("idleTimeout")? {
        native = native.idle_timeout(after);
    }
    if let Some(limit) = options.nested("receiveLimit", &["events", "bytes"])? {
        native = native
            .receive_limit(limit.size("events")?.unwrap_or(65_536), limit.size("bytes")?.unwrap_or(64 << 20));
    }
    if options.is_set("pauseWhenHidden")? {
        native = native.pause_when_hidden();
    }
    if options.is_set("pauseWhenOffline")? {
        native = native.pause_when_offline();
    }
    Ok(native)
}

/// A stream of events: an async iterator. Leaving the loop closes the connection.
///
/// ```js
/// const news = sse.connect("/news");
/// stop.onclick = () => news.close();
/// for await (const event of news) {
///   if (event.followsGap) await reload();
///   show(JSON.parse(event.data));
/// }
/// ```
#[wasm_bindgen(js_namespace = sse, js_name = Events)]
#[derive(Clone)]
pub struct Events {
    events: Pull,
    monitor: Monitor,
}

#[wasm_bindgen(js_namespace = sse, js_class = Events)]
impl Events {
    /// The next event.
    ///
    /// ```js
    /// const { value: first } = await news.next();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<IteratorResult<SentEvent, undefined>>")]
    pub fn next(&self) -> Promise {
        self.events.next()
    }

    /// 0 connecting, 1 open, 2 closed.
    #[wasm_bindgen(getter, js_name = readyState)]
    pub fn ready_state(&self) -> u8 {
        match self.monitor.ready_state() {
            ReadyState::Connecting => 0,
            ReadyState::Open => 1,
            ReadyState::Closed => 2,
        }
    }

    /// The last `id:` that the server sent: what a later stream takes as its option `lastEventId`.
    #[wasm_bindgen(getter, js_name = lastEventId)]
    pub fn last_event_id(&self) -> String {
        self.monitor.last_event_id()
    }

    /// Closes the connection: what a loop that is left early calls.
    #[wasm_bindgen(
        js_name = "return",
        unchecked_return_type = "Promise<IteratorResult<SentEvent, undefined>>"
    )]
    pub fn finish(&self) -> Promise {
        self.events.finish()
    }

    /// Closes the connection.
    ///
    /// ```js
    /// stop.onclick = () => news.close();
    /// ```
    pub fn close(&self) {
        self.events.close();
    }

    /// The iterator that `for await` asks for: the events themselves.
    #[wasm_bindgen(
        js_name = "[Symbol.asyncIterator]",
        unchecked_return_type = "AsyncIterator<SentEvent, undefined>"
    )]
    pub fn iterator(&self) -> Events {
        self.clone()
    }

    // Takes the place of the generated `free`, which `[Symbol.dispose]` calls too: here disposing closes. The memory
    // goes back when the object is collected.
    /// Closes the connection.
    #[wasm_bindgen(js_name = free, skip_typescript)]
    pub fn dispose(&self) {
        self.events.close();
    }
}

impl Events {
    fn new(stream: EventStream) -> Self {
        let monitor = stream.monitor();
        let events =
            stream.map(|event| event.map(|event| event_to_js(&event)).map_err(|error| to_js(&error)));
        Events { events: Pull::new(events), monitor }
    }
}

fn event_to_js(event: &Event) -> JsValue {
    let (kind, data, id) = (event.event_type(), event.data(), event.last_event_id());
    EVENT.with(|shape| shape.object([kind.into(), data.into(), id.into(), event.follows_gap().into()]))
}

thread_local! {
    static EVENT: Shape<4> = Shape::new(["type", "data", "lastEventId", "followsGap"]);
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
