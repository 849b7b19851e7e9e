//! The wall clock, and chance.

use std::time::Duration;

/// Now, since the Unix epoch, to the millisecond; zero on a target without a browser, which has nothing to time.
///
/// A wall clock and not `performance.now()`: some engines stop the latter while the machine sleeps, and a wait that
/// spans a sleep has to notice. It can be set back by the user, so callers subtract with saturation.
pub(crate) fn now() -> Duration {
    Duration::from_millis(timestamp() as u64)
}

/// The same in milliseconds.
pub(crate) fn timestamp() -> f64 {
    if cfg!(target_arch = "wasm32") { js_sys::Date::now() } else { 0.0 }
}

/// A number from 0 up to 1, to spread waits by: nothing that must be unguessable.
pub(crate) fn random() -> f64 {
    if cfg!(target_arch = "wasm32") { js_sys::Math::random() } else { 0.5 }
}
