//! The option `transport` of a client: a function that answers in the place of the browser.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use pagewire::websocket::Message;
use pagewire::{Error, ErrorKind, http};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::around::Outgoing;
use crate::error::invalid;
use crate::options::Options;

/// What the function of one request threw last: an [`Error`] cannot carry it, so it goes around.
#[derive(Clone, Default)]
pub(super) struct Thrown(Rc<Cell<Option<JsValue>>>);

impl Thrown {
    /// What the request rejects with: what was thrown, if anything was, comes before what the library says.
    pub(super) fn or(&self, error: JsValue) -> JsValue {
        self.0.take().unwrap_or(error)
    }

    fn keep(&self, thrown: JsValue) -> Error {
        let kind = Reflect::get(&thrown, &JsValue::from_str("kind")).ok().and_then(|kind| kind.as_string());
        self.0.set(Some(thrown));
        // What a browser's failure would be is tried again as such.
        let kind = match kind.as_deref() {
            Some("network") => ErrorKind::Network,
            _ => ErrorKind::InvalidRequest,
        };
        Error::new(kind, "the client's transport failed")
    }
}

/// A client whose requests `answer` answers, and what it throws at them.
pub(super) fn answered_by(client: &http::Client, answer: Function) -> (http::Client, Thrown) {
    let thrown = Thrown::default();
    let kept = thrown.clone();
    let client = client.clone().transport(move |request| {
        let (answer, kept) = (answer.clone(), kept.clone());
        // An earlier attempt's.
        kept.0.take();
        async move { ask(&answer, request).await.map_err(|thrown| kept.keep(thrown)) }
    });
    (client, thrown)
}

async fn ask(answer: &Function, request: http::Request) -> Result<http::Response, JsValue> {
    let given = answer.call1(&JsValue::UNDEFINED, &Outgoing::from(request).into())?;
    let given = JsFuture::from(Promise::resolve(&given)).await?;
    let options = Options::new(Some(given), &[&["status", "headers", "body"]])?;
    let status = options.count("status")?.unwrap_or(200);
    let status = u16::try_from(status).ok().filter(|status| (200..600).contains(status));
    let status = status.ok_or_else(|| invalid("the status of an answer is 200 to 599"))?;
    let headers = options.pairs("headers")?;
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // What a socket takes: text or bytes.
    let body = options.typed("body", "a string or bytes", |value| Message::try_from(value).ok())?;
    Ok(match body {
        Some(Message::Text(text)) => http::Response::made(status, &headers, text),
        Some(Message::Binary(bytes)) => http::Response::made(status, &headers, bytes),
        None => http::Response::made(status, &headers, ""),
    })
}
