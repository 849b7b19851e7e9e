//! Long waits in legs that a browser's timer can count, by a clock that may be set.

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

/// A wait under way. The wall clock ends it early where the machine slept; one that is set back does not make it longer
/// than the timer's own counting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay {
    deadline: Duration,
    left: Duration,
}

/// Timers and clocks may disagree by so much. A timer that is this early waits once more.
const EARLY: Duration = Duration::from_millis(20);

impl Delay {
    pub(crate) fn new(after: Duration, now: Duration) -> Self {
        Delay { deadline: now.saturating_add(after), left: after }
    }

    /// The milliseconds to sleep before [`left_after_leg`](Delay::left_after_leg).
    pub(crate) fn leg(&self) -> u32 {
        next_leg(self.left)
    }

    /// What is left now that the leg is over.
    pub(crate) fn left_after_leg(&mut self, now: Duration) -> Duration {
        let counted = self.left.saturating_sub(Duration::from_millis(u64::from(self.leg())));
        let by_clock = self.deadline.saturating_sub(now);
        let was_set_back = by_clock > counted.saturating_add(EARLY);
        self.left = if was_set_back { counted } else { by_clock };
        self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_wait_longer() {
        let mut delay = Delay::new(ms(5000), DAY);
        assert_eq!((delay.leg(), delay.left_after_leg(ms(100))), (5000, Duration::ZERO));
        let mut long = Delay::new(DAY * 3, DAY * 100);
        assert_eq!([ms(0), DAY, DAY * 2].map(|now| long.left_after_leg(now)), [DAY * 2, DAY, ms(0)]);
    }

    #[test]
    fn a_clock_that_is_ahead_ends_the_wait_as_after_a_sleep_of_the_machine() {
        let mut delay = Delay::new(DAY * 30, ms(0));
        assert_eq!(delay.left_after_leg(DAY * 29), DAY);
        assert_eq!(delay.left_after_leg(DAY * 31), ms(0));
    }

    #[test]
    fn a_timer_that_is_a_little_early_waits_for_the_rest() {
        let mut delay = Delay::new(ms(400), DAY);
        assert_eq!((delay.left_after_leg(DAY + ms(399)), delay.leg()), (ms(1), 1));
        assert_eq!(delay.left_after_leg(DAY + ms(400)), ms(0));
    }

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
