//! The script in the page: <https://html.spec.whatwg.org/multipage/scripting.html#the-script-element>.

use std::any::Any;

use js_sys::JSON;
use wasm_bindgen::JsValue;
use web_sys::HtmlScriptElement;

use super::Answer;
use super::answer::{not_called, not_json, not_loaded, too_large};
use super::call::Call;
use crate::browser::callback::Callback;
use crate::browser::clock;
use crate::browser::element::Owned;
use crate::browser::listener::Listener;
use crate::browser::outcome::Outcome;
use crate::browser::policy;
use crate::browser::value::Thrown;
use crate::error::{Error, Result};
use crate::proto::jsonp::{generated_name, script_url};
use crate::transport::address::{as_reported, web_url};
use crate::transport::attempt::Unexplained;

pub(super) fn run(call: &Call, outcome: &Outcome<Result<Answer>>) -> Result<Box<dyn Any>> {
    if !call.redirects.is_empty() {
        return Err(Error::invalid("in the page every redirect is followed: none can be allowed"));
    }
    let name = match &call.callback {
        Some(name) => name.clone(),
        None => generated_name(clock::unguessable().ok_or_else(no_chance)?),
    };
    let url = script_url(call.url.clone(), &call.parameter, &name);
    let script = create(call)?;
    let callback = {
        let (outcome, max_size) = (outcome.clone(), call.max_size);
        Callback::new(&name, move |value| outcome.settle(read(&value, max_size)))?
    };
    let heard = {
        let (outcome, unexplained) = (outcome.clone(), Unexplained::default());
        Listener::new(&script, &["load", "error"], move |event| match event.type_() == "load" {
            true => outcome.settle(Err(not_called())),
            false => unexplained.settle(&outcome, Err(not_loaded())),
        })
    };
    let policy = {
        let (outcome, own) = (outcome.clone(), as_reported(&web_url(&url)?));
        policy::watch(move |directive, blocked| {
            let is_for_scripts = directive.starts_with("script-src") || directive == "default-src";
            if is_for_scripts && own.iter().any(|own| own == blocked) {
                outcome.settle(Err(forbidden()));
            }
        })
    };
    set_source(&script, &url)?;
    script.attach()?;
    // The listeners go first, and the callback last: until the script is out of the document it may be called.
    Ok(Box::new((heard, policy, script, callback)))
}

fn create(call: &Call) -> Result<Owned<HtmlScriptElement>> {
    let script = Owned::<HtmlScriptElement>::create()?;
    script.set_async(true);
    if !call.nonce.is_empty() {
        script.set_nonce(&call.nonce);
    }
    if !call.charset.is_empty() {
        script.set_charset(&call.charset);
    }
    if let Some(policy) = call.referrer_policy {
        let _ = script.set_attribute("referrerpolicy", policy.as_str());
    }
    Ok(script)
}

/// The value as JSON text: what else it may be, a getter that throws or a function, does not come any further.
fn read(value: &JsValue, max_size: usize) -> Result<Answer> {
    let text = JSON::stringify(value).map_err(|thrown| not_json().with_thrown(Thrown::new(&thrown)))?;
    // It gives `undefined` for a function, a symbol, or no argument.
    if !text.is_string() {
        return Err(not_json());
    }
    if text.length() as usize > max_size {
        return Err(too_large());
    }
    Answer::new(text.into(), max_size)
}

/// Trusted Types refuse a plain address: <https://w3c.github.io/trusted-types/dist/spec/#enforcement-in-scripts>.
fn set_source(script: &HtmlScriptElement, url: &str) -> Result<()> {
    js_sys::Reflect::set(script, &"src".into(), &url.into())
        .map(drop)
        .map_err(|thrown| forbidden().with_thrown(Thrown::new(&thrown).without_message()))
}

fn forbidden() -> Error {
    Error::blocked(
        "the page's policy forbids the script: see its `script-src` and `require-trusted-types-for`",
    )
}

fn no_chance() -> Error {
    Error::unsupported("there is no source of unguessable names here")
}
