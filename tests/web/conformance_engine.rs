//! What the conformance tests share: which engine runs them, for claims where engines differ, and the record in brief.

use futures_util::{StreamExt, future::join};
use pagewire::http::{self, Event, Moment, Progress};

use crate::shared::{Entry, evaluate, user_agent};

/// Engines by what they call themselves: <https://html.spec.whatwg.org/#dom-navigator-useragent>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

pub(crate) async fn engine() -> Engine {
    match user_agent() {
        name if name.contains("Firefox/") => Engine::Firefox,
        name if name.contains("Chrome/") => Engine::Chromium,
        _ => Engine::WebKit,
    }
}

/// The origin of the page that runs the tests.
pub(crate) async fn own_origin() -> String {
    evaluate("return location.origin").await.unwrap().as_string().unwrap()
}

/// As `encodeURIComponent`: for a URL within a query.
pub(crate) fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

pub(crate) fn preflights(entries: &[Entry]) -> usize {
    entries.iter().filter(|entry| entry.method == "OPTIONS").count()
}

/// The requests themselves, without their preflights.
pub(crate) fn requests(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.method != "OPTIONS").collect()
}

/// The text of the body that came with a request.
pub(crate) fn body(entry: &Entry) -> &str {
    entry.body.as_ref().unwrap().text.as_deref().unwrap()
}

/// The outcome of a request, and all its events.
pub(crate) async fn run(request: http::Request) -> (pagewire::Result<http::Response>, Vec<Event>) {
    let exchange = request.start().unwrap();
    let events = exchange.events();
    join(exchange, events.collect()).await
}

/// The events by name, with repeated progress as one.
pub(crate) fn order(events: &[Event]) -> Vec<String> {
    let mut names: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::ReadyState(state) => format!("state {}", state.as_u16()),
            Event::Download(moment, _) => format!("{moment:?}"),
            Event::Upload(moment, _) => format!("upload {moment:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    names.dedup();
    names
}

/// The steps of one direction at one kind of moment.
pub(crate) fn steps(events: &[Event], wanted: Moment, upload: bool) -> Vec<Progress> {
    let step = |event: &Event| match event {
        Event::Download(moment, progress) if !upload && *moment == wanted => Some(*progress),
        Event::Upload(moment, progress) if upload && *moment == wanted => Some(*progress),
        _ => None,
    };
    events.iter().filter_map(step).collect()
}
