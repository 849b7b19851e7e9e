//! A response over XMLHttpRequest that is read while it arrives, at ready state 3.
//!
//! `responseText` grows for as long as the request lives, and Chromium makes the string anew at each look: of 1 MiB in some
//! 3 ms, of 8 MiB in up to 24. So there is a budget; and a look is taken with the `progress` event, at most about every
//! 50 ms, not with `readystatechange`, of which there may be one for each packet.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::{Event, ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

use super::{Place, Shared, Xhr};
use crate::browser::listener::Listener;
use crate::error::{AbortedBy, Error, Result};
use crate::proto::user_defined;
use crate::transport::http::{ReadyState, Request, ResponseType};
use crate::transport::incoming::{Incoming, Opening, Piece, Reading, Step};
use crate::transport::unique::made_unique;

/// The most bytes that are handed on at once: in wasm's memory, which never shrinks, the text of a piece has up to three
/// times as many.
const LARGEST_PIECE: u32 = 64 * 1024;

/// Shows each byte as a character of its own, whose low eight bits are the byte: UTF-8 would not tell what is malformed,
/// nor where a character was cut.
const EXACT_BYTES: &str = "text/plain; charset=x-user-defined";

/// What a connection over XMLHttpRequest may use up, and what makes its URL its own.
pub(crate) struct Terms {
    /// Bytes of the response after which the connection is closed.
    pub(crate) budget: u64,
    /// The query parameter that never repeats: an XMLHttpRequest cannot go past the browser's cache, where two streams of one
    /// URL wait for each other.
    pub(crate) unique: Option<String>,
}

/// A connection over XMLHttpRequest, within a budget.
pub(crate) fn over_xhr(request: Request, terms: &Terms) -> Opening {
    let opened = Arriving::open(made_unique(request, terms.unique.as_deref()), terms.budget);
    Box::pin(async move {
        let mut arriving = Box::new(opened?);
        poll_fn(|context| arriving.poll_headers(context)).await?;
        let arriving: Box<dyn Incoming> = arriving;
        Ok(arriving)
    })
}

struct Arriving {
    // Dropped before the exchange is, which is to hear of no listener then.
    _listener: Listener,
    xhr: Xhr,
    shown: Rc<Shown>,
    url: String,
    /// How it ended, once it has: the exchange tells it once.
    end: Option<Result<()>>,
}

