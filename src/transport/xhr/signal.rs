//! An `AbortSignal` that ends an exchange.

use std::rc::Rc;

use web_sys::EventTarget;

use super::Shared;
use crate::browser::listener::Listener;
use crate::error::{AbortedBy, Error, Result};
use crate::transport::http::Request;
use crate::transport::rest::not_aborted;

/// A [`Companion`](super::Companion).
pub(crate) fn heed(shared: &Rc<Shared>, request: &Request, listeners: &mut Vec<Listener>) -> Result<()> {
    not_aborted(request.options.signal.as_ref())
        .map_err(|error| error.with_url(&request.context.sent.url))?;
    listeners.extend(request.options.signal.as_ref().map(|signal| {
        let target = Rc::clone(shared);
        let signal: &EventTarget = signal.as_ref();
        Listener::new(signal, &["abort"], move |_| target.abort(Error::aborted(AbortedBy::Caller)))
    }));
    Ok(())
}
