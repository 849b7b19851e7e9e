//! Long waits in legs that a browser's timer can count, by a clock that may be set.

use std::time::Duration;

/// One day in milliseconds. `setTimeout` keeps its delay in a signed 32-bit number of them: more than 24.8 days fire at
/// once.
const LONGEST_LEG: u64 = 24 * 60 * 60 * 1000;

/// Timers and clocks may disagree by so many milliseconds. A timer that is this early waits once more.
const EARLY: u64 = 20;

/// Longer than any page lives, and far from overflowing: seconds.
const FOR_EVER: u64 = u64::MAX / 10_000;

/// A wait under way, in milliseconds. The wall clock ends it early where the machine slept; one that is set back does not
/// make it longer than the timer's own counting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay {
    deadline: u64,
    left: u64,
}

impl Delay {
    /// Not less than `after`, so that no wait ends early.
    pub(crate) fn new(after: Duration, now: u64) -> Self {
        let part = u64::from(after.subsec_nanos().div_ceil(1_000_000));
        let left = after.as_secs().min(FOR_EVER) * 1000 + part;
        Delay { deadline: now.saturating_add(left), left }
    }

    /// How long to sleep before [`left_after_leg`](Delay::left_after_leg): at most a day.
    pub(crate) fn leg(&self) -> u32 {
        self.left.min(LONGEST_LEG) as u32
    }

    /// What is left now that the leg is over.
    pub(crate) fn left_after_leg(&mut self, now: u64) -> u64 {
        let counted = self.left - u64::from(self.leg());
        let by_clock = self.deadline.saturating_sub(now);
        let was_set_back = by_clock > counted + EARLY;
        self.left = if was_set_back { counted } else { by_clock };
        self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    /// So many milliseconds, begun at `now`.
    fn delay(milliseconds: u64, now: u64) -> Delay {
        Delay::new(Duration::from_millis(milliseconds), now)
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_wait_longer() {
        let mut short = delay(5000, DAY);
        assert_eq!((short.leg(), short.left_after_leg(100)), (5000, 0));
        let mut long = delay(DAY * 3, DAY * 100);
        assert_eq!([0, DAY, DAY * 2].map(|now| long.left_after_leg(now)), [DAY * 2, DAY, 0]);
    }

    #[test]
    fn a_clock_that_is_ahead_ends_the_wait_as_after_a_sleep_of_the_machine() {
        let mut delay = delay(DAY * 30, 0);
        assert_eq!(delay.left_after_leg(DAY * 29), DAY);
        assert_eq!(delay.left_after_leg(DAY * 31), 0);
    }

    #[test]
    fn a_timer_that_is_a_little_early_waits_for_the_rest() {
        let mut delay = delay(400, DAY);
        assert_eq!((delay.left_after_leg(DAY + 399), delay.leg()), (1, 1));
        assert_eq!(delay.left_after_leg(DAY + 400), 0);
    }

    fn legs(mut delay: Delay) -> Vec<u32> {
        let mut legs = Vec::new();
        let mut now = 0;
        while legs.is_empty() || delay.left > 0 {
            legs.push(delay.leg());
            now += u64::from(delay.leg());
            delay.left_after_leg(now);
        }
        legs
    }

    #[test]
    fn a_short_delay_is_one_leg() {
        for milliseconds in [0, 1, 86_399_999] {
            assert_eq!(legs(delay(milliseconds, 0)), [milliseconds as u32]);
        }
    }

    #[test]
    fn a_part_of_a_millisecond_counts_as_a_whole() {
        for (nanoseconds, milliseconds) in [(1, 1), (1_000_001, 2), (86_399_999_999_999, 86_400_000)] {
            assert_eq!(Delay::new(Duration::from_nanos(nanoseconds), 0).leg(), milliseconds);
        }
    }

    #[test]
    fn thirty_days_are_thirty_legs_of_a_day() {
        assert_eq!(legs(delay(30 * DAY, 0)), [86_400_000; 30]);
        assert_eq!(legs(delay(86_400_001, 0)), [86_400_000, 1]);
    }

    #[test]
    fn the_longest_duration_fits_a_timer() {
        for longest in [Duration::MAX, Duration::from_secs(u64::from(u32::MAX))] {
            let mut delay = Delay::new(longest, u64::MAX);
            assert_eq!(delay.leg(), 86_400_000);
            assert!(delay.left_after_leg(u64::MAX) < delay.deadline);
        }
    }
}
