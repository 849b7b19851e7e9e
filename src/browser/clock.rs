//! The wall clock.

use std::time::Duration;

/// Now, since the Unix epoch, to the millisecond.
///
/// A wall clock and not `performance.now()`: some engines stop the latter while the machine sleeps, and a wait that
/// spans a sleep has to notice. It can be set back by the user, so callers subtract with saturation.
pub(crate) fn now() -> Duration {
    Duration::from_millis(js_sys::Date::now() as u64)
}
