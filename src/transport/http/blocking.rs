//! Requests that block, for workers: <https://xhr.spec.whatwg.org/#the-open()-method>.

use wasm_bindgen::JsValue;
use web_sys::XmlHttpRequest;

use super::response::{Held, Parts};
use super::{Body, Context, Headers, Request, Response, ResponseType, Source};
use crate::browser::global::{Scope, require_browser, scope};
use crate::browser::send::send;
use crate::browser::value::Thrown;
use crate::error::{Error, ErrorKind, Phase, Result};
use crate::transport::cors::{conclude, failed_now};
use crate::transport::xhr::held::set_response_type;
use crate::transport::xhr::limits::{LONGEST_NATIVE, at_least_a_millisecond};
use crate::transport::xhr::{self, missing, refused};

impl Request {
    /// Sends, and blocks this worker until the response is complete
    /// ([`open`](https://xhr.spec.whatwg.org/#dom-xmlhttprequest-open) with `async` false). Only in dedicated and shared
    /// workers.
    ///
    /// ```no_run
    /// use pagewire::http;
    ///
    /// /// In a worker, for code that cannot await.
    /// fn is_published(id: u32) -> pagewire::Result<bool> {
    ///     Ok(http::head(format!("/articles/{id}")).send_blocking()?.is_success())
    /// }
    /// ```
    ///
    /// # Errors
    /// As when awaited. [`ErrorKind::Unsupported`] in a page, which would freeze, in a service worker, which has no
    /// XMLHttpRequest, and for what a blocking request cannot have: a limit for first byte or idle, a total limit over
    /// 24 days, a signal, events, a retry, a client's functions.
    pub fn send_blocking(self) -> Result<Response> {
        let request = checked(self)?;
        if scope() == Scope::Window {
            let message = "a blocking request freezes the page: await it, or use a worker";
            return Err(Error::unsupported(message).with_url(&request.context.sent.url));
        }
        let raw = XmlHttpRequest::new().map_err(|_| missing())?;
        let context = exchange(&raw, request, true)?;
        Ok(Response::new(raw.status().unwrap_or_default(), Source::Xhr(raw), context))
    }

    /// Sends, and freezes the whole page until the response is complete: no input, no painting, no other script. For
    /// those who insist; browsers deprecate it and may refuse. The platform allows text only and no time limit.
    ///
    /// ```no_run
    /// use pagewire::http;
    ///
    /// /// A hook of an old library, which takes no promise for an answer.
    /// fn has_template(name: &str) -> pagewire::Result<bool> {
    ///     let request = http::head(format!("/templates/{name}"));
    ///     Ok(request.send_blocking_and_freeze_the_page()?.is_success())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`send_blocking`](Request::send_blocking), but for the page; [`ErrorKind::Unsupported`] also for a time limit
    /// and a response type other than the default.
    pub fn send_blocking_and_freeze_the_page(self) -> Result<Response> {
        let request = checked(self)?;
        if request.options.limits.total.is_some() || request.options.response_type != ResponseType::Bytes {
            let message = "a blocking request in a page has no time limit and gives text only";
            return Err(Error::unsupported(message).with_url(&request.context.sent.url));
        }
        let raw = XmlHttpRequest::new().map_err(|_| missing())?;
        let mut context = exchange(&raw, request, false)?;
        // The browser has decoded by it.
        context.mime_override = None;
        let text = raw.response_text().ok().flatten().unwrap_or_default();
        let parts = Parts {
            status_text: raw.status_text().unwrap_or_default(),
            headers: Headers::parse_all(&raw.get_all_response_headers().unwrap_or_default()),
            url: raw.response_url(),
            charset: None,
            body: Held::Bytes(text.into_bytes()),
        };
        Ok(Response::new(raw.status().unwrap_or_default(), Source::Parts(Box::new(parts)), context))
    }
}

/// Refuses what a blocking request would have to ignore.
fn checked(mut request: Request) -> Result<Request> {
    request.check()?;
    require_browser()?;
    let limits = request.options.limits;
    let refused = if limits.first_byte.is_some() || limits.idle.is_some() {
        "a blocking request has a total limit only"
    } else if limits.total.is_some_and(|total| total > LONGEST_NATIVE) {
        "a blocking request has a limit of at most 24 days"
    } else if request.options.signal.is_some() || request.context.sent.asked.upload_events {
        "a blocking request hears no signal and tells no events"
    } else if request.options.retry.is_some()
        || request.options.route.is_some()
        || request.options.engine.is_some()
    {
        "a blocking request goes straight to the browser: no retry, and no client's functions around it"
    } else if request.options.max_size.is_some() || request.options.response_type == ResponseType::Document {
        "a blocking request cannot be stopped at a size, nor parsed into a document"
    } else {
        return Ok(request);
    };
    Err(Error::unsupported(refused).with_url(&request.context.sent.url))
}

fn exchange(raw: &XmlHttpRequest, mut request: Request, typed: bool) -> Result<Box<Context>> {
    xhr::open(raw, &request, false).map_err(|thrown| refused(&thrown, &request.context.sent.url))?;
    if typed {
        set_response_type(raw, request.options.response_type);
        if let Some(total) = request.options.limits.total {
            raw.set_timeout(at_least_a_millisecond(total));
        }
    }
    request.watch();
    let (context, body) = conclude(request, false);
    let error = match send(raw, &body.map_or(JsValue::NULL, Body::into_js)) {
        Err(thrown) => failed(Some(&thrown)),
        // Firefox does not throw in a worker when CORS hides the answer.
        Ok(()) if raw.status().unwrap_or_default() == 0 => failed(None),
        Ok(()) => {
            context.was_sent();
            return Ok(context);
        }
    };
    Err(error.with_sent(failed_now(context.sent)))
}

fn failed(thrown: Option<&JsValue>) -> Error {
    let thrown = thrown.map(Thrown::name_of);
    if thrown.as_ref().is_some_and(|thrown| thrown.name == "TimeoutError") {
        return Error::timeout(Phase::Total);
    }
    let message = "no response: the server could not be reached, or CORS hides its answer";
    let error = Error::new(ErrorKind::Network, message);
    match thrown {
        Some(thrown) => error.with_thrown(thrown),
        None => error,
    }
}
