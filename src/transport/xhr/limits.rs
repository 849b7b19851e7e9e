//! The time limits of an exchange.

use std::any::Any;
use std::rc::Rc;
use std::time::Duration;

use super::Shared;
use crate::browser::listener::Listener;
use crate::error::{ErrorKind, Result};
use crate::transport::http::{Moment, ReadyState, Request};
use crate::transport::watchdog::Watchdog;

/// The longest delay that `timeout` takes in every engine: 31 bits of milliseconds.
pub(crate) const LONGEST_NATIVE: Duration = Duration::from_millis(i32::MAX as u64);

/// A [`Companion`](super::Companion): the browser's own clock for a total limit, and ours for what it does not have.
pub(crate) fn watch(shared: &Rc<Shared>, request: &Request) -> Result<Box<dyn Any>> {
    let mut limits = request.limits;
    if let Some(total) = limits.total.take_if(|total| *total <= LONGEST_NATIVE) {
        shared.raw.set_timeout(at_least_a_millisecond(total));
    }
    if limits.is_none() {
        return Ok(Box::new(()));
    }
    // Of an empty body not every engine tells the end of the upload.
    let uploading = request.body.as_ref().is_some_and(|body| !body.is_empty());
    let weak = Rc::downgrade(shared);
    let watchdog = Watchdog::new(limits, uploading, move |phase| {
        if let Some(shared) = weak.upgrade() {
            shared.abort(ErrorKind::Timeout(phase));
        }
    });
    let upload = if request.limits_upload() { shared.raw.upload().ok() } else { None };
    let upload = upload.map(|upload| {
        let watchdog = watchdog.clone();
        Listener::new(&upload, Moment::EVENTS, move |event| match event.type_().as_str() {
            "loadend" => watchdog.uploaded(),
            _ => watchdog.progressed(),
        })
    });
    let target = Rc::clone(shared);
    let download = Listener::new(&shared.raw, &["readystatechange", "progress"], move |event| {
        if event.type_() == "progress" {
            watchdog.progressed();
        } else if ReadyState::from_u16(target.raw.ready_state()) >= ReadyState::HeadersReceived {
            watchdog.answered();
        }
    });
    Ok(Box::new((upload, download)))
}

/// `timeout = 0` means none, so the shortest limit is one millisecond.
pub(crate) fn at_least_a_millisecond(limit: Duration) -> u32 {
    u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1)
}
