//! Long waits in legs that a browser's timer can count.

use std::time::Duration;

/// One day. `setTimeout` keeps its delay in a signed 32-bit number of milliseconds: more than 24.8 days fire at once.
const LONGEST_LEG_SECONDS: u32 = 24 * 60 * 60;

/// The milliseconds to sleep before looking at the clock again, with `remaining` to go: at most a day, and otherwise
/// not less than the rest, so that no wait ends early.
pub(crate) fn next_leg(remaining: Duration) -> u32 {
    match u32::try_from(remaining.as_secs()) {
        Ok(seconds) if seconds < LONGEST_LEG_SECONDS => {
            seconds * 1000 + remaining.subsec_nanos().div_ceil(1_000_000)
        }
        _ => LONGEST_LEG_SECONDS * 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legs(mut remaining: Duration) -> Vec<u32> {
        let mut legs = Vec::new();
        while !remaining.is_zero() {
            let leg = next_leg(remaining);
            remaining = remaining.saturating_sub(Duration::from_millis(u64::from(leg)));
            legs.push(leg);
        }
        legs
    }

    #[test]
    fn a_short_delay_is_one_leg() {
        assert_eq!(next_leg(Duration::ZERO), 0);
        assert_eq!(next_leg(Duration::from_millis(1)), 1);
        assert_eq!(next_leg(Duration::from_millis(86_399_999)), 86_399_999);
    }

    #[test]
    fn a_part_of_a_millisecond_counts_as_a_whole() {
        assert_eq!(next_leg(Duration::from_nanos(1)), 1);
        assert_eq!(next_leg(Duration::from_nanos(1_000_001)), 2);
        assert_eq!(next_leg(Duration::from_nanos(86_399_999_999_999)), 86_400_000);
    }

    #[test]
    fn thirty_days_are_thirty_legs_of_a_day() {
        assert_eq!(legs(Duration::from_secs(30 * 86_400)), [86_400_000; 30]);
        assert_eq!(legs(Duration::from_millis(86_400_001)), [86_400_000, 1]);
    }

    #[test]
    fn the_longest_duration_fits_a_timer() {
        assert_eq!(next_leg(Duration::MAX), 86_400_000);
        assert_eq!(next_leg(Duration::from_secs(u64::from(u32::MAX))), 86_400_000);
    }
}
