//! How fast bytes move, and how long the rest will take.

use std::collections::VecDeque;
use std::time::Duration;

/// Measures one direction of a transfer over the last two seconds.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Oldest first; at most one is older than the window, so there are never more than a few dozen.
    samples: VecDeque<Sample>,
}

/// What a [`Meter`] makes of what it has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Estimate {
    /// Bytes per second; `None` until enough time has passed to tell.
    pub(crate) rate: Option<f64>,
    /// The time until `total` at this rate; `None` without a total or while nothing moves.
    pub(crate) remaining: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Duration,
    loaded: u64,
}

/// Long enough to smooth bursts, short enough to follow a change.
const WINDOW: Duration = Duration::from_secs(2);

/// A rate over less time than this tells the size of a buffer, not the speed of a network.
const SHORTEST: Duration = Duration::from_millis(100);

impl Meter {
    /// Takes in that `loaded` of `total` bytes have moved at `now`, a time since any fixed start.
    pub(crate) fn record(&mut self, now: Duration, loaded: u64, total: Option<u64>) -> Estimate {
        let sample = Sample { at: now, loaded };
        if self.samples.back().is_some_and(|last| loaded < last.loaded || now < last.at) {
            // The transfer began again.
            self.samples.clear();
        }
        self.drop_before(now.saturating_sub(WINDOW));
        let rate = self.rate_until(sample);
        if self.samples.back().is_none_or(|last| now.saturating_sub(last.at) >= SHORTEST) {
            self.samples.push_back(sample);
        }
        let remaining = total.and_then(|total| time_for(total.saturating_sub(loaded), rate));
        Estimate { rate, remaining }
    }

    /// Drops what is older than the window, but for the one sample that tells where the window begins.
    fn drop_before(&mut self, begin: Duration) {
        while self.samples.get(1).is_some_and(|second| second.at <= begin) {
            self.samples.pop_front();
        }
    }

    fn rate_until(&self, end: Sample) -> Option<f64> {
        // Nothing has moved yet, perhaps because nothing will: a download waits for its upload, and the reverse.
        let first = self.samples.front().filter(|_| end.loaded > 0)?;
        let begin = end.at.saturating_sub(WINDOW).max(first.at);
        let elapsed = end.at.saturating_sub(begin);
        if elapsed < SHORTEST {
            return None;
        }
        let second = self.samples.get(1).copied().unwrap_or(end);
        let moved = end.loaded as f64 - interpolate(*first, second, begin);
        Some(moved / elapsed.as_secs_f64())
    }
}

/// The bytes loaded at `at`, as if they had moved evenly between two samples: otherwise the one before a long stall
/// would count in full for as long as it is the last outside the window.
fn interpolate(before: Sample, after: Sample, at: Duration) -> f64 {
    let since = |at: Duration| at.saturating_sub(before.at).as_secs_f64();
    before.loaded as f64 + (after.loaded - before.loaded) as f64 * since(at) / since(after.at)
}

