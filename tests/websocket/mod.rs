//! Sockets in a page and in workers, and what the server saw of them.

mod close;
mod connect;
mod cycles;
#[cfg(all(feature = "io", feature = "send"))]
mod guises;
mod receive;
mod reconnect;
mod send;

use crate::shared::Entry;

/// At the latest when the handshake is answered: Firefox keeps one that was given up until then.
pub(crate) fn ended(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.ended.is_some())
}

/// Nothing is open any more.
pub(crate) fn all_ended(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| entry.ended.is_some())
}

/// By what only WebKit has.
pub(crate) fn is_webkit() -> bool {
    let agent = js_sys::Reflect::get(&js_sys::global(), &"navigator".into()).unwrap();
    let agent = js_sys::Reflect::get(&agent, &"userAgent".into()).unwrap().as_string().unwrap();
    agent.contains("AppleWebKit") && !agent.contains("Chrom")
}
