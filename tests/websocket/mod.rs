//! Sockets in a page and in workers, and what the server saw of them.

mod close;
mod connect;
mod cycles;
#[cfg(all(feature = "io", feature = "send"))]
mod guises;
mod heartbeat;
mod kept_close;
mod order;
mod receive;
mod reconnect;
mod send;
mod waiting;

use crate::shared::{Entry, scope_name, user_agent};

/// At the latest when the handshake is answered: Firefox keeps one that was given up until then.
pub(crate) fn ended(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.ended.is_some())
}

/// Nothing is open any more.
pub(crate) fn all_ended(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| entry.ended.is_some())
}

/// Whether this is WebKit, by its name.
pub(crate) fn is_webkit() -> bool {
    let agent = user_agent();
    agent.contains("AppleWebKit") && !agent.contains("Chrom")
}

/// Firefox ends a service worker within a minute, and makes whoever connects again wait: what takes long has no place there.
pub(crate) fn is_short_lived() -> bool {
    scope_name() == "ServiceWorkerGlobalScope" && user_agent().contains("Firefox")
}
