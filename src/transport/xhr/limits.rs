//! The time limits of an exchange.

use std::rc::Rc;
use std::time::Duration;

use super::Shared;
use crate::browser::listener::Listener;
use crate::error::{Error, Phase, Result};
use crate::transport::http::{Moment, ReadyState, Request};
use crate::transport::watchdog::Watchdog;

/// The longest delay that `timeout` takes in every engine: 31 bits of milliseconds.
pub(crate) const LONGEST_NATIVE: Duration = Duration::from_millis(i32::MAX as u64);

/// A [`Companion`](super::Companion): the browser's own clock for a total limit, and ours for what it does not have.
pub(crate) fn watch(shared: &Rc<Shared>, request: &Request, listeners: &mut Vec<Listener>) -> Result<()> {
    let mut limits = request.options.limits;
    if let Some(total) = limits.total.take_if(|total| *total <= LONGEST_NATIVE) {
        shared.raw.set_timeout(at_least_a_millisecond(total));
        let target = Rc::clone(shared);
        listeners.push(Listener::new(&shared.raw, &["timeout"], move |_| {
            target.fail(Error::timeout(Phase::Total));
        }));
    }
    if limits.is_none() {
        return Ok(());
    }
    // Of an empty body not every engine tells the end of the upload.
    let uploading = request.body.as_ref().is_some_and(|body| !body.is_empty());
    let target = Rc::downgrade(shared);
    let watchdog = Watchdog::new(limits, uploading, move |phase| {
        if let Some(shared) = target.upgrade() {
            shared.abort(Error::timeout(phase));
        }
    });
    if request.limits_upload()
        && let Ok(upload) = shared.raw.upload()
    {
        let watchdog = watchdog.clone();
        listeners.push(Listener::new(&upload, Moment::EVENTS, move |event| match event.type_().as_str() {
            "loadend" => watchdog.uploaded(),
            _ => watchdog.progressed(),
        }));
    }
    let target = Rc::clone(shared);
    listeners.push(Listener::new(&shared.raw, &["readystatechange", "progress"], move |event| {
        if event.type_() == "progress" {
            watchdog.progressed();
        } else if ReadyState::from_u16(target.raw.ready_state()) >= ReadyState::HeadersReceived {
            watchdog.answered();
        }
    }));
    Ok(())
}

/// `timeout = 0` means none, so the shortest limit is one millisecond.
pub(crate) fn at_least_a_millisecond(limit: Duration) -> u32 {
    u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1)
}
