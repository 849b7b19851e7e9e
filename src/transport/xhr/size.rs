//! A bound on the size of a response.

use std::any::Any;
use std::rc::Rc;

use super::Shared;
use crate::browser::listener::Listener;
use crate::error::{ErrorKind, Result};
use crate::transport::http::{Reading, Request};

/// A [`Companion`](super::Companion).
pub(crate) fn hold(shared: &Rc<Shared>, request: &Request) -> Result<Box<dyn Any>> {
    let most = request.max_size.unwrap_or(u64::MAX);
    let target = Rc::clone(shared);
    let listener = Listener::new(&shared.raw, &["progress", "load"], move |event| {
        if Reading::new(&event).size() <= most {
            return;
        }
        if event.type_() == "load" {
            // Nothing to stop any more, and `abort()` would suppress `loadend`.
            target.cause.set(Some(ErrorKind::TooLarge));
        } else {
            target.abort(ErrorKind::TooLarge);
        }
    });
    Ok(Box::new(listener))
}
