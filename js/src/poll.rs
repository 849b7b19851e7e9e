//! `poll`: asking again and again.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use js_sys::{Function, Number};
use pagewire::http::{self, Request, Retry};
use pagewire::poll::{self, Cursor};
use wasm_bindgen::prelude::*;

use crate::error::invalid;
use crate::options::Options;
use crate::reading::{LongReading, Place, ResponseReading, reading, reading_at};
use crate::request;
use crate::response::Response;
use crate::value::Address;

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("poll.ts");

#[wasm_bindgen]
extern "C" {
    /// See `poll.ts`.
    #[wasm_bindgen(typescript_type = "EveryOptions")]
    pub type EveryOptions;

    /// See `poll.ts`.
    #[wasm_bindgen(typescript_type = "LongOptions")]
    pub type LongOptions;
}

/// Sets what both ways have; they are two types with the same methods.
macro_rules! shared {
    ($poll:expr, $options:expr) => {{
        let (mut poll, options) = ($poll, &$options);
        poll = match unique(options)? {
            Unique::Default => poll,
            Unique::By(name) => poll.unique_by(&name),
            Unique::Not => poll.same_url(),
        };
        if let Some(retry) = request::lasting_retry(options, Retry::new().forever())? {
            poll = poll.retry(retry);
        }
        if options.is_set("pauseWhenHidden")? {
            poll = poll.pause_when_hidden();
        }
        if options.is_set("pauseWhenOffline")? {
            poll = poll.pause_when_offline();
        }
        poll
    }};
}

/// Short polling: asks again so many milliseconds after the last answer. There are never two requests at a time.
///
/// ```js
/// for await (const answer of poll.every("/prices", 10_000, { conditional: true, pauseWhenHidden: true })) {
///   show(await answer.json()); // a 304 yields nothing: each item is news
/// }
/// ```
#[wasm_bindgen(js_namespace = poll, js_name = every)]
pub fn every(url: Address, interval: f64, options: Option<EveryOptions>) -> Result<ResponseReading, JsValue> {
    const OWN: &[&str] = &["fromStart", "jitter", "conditional"];
    let options = Options::new(options, &[request::COMMON, request::CARRIED, SHARED, OWN])?;
    let interval = Duration::try_from_secs_f64(interval / 1000.0)
        .map_err(|_| invalid("the interval must be a number of milliseconds, 0 or more"))?;
    let mut every = poll::every(interval, asked(url, &options)?);
    if options.is_set("fromStart")? {
        every = every.from_start();
    }
    if let Some(most) = options.duration("jitter")? {
        every = every.jitter(most);
    }
    if options.is_set("conditional")? {
        every = every.conditional();
    }
    Ok(reading(shared!(every, options).open(), response))
}

/// Long polling: the server holds each request until there is something, and is asked again at once.
///
/// ```js
/// for await (const answer of poll.long("/updates", { cursor: { json: "next", query: "after" } })) {
///   show(await answer.json());
/// }
/// ```
#[wasm_bindgen(js_namespace = poll, js_name = long)]
pub fn long(url: Address, options: Option<LongOptions>) -> Result<LongReading, JsValue> {
    const OWN: &[&str] = &["cursor", "position", "spacing"];
    let options = Options::new(options, &[request::COMMON, request::CARRIED, SHARED, OWN])?;
    let mut long = poll::long(asked(url, &options)?);
    let thrown: Thrown = Rc::default();
    if let Some(cursor) = cursor(&options, &thrown)? {
        long = long.cursor(cursor);
    }
    if let Some(position) = options.text("position")? {
        long = long.from_position(&position);
    }
    if let Some(least) = options.duration("spacing")? {
        long = long.spacing(least);
    }
    let mut answers = shared!(long, options).open();
    let place = Place::new(answers.position().into());
    let reached = Rc::clone(&place);
    let told = stream::poll_fn(move |context| {
        let answer = answers.poll_next_unpin(context);
        reached.replace(answers.position());
        match thrown.take() {
            Some(thrown) => Poll::Ready(Some(Ok(Err(thrown)))),
            None => answer.map(|answer| answer.map(|answer| answer.map(Ok))),
        }
    });
    Ok(reading_at(place, told, |answer: Result<_, JsValue>| answer.and_then(response)))
}

/// What both ways have.
const SHARED: &[&str] = &["retry", "unique", "pauseWhenHidden", "pauseWhenOffline"];

fn asked(url: Address, options: &Options) -> Result<Request, JsValue> {
    request::carried(url.text(), options)
}

fn response(answer: http::Response) -> Result<JsValue, JsValue> {
    Ok(Response::from(answer).into())
}

enum Unique {
    Default,
    By(String),
    Not,
}

fn unique(options: &Options) -> Result<Unique, JsValue> {
    let chosen = options.typed("unique", "a parameter's name, or false", |value| match value.as_bool() {
        Some(true) => Some(Unique::Default),
        Some(false) => Some(Unique::Not),
        None => value.as_string().map(Unique::By),
    })?;
    Ok(chosen.unwrap_or(Unique::Default))
}

fn cursor(options: &Options, thrown: &Thrown) -> Result<Option<Cursor>, JsValue> {
    match options.get("cursor")?.map(|value| value.as_string()) {
        None => return Ok(None),
        Some(Some(name)) if name == "nchan" => return Ok(Some(Cursor::nchan())),
        Some(Some(name)) if name == "nchan-headers" => return Ok(Some(Cursor::nchan_headers())),
        Some(Some(_)) => {
            return Err(invalid("the option `cursor` is \"nchan\", \"nchan-headers\" or an object"));
        }
        Some(None) => {}
    }
    let Some(chosen) = options.nested("cursor", &["json", "header", "read", "query"])? else {
        return Ok(None);
    };
    let query = chosen.required_text("query")?;
    match (chosen.text("json")?, chosen.text("header")?, chosen.function("read")?) {
        (Some(field), None, None) => Ok(Some(Cursor::json(&field, &query))),
        (None, Some(name), None) => Ok(Some(Cursor::header(&name, &query))),
        (None, None, Some(read)) => {
            let thrown = Rc::clone(thrown);
            Ok(Some(Cursor::query(&query, move |answer| {
                read_by(&read, answer).unwrap_or_else(|error| {
                    thrown.set(Some(error));
                    None
                })
            })))
        }
        _ => Err(invalid("a cursor reads by one of `json`, `header` and `read`")),
    }
}

/// What a cursor's function threw: the reading ends with it.
type Thrown = Rc<Cell<Option<JsValue>>>;

/// What the caller's function finds: a string or a number, or nothing.
fn read_by(read: &Function, answer: &http::Response) -> Result<Option<String>, JsValue> {
    let response = Response::from(answer.clone());
    let found = read.call1(&JsValue::UNDEFINED, &response.into())?;
    if found.is_null() || found.is_undefined() {
        return Ok(None);
    }
    let position = match found.dyn_ref::<Number>() {
        Some(number) => number.to_string_with_radix(10).ok().map(String::from),
        None => found.as_string(),
    };
    match position {
        None => Err(invalid("a cursor's `read` gives a string, a number or nothing")),
        position => Ok(position),
    }
}
