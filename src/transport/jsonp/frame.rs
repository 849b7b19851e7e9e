//! The script in a frame of its own: <https://html.spec.whatwg.org/multipage/browsers.html#sandboxing>.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlIFrameElement, MessageEvent};

use super::Answer;
use super::answer::{name_taken, not_called, not_json, not_loaded, too_large};
use super::call::Call;
use crate::browser::clock;
use crate::browser::element::Owned;
use crate::browser::listener::Listener;
use crate::browser::outcome::Outcome;
use crate::browser::policy;
use crate::browser::timer::Timer;
use crate::error::{Error, Result};
use crate::proto::hex::hex;
use crate::proto::jsonp::{self, Said, script_url};
use crate::transport::address::web_url;

/// A frame that has loaded has said all that it will: its messages may only come by another way, and a little later.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A fixed name, as it meets no other in a frame of its own: so the URL stays the same, and its answer can be cached.
const CALLBACK: &str = "callback";

pub(super) fn run(call: &Call, outcome: &Outcome<Result<Answer>>) -> Result<Box<dyn Any>> {
    let callback = call.callback.as_deref().unwrap_or(CALLBACK);
    let unique = clock::unguessable().map(|bytes| hex(&bytes)).unwrap_or_default();
    let frame_url = jsonp::Call {
        url: &script_url(call.url.clone(), &call.parameter, callback),
        origins: &origins(call)?,
        callback,
        max_size: call.max_size,
        nonce: &call.nonce,
        charset: &call.charset,
        referrer_policy: call.referrer_policy.map_or("", super::ReferrerPolicy::as_str),
        unique: &unique,
    }
    .frame_url();
    let frame = create()?;
    let ready = Rc::new(Cell::new(false));
    let policy = {
        let outcome = outcome.clone();
        policy::watch(move |directive, blocked| {
            let is_for_frames = matches!(directive, "frame-src" | "child-src" | "default-src");
            if is_for_frames && blocked.starts_with("data") {
                outcome.settle(Err(frame_forbidden()));
            }
        })
    };
    let loaded = {
        let (outcome, ready, timer) = (outcome.clone(), Rc::clone(&ready), RefCell::new(None));
        Listener::new(&frame, &["load"], move |_| {
            let (outcome, ready) = (outcome.clone(), Rc::clone(&ready));
            let last = Timer::new(LAST_WORDS, move || {
                outcome.settle(Err(if ready.get() { not_called() } else { frame_forbidden() }));
            });
            timer.replace(Some(last));
        })
    };
    frame.set_src(&frame_url);
    frame.attach()?;
    let window = JsValue::from(frame.content_window());
    let heard = {
        let (outcome, max_size) = (outcome.clone(), call.max_size);
        Listener::new(&js_sys::global().unchecked_into(), &["message"], move |event| {
            let event: &MessageEvent = event.unchecked_ref();
            // The browser says who speaks: no other frame can pass for this one.
            if JsValue::from(event.source()) != window {
                return;
            }
            match read(&event.data(), max_size) {
                None => ready.set(true),
                Some(said) => outcome.settle(said),
            }
        })
    };
    Ok(Box::new((heard, loaded, policy, frame)))
}

/// Where the script may come from.
fn origins(call: &Call) -> Result<Vec<String>> {
    let addresses = std::iter::once(&call.url).chain(&call.redirects);
    addresses.map(|address| Ok(web_url(address)?.origin())).collect()
}

/// A frame that may run scripts and nothing else: no origin, no storage, no popups, no forms, no navigation but its own.
fn create() -> Result<Owned<HtmlIFrameElement>> {
    let frame = Owned::<HtmlIFrameElement>::create()?;
    let attributes =
        [("sandbox", "allow-scripts"), ("referrerpolicy", "no-referrer"), ("aria-hidden", "true")];
    for (name, value) in attributes {
        frame
            .set_attribute(name, value)
            .map_err(|_| Error::unsupported("this document gives frames no attributes"))?;
    }
    // Not the attribute `hidden`, which a page's style sheet may overrule.
    let _ = frame.style().set_property_with_priority("display", "none", "important");
    Ok(frame)
}

/// What a message means; `None` for the one that only says that the frame's program runs.
fn read(data: &JsValue, max_size: usize) -> Option<Result<Answer>> {
    let Some(text) = data.dyn_ref::<JsString>() else {
        return Some(Err(not_json()));
    };
    // Looked at before it is copied: each of its units is a byte or more, and one is the message's own.
    if text.length() as usize > max_size.saturating_add(1) {
        return Some(Err(too_large()));
    }
    match Said::parse(&String::from(text)) {
        Said::Ready => None,
        Said::Json(json) => Some(Answer::new(json.to_owned(), max_size)),
        Said::NotJson | Said::Nonsense => Some(Err(not_json())),
        Said::TooLarge => Some(Err(too_large())),
        Said::NotCalled => Some(Err(not_called())),
        Said::NotLoaded => Some(Err(not_loaded())),
        Said::NameTaken => Some(Err(name_taken())),
        Said::Blocked => Some(Err(script_forbidden())),
    }
}

fn frame_forbidden() -> Error {
    Error::blocked(
        "the page's policy forbids the frame (`frame-src data:`) or its program (`script-src`, by hash or nonce)",
    )
}

fn script_forbidden() -> Error {
    Error::blocked(
        "a policy forbids the script: the page's `script-src` or `trusted-types`, or a redirect left its origin",
    )
}
