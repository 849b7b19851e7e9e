//! The options of a connection.

use js_sys::Function;
use pagewire::websocket::{self, Connect, Heartbeat, Hidden, Message, Overflow, Reconnect};
use wasm_bindgen::prelude::*;

use super::{ConnectOptions, ReconnectOptions};
use crate::error::{close_to_js, invalid};
use crate::options::Options;
use crate::value::Address;

const CONNECT: &[&str] =
    &["protocols", "timeout", "signal", "receiveLimit", "overflow", "sendBuffer", "closeTimeout"];

const RECONNECT: &[&str] =
    &["backoff", "attempts", "stableAfter", "queue", "whenHidden", "againIf", "heartbeat"];

pub(super) fn connect(url: Address, options: Option<ConnectOptions>) -> Result<Connect, JsValue> {
    read_connect(url, &Options::new(options, &[CONNECT])?)
}

pub(super) fn reconnecting(
    url: Address,
    options: Option<ReconnectOptions>,
) -> Result<(Connect, Reconnect), JsValue> {
    let options = Options::new(options, &[CONNECT, RECONNECT])?;
    Ok((read_connect(url, &options)?, read_reconnect(&options)?))
}

fn read_connect(url: Address, options: &Options) -> Result<Connect, JsValue> {
    let mut connect = websocket::connect(url.text()).protocols(options.strings("protocols")?);
    if let Some(after) = options.duration("timeout")? {
        connect = connect.timeout(after);
    }
    if let Some(signal) = options.signal()? {
        connect = connect.abort_signal(&signal);
    }
    if let Some(limit) = options.nested("receiveLimit", &["messages", "bytes"])? {
        connect = connect.receive_limit(most(&limit, "messages", 65_536)?, most(&limit, "bytes", 64 << 20)?);
    }
    if let Some(overflow) = options.typed("overflow", OVERFLOWS, read_overflow)? {
        connect = connect.overflow(overflow);
    }
    if let Some(marks) = options.nested("sendBuffer", &["high", "low"])? {
        connect = connect.send_buffer(most(&marks, "high", 1 << 20)?, most(&marks, "low", 256 << 10)?);
    }
    if let Some(patience) = options.duration("closeTimeout")? {
        connect = connect.close_timeout(patience);
    }
    Ok(connect)
}

fn read_reconnect(options: &Options) -> Result<Reconnect, JsValue> {
    let mut rules = Reconnect::new();
    if let Some(waits) = options.nested("backoff", &["base", "cap"])? {
        let given = |name| waits.duration(name)?.ok_or_else(|| invalid("a backoff has a `base` and a `cap`"));
        rules = rules.backoff(given("base")?, given("cap")?);
    }
    if let Some(attempts) = options.count("attempts")? {
        rules = rules.attempts(u32::try_from(attempts).unwrap_or(u32::MAX));
    }
    if let Some(lasting) = options.duration("stableAfter")? {
        rules = rules.stable_after(lasting);
    }
    if let Some(limit) = options.nested("queue", &["messages", "bytes"])? {
        rules = rules.queue(most(&limit, "messages", 1000)?, most(&limit, "bytes", 1 << 20)?);
    }
    if let Some(hidden) = options.typed("whenHidden", "\"continue\" or \"wait\"", read_hidden)? {
        rules = rules.when_hidden(hidden);
    }
    if let Some(again) = options.function("againIf")? {
        rules = rules
            .again_if(move |end| verdict(&again, &close_to_js(end)).unwrap_or_else(|| end.may_recover()));
    }
    if let Some(heartbeat) = options.nested("heartbeat", &["every", "patience", "ping", "isPong"])? {
        rules = rules.heartbeat(read_heartbeat(&heartbeat)?);
    }
    Ok(rules)
}

fn read_heartbeat(options: &Options) -> Result<Heartbeat, JsValue> {
    let missing = || invalid("a heartbeat has `every`, `patience`, `ping` and `isPong`");
    let every = options.duration("every")?.ok_or_else(missing)?;
    let patience = options.duration("patience")?.ok_or_else(missing)?;
    let ping = options.given("ping")?.and_then(|ping| Message::try_from(ping).ok()).ok_or_else(missing)?;
    let is_pong = options.function("isPong")?.ok_or_else(missing)?;
    let is_pong = move |message: &Message| {
        super::message_to_js(Ok(message.clone()))
            .ok()
            .and_then(|message| verdict(&is_pong, &message))
            .unwrap_or(false)
    };
    Ok(Heartbeat::new(every, patience, move || ping.clone(), is_pong))
}

/// None from one that throws: that is the page's to hear of, and no reason to break off.
fn verdict(judge: &Function, value: &JsValue) -> Option<bool> {
    match judge.call1(&JsValue::UNDEFINED, value) {
        Ok(verdict) => Some(verdict.is_truthy()),
        Err(thrown) => {
            // Node has no such function.
            let _ = report_error(&thrown);
            None
        }
    }
}

#[wasm_bindgen]
extern "C" {
    /// <https://html.spec.whatwg.org/#dom-reporterror>
    #[wasm_bindgen(catch, js_name = reportError)]
    fn report_error(thrown: &JsValue) -> Result<(), JsValue>;
}

fn most(limit: &Options, name: &str, default: usize) -> Result<usize, JsValue> {
    Ok(limit.size(name)?.unwrap_or(default))
}

const OVERFLOWS: &str = "\"close\", \"drop-oldest\", \"drop-newest\" or \"keep-latest\"";

fn read_overflow(value: JsValue) -> Option<Overflow> {
    match value.as_string()?.as_str() {
        "close" => Some(Overflow::Close),
        "drop-oldest" => Some(Overflow::DropOldest),
        "drop-newest" => Some(Overflow::DropNewest),
        "keep-latest" => Some(Overflow::KeepLatest),
        _ => None,
    }
}

fn read_hidden(value: JsValue) -> Option<Hidden> {
    match value.as_string()?.as_str() {
        "continue" => Some(Hidden::Continue),
        "wait" => Some(Hidden::Wait),
        _ => None,
    }
}
