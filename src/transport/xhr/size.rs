//! A bound on the size of a response.

use std::rc::Rc;

use super::Shared;
use crate::browser::listener::Listener;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::http::{Reading, Request};

/// A [`Companion`](super::Companion).
pub(crate) fn hold(shared: &Rc<Shared>, request: &Request, listeners: &mut Vec<Listener>) -> Result<()> {
    let most = request.options.max_size.unwrap_or(u64::MAX);
    let target = Rc::clone(shared);
    listeners.push(Listener::new(&shared.raw, &["progress", "load"], move |event| {
        if Reading::new(&event).size() <= most {
            return;
        }
        let error = exceeded();
        if event.type_() == "load" {
            // It counts as ended, and there is nothing to stop any more.
            target.fail(error);
        } else {
            target.abort(error);
        }
    }));
    Ok(())
}

/// What a request ends with whose response has more bytes than it allows.
pub(crate) fn exceeded() -> Error {
    Error::new(ErrorKind::TooLarge, "the response has more bytes than the request allows")
}
