//! An `AbortSignal` that ends an exchange.

use std::rc::Rc;

use web_sys::{AbortSignal, EventTarget};

use super::Shared;
use crate::browser::listener::Listener;
use crate::error::{AbortedBy, Error, Result};
use crate::transport::http::Request;

/// A [`Companion`](super::Companion).
pub(crate) fn heed(shared: &Rc<Shared>, request: &Request, listeners: &mut Vec<Listener>) -> Result<()> {
    if request.options.signal.as_ref().is_some_and(AbortSignal::aborted) {
        return Err(Error::aborted(AbortedBy::Caller).with_url(&request.context.sent.url));
    }
    listeners.extend(request.options.signal.as_ref().map(|signal| {
        let target = Rc::clone(shared);
        let signal: &EventTarget = signal.as_ref();
        Listener::new(signal, &["abort"], move |_| target.abort(Error::aborted(AbortedBy::Caller)))
    }));
    Ok(())
}