/// What the browser has shown of the response.
#[derive(Default)]
struct Shown {
    budget: u64,
    status: Cell<Option<u16>>,
    /// Kept, because it is "" after an error.
    text: RefCell<JsString>,
    length: Cell<u32>,
    /// How much of the text was handed on.
    taken: Cell<u32>,
    full: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Arriving {
    fn open(mut request: Request, budget: u64) -> Result<Self> {
        if let Some(option) = unheard(&request) {
            return Err(Error::unsupported(option).with_url(&request.context.sent.url));
        }
        request = request.override_mime_type(EXACT_BYTES);
        request.options.companions.set(Place::Held, |shared, _, _| {
            shared.raw.set_response_type(XmlHttpRequestResponseType::Text);
            Ok(())
        });
        let url = request.context.sent.url.clone();
        let xhr = Xhr::start(request)?;
        let shown = Rc::new(Shown { budget, ..Shown::default() });
        let (target, exchange) = (Rc::clone(&shown), Rc::clone(&xhr.shared));
        let events = &["readystatechange", "progress", "load"];
        let listener = Listener::new(&xhr.shared.raw, events, move |event| target.look(&exchange, &event));
        Ok(Arriving { _listener: listener, xhr, shown, url, end: None })
    }

    fn poll_headers(&mut self, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_end(context);
        match self.end.take_if(|end| end.is_err() && !self.shown.full.get()) {
            Some(end) => Poll::Ready(end),
            None if self.shown.status.get().is_some() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    }

    /// `None` at the end of the body.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Piece>>> {
        self.poll_end(context);
        if let Some(piece) = self.shown.next_piece() {
            return Poll::Ready(piece.map(Some).map_err(|error| error.with_url(&self.url)));
        }
        match self.end.take() {
            _ if self.shown.full.get() => Poll::Ready(Ok(None)),
            Some(end) => Poll::Ready(end.map(|()| None)),
            None => Poll::Pending,
        }
    }

    fn poll_end(&mut self, context: &mut Context<'_>) {
        self.shown.waker.set(Some(context.waker().clone()));
        if self.end.is_none()
            && let Poll::Ready(outcome) = Pin::new(&mut self.xhr).poll(context)
        {
            self.end = Some(outcome.map(drop));
        }
    }
}

impl Incoming for Arriving {
    fn status(&self) -> u16 {
        self.shown.status.get().unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.xhr.shared.raw.get_response_header(name).ok().flatten()
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn read(mut self: Box<Self>) -> Reading {
        Box::pin(async move {
            Ok(match poll_fn(|context| self.poll_piece(context)).await? {
                Some(piece) => Step::Piece(self, piece),
                None if self.shown.full.get() => Step::Full(self.shown.taken.get().into()),
                None => Step::End,
            })
        })
    }
}

impl Shown {
    fn look(&self, exchange: &Shared, event: &Event) {
        if event.type_() == "readystatechange" {
            if self.status.get().is_some()
                || exchange.raw.ready_state() != ReadyState::HeadersReceived.as_u16()
            {
                return;
            }
            self.status.set(exchange.raw.status().ok());
        } else if let Ok(text) = exchange.raw.unchecked_ref::<Text>().response_text() {
            let length = text.length();
            // In WebKit a last `progress` may come of the abort itself, when the text is "" already.
            if length > self.length.get() {
                self.length.set(length);
                self.text.replace(text);
            }
            // In DONE there is no more to come, though a last `progress` may still be told.
            let is_done = exchange.raw.ready_state() == XmlHttpRequest::DONE;
            if u64::from(length) >= self.budget && !is_done && !is_whole(event) {
                self.full.set(true);
                exchange.abort(Error::aborted(AbortedBy::Caller));
            }
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// What was shown and not handed on, as far as one piece may be: that alone crosses into wasm.
    fn next_piece(&self) -> Option<Result<Piece>> {
        let from = self.taken.get();
        let to = self.length.get().min(from.saturating_add(LARGEST_PIECE));
        if from >= to {
            return None;
        }
        self.taken.set(to);
        let text = self.text.borrow().clone();
        let piece = JsValue::from(text.substring(from, to)).as_string().unwrap_or_default();
        Some(user_defined::encode(&piece).map(Piece::Here).map_err(|at| {
            let message = "the body begins with a byte order mark, which decides over every charset that is asked for: \
                           leave the mark out, or read it over fetch";
            Error::decode(message).with_offset(u64::from(from) + at as u64)
        }))
    }
}

/// Whether there is no more to come, as far as can be told: then it is no matter how long it is.
fn is_whole(event: &Event) -> bool {
    let progress: &ProgressEvent = event.unchecked_ref();
    progress.length_computable() && progress.loaded() >= progress.total()
}

/// What a body that is read piece by piece has no use for: refused, rather than ignored.
fn unheard(request: &Request) -> Option<&'static str> {
    let options = &request.options;
    if options.response_type != ResponseType::Bytes || request.context.mime_override.is_some() {
        Some("a stream is bytes: it has no response type, and no media type laid down")
    } else if options.max_size.is_some() || request.context.strip.is_some() || options.timing.is_some() {
        Some("a stream has no bound on its size but its budget, no prefix to strip, and no timing")
    } else if options.retry.is_some() || options.route.is_some() || options.engine.is_some() {
        Some("a stream goes straight to the browser: no retry, and no client's functions around it")
    } else if request.context.sent.asked.upload_events {
        Some("a stream tells of no upload: use http for its events")
    } else {
        None
    }
}

#[wasm_bindgen]
extern "C" {
    // web-sys copies the whole of it into wasm.
    type Text;

    #[wasm_bindgen(method, getter, structural, catch, js_name = responseText)]
    fn response_text(this: &Text) -> Result<JsString, JsValue>;
}