fn time_for(bytes: u64, rate: Option<f64>) -> Option<Duration> {
    if bytes == 0 {
        return Some(Duration::ZERO);
    }
    // Nothing moving makes this infinite, which is no duration.
    Duration::try_from_secs_f64(bytes as f64 / rate?).ok()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Records each (milliseconds, bytes loaded); the estimate after the last, rounded to whole bytes and milliseconds.
    fn after(total: Option<u64>, samples: &[(u32, u64)]) -> (Option<u64>, Option<u128>) {
        let mut meter = Meter::default();
        let mut last = Estimate::default();
        for &(at, loaded) in samples {
            last = meter.record(MS * at, loaded, total);
        }
        let millis = |remaining: Duration| remaining.as_millis();
        (last.rate.map(|rate| rate.round() as u64), last.remaining.map(millis))
    }

    #[test]
    fn the_first_sample_tells_nothing() {
        assert_eq!(after(Some(1000), &[(0, 0)]), (None, None));
        assert_eq!(after(Some(1000), &[(5000, 500)]), (None, None));
    }

    #[test]
    fn a_buffer_filled_in_an_instant_is_no_rate() {
        assert_eq!(after(Some(9000), &[(0, 0), (0, 1000), (99, 2000)]), (None, None));
        assert_eq!(after(Some(9000), &[(0, 0), (0, 1000), (100, 2000)]), (Some(20_000), Some(350)));
    }

    #[test]
    fn a_direction_in_which_nothing_has_moved_has_no_rate() {
        assert_eq!(after(None, &[(0, 0), (1000, 0), (5000, 0)]), (None, None));
        assert_eq!(after(Some(1000), &[(0, 0), (1000, 0)]), (None, None));
        assert_eq!(after(Some(1000), &[(0, 0), (1000, 0), (2000, 500)]), (Some(250), Some(2000)));
    }

    #[test]
    fn an_even_flow_gives_its_rate_and_the_time_left() {
        let even: Vec<_> = (0..=100).map(|n| (n * 50, u64::from(n) * 500)).collect();
        assert_eq!(after(Some(60_000), &even), (Some(10_000), Some(1000)));
        assert_eq!(after(None, &even), (Some(10_000), None));
    }

    #[test]
    fn only_the_last_two_seconds_count() {
        let slow = (0..=50).map(|n| (n * 100, u64::from(n) * 10));
        let fast = (1..=20).map(|n| (5000 + n * 100, 500 + u64::from(n) * 1000));
        assert_eq!(after(None, &slow.chain(fast).collect::<Vec<_>>()), (Some(10_000), None));
    }

    #[test]
    fn a_stall_brings_the_rate_to_zero_and_no_time_left_is_promised() {
        assert_eq!(after(Some(9000), &[(0, 0), (1000, 1000), (2500, 1000)]), (Some(250), Some(32_000)));
        assert_eq!(after(Some(9000), &[(0, 0), (1000, 1000), (3000, 1000)]), (Some(0), None));
        assert_eq!(after(Some(9000), &[(0, 0), (1000, 1000), (60_000, 1000)]), (Some(0), None));
    }

    #[test]
    fn after_a_stall_the_rate_recovers_with_the_window() {
        let stall = [(0, 0), (1000, 1000), (11_000, 1000), (12_000, 3000)];
        assert_eq!(after(None, &stall), (Some(1000), None));
        assert_eq!(after(None, &[&stall[..], &[(13_000, 5000)]].concat()), (Some(2000), None));
    }

    #[test]
    fn a_transfer_that_begins_again_is_measured_anew() {
        assert_eq!(after(Some(900), &[(0, 0), (1000, 800), (1500, 100)]), (None, None));
        assert_eq!(
            after(Some(900), &[(0, 0), (1000, 800), (1500, 100), (2000, 200)]),
            (Some(200), Some(3500))
        );
    }

    #[test]
    fn a_clock_that_goes_back_starts_anew() {
        assert_eq!(after(None, &[(5000, 100), (1000, 200)]), (None, None));
        assert_eq!(after(None, &[(5000, 100), (1000, 200), (2000, 300)]), (Some(100), None));
    }

    #[test]
    fn a_transfer_that_is_complete_has_no_time_left() {
        assert_eq!(after(Some(100), &[(0, 100)]), (None, Some(0)));
        assert_eq!(after(Some(100), &[(0, 0), (1000, 150)]), (Some(150), Some(0)));
        assert_eq!(after(Some(0), &[(0, 0)]), (None, Some(0)));
    }

    #[test]
    fn the_memory_of_a_meter_is_bounded() {
        let mut meter = Meter::default();
        for n in 0..60_000 {
            meter.record(MS * n, u64::from(n), None);
        }
        assert!(meter.samples.len() <= 22, "{}", meter.samples.len());
    }

    proptest! {
        #[test]
        fn an_estimate_is_never_negative_infinite_or_a_panic(
            samples in proptest::collection::vec((0_u64..10_000, any::<u64>(), any::<Option<u64>>()), 0..40),
        ) {
            let mut meter = Meter::default();
            for (at, loaded, total) in samples {
                let estimate = meter.record(Duration::from_millis(at), loaded, total);
                prop_assert!(estimate.rate.is_none_or(|rate| rate.is_finite() && rate >= 0.0));
            }
        }
    }
}
