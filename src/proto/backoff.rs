//! The one policy of waits between attempts: exponential, with full jitter, and what the server says comes first.

use std::time::Duration;

/// How long to wait and how often to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The greatest wait before the first new attempt; it doubles with each one after.
    pub(crate) base: Duration,
    /// What it doubles up to.
    pub(crate) cap: Duration,
    /// How many new attempts there are in a row; `None` for no end.
    pub(crate) attempts: Option<u32>,
    /// How long a connection must last to count as a success. One that opens and breaks at once is a failure too.
    pub(crate) stable: Duration,
}

/// A wait before an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) whole: Duration,
    /// How much of it stands even when the network is back meanwhile: what the server named, and the spread of that.
    pub(crate) kept: Duration,
}

/// The waits of one operation.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    policy: Policy,
    attempt: u32,
    floor: Duration,
    asked: Option<Duration>,
    opened: Option<Duration>,
}

impl Backoff {
    pub(crate) fn new(policy: Policy) -> Backoff {
        Backoff { policy, attempt: 0, floor: Duration::ZERO, asked: None, opened: None }
    }

    /// The whole of the [next wait](Backoff::next_wait).
    pub(crate) fn next_delay(&mut self, random: f64) -> Option<Duration> {
        self.next_wait(random).map(|wait| wait.whole)
    }

    /// The wait before the next attempt, or `None` when there have been enough. `random` is evenly spread over [0, 1).
    ///
    /// The wait is anywhere between zero and the exponential value, also once that has reached the cap: otherwise all
    /// the clients of a server that is down would soon knock in step.
    pub(crate) fn next_wait(&mut self, random: f64) -> Option<Wait> {
        let asked = self.asked.take();
        if self.policy.attempts.is_some_and(|attempts| self.attempt >= attempts) {
            return None;
        }
        let (floor, least) = (self.floor, self.ceiling(0));
        let wait = match asked {
            Some(asked) => {
                let whole = asked.saturating_add(part_of(least, random));
                Wait { whole, kept: whole }
            }
            None => Wait {
                whole: floor.saturating_add(part_of(self.ceiling(self.attempt), random)),
                kept: floor.saturating_add(part_of(least.min(floor), random)),
            },
        };
        self.attempt = self.attempt.saturating_add(1);
        Some(wait)
    }

    /// The new attempts so far, since the last success.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempt
    }

    /// The server named the next wait (`Retry-After`). It is kept to, whatever the cap, and spread by up to one `base`,
    /// since others were told the same.
    pub(crate) fn ask(&mut self, delay: Duration) {
        self.asked = Some(delay);
    }

    /// The server named the least wait from now on (`retry:` of an event stream); jitter is added to it.
    pub(crate) fn set_floor(&mut self, floor: Duration) {
        self.floor = floor;
    }

    /// A connection opened at `now`, a time since any fixed start.
    pub(crate) fn opened(&mut self, now: Duration) {
        self.opened = Some(now);
    }

    /// The connection was lost. If it had lasted, the waits begin anew.
    pub(crate) fn lost(&mut self, now: Duration) {
        if let Some(opened) = self.opened.take() {
            self.lasted(now.saturating_sub(opened));
        }
    }

    /// A connection was lost that had been open for so long.
    pub(crate) fn lasted(&mut self, open: Duration) {
        if open >= self.policy.stable {
            self.attempt = 0;
        }
    }

    /// An operation came to its end: the waits begin anew.
    pub(crate) fn succeeded(&mut self) {
        self.attempt = 0;
    }

    fn ceiling(&self, attempt: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempt).unwrap_or(u32::MAX);
        self.policy.base.saturating_mul(factor).min(self.policy.cap)
    }
}

fn part_of(ceiling: Duration, random: f64) -> Duration {
    let part = Duration::from_micros((ceiling.as_secs_f64() * 1e6 * random) as u64);
    // What is no fraction is no part: the whole wait then.
    if (0.0..1.0).contains(&random) { part } else { ceiling }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn policy() -> Policy {
        Policy { base: SECOND, cap: SECOND * 30, attempts: None, stable: SECOND * 10 }
    }

    /// The waits for these fractions, in milliseconds.
    fn delays(backoff: &mut Backoff, random: &[f64]) -> Vec<Option<u128>> {
        random.iter().map(|&random| backoff.next_delay(random).map(|delay| delay.as_millis())).collect()
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let seconds = [1, 2, 4, 8, 16, 30, 30, 30].map(|seconds| Some(seconds * 1000));
        assert_eq!(delays(&mut Backoff::new(policy()), &[1.0; 8]), seconds);
    }

    #[test]
    fn jitter_spans_everything_from_zero_also_at_the_cap() {
        assert_eq!(delays(&mut Backoff::new(policy()), &[0.0, 0.5, 0.25]), [0, 1000, 1000].map(Some));
        let mut backoff = Backoff { attempt: 1000, ..Backoff::new(policy()) };
        assert_eq!(delays(&mut backoff, &[0.0, 0.1, 0.5, 0.9]), [0, 3000, 15_000, 27_000].map(Some));
    }

    #[test]
    fn attempts_end() {
        let mut backoff = Backoff::new(Policy { attempts: Some(2), ..policy() });
        assert_eq!(delays(&mut backoff, &[1.0; 4]), [Some(1000), Some(2000), None, None]);
        assert_eq!(backoff.attempts(), 2);
        let mut never = Backoff::new(Policy { attempts: Some(0), ..policy() });
        assert_eq!(delays(&mut never, &[1.0]), [None]);
    }

    #[test]
    fn the_server_names_one_wait_which_is_spread_and_counted() {
        let mut backoff = Backoff::new(Policy { attempts: Some(3), ..policy() });
        backoff.ask(SECOND * 60);
        assert_eq!(delays(&mut backoff, &[0.5, 1.0]), [Some(60_500), Some(2000)]);
        backoff.ask(SECOND * 60);
        assert_eq!(delays(&mut backoff, &[0.0]), [Some(60_000)]);
        backoff.ask(SECOND * 60);
        assert_eq!(delays(&mut backoff, &[0.0]), [None]);
    }

    #[test]
    fn a_return_cuts_the_exponential_part_alone() {
        let kept = |backoff: &mut Backoff| backoff.next_wait(0.5).map(|wait| wait.kept.as_millis());
        let mut backoff = Backoff { attempt: 5, ..Backoff::new(policy()) };
        assert_eq!(kept(&mut backoff), Some(0));
        backoff.ask(SECOND * 60);
        assert_eq!(kept(&mut backoff), Some(60_500));
        backoff.set_floor(SECOND * 3);
        assert_eq!(kept(&mut backoff), Some(3500));
        backoff.set_floor(SECOND / 5);
        assert_eq!(kept(&mut backoff), Some(300), "no more spread than there is to wait");
    }

    #[test]
    fn a_success_begins_the_waits_anew() {
        let mut backoff = Backoff::new(Policy { attempts: Some(2), ..policy() });
        assert_eq!(delays(&mut backoff, &[1.0; 2]), [Some(1000), Some(2000)]);
        backoff.succeeded();
        assert_eq!(delays(&mut backoff, &[1.0; 3]), [Some(1000), Some(2000), None]);
    }

    #[test]
    fn a_floor_holds_from_then_on_and_survives_success() {
        let mut backoff = Backoff::new(policy());
        backoff.set_floor(SECOND * 3);
        assert_eq!(delays(&mut backoff, &[0.0, 0.5]), [Some(3000), Some(4000)]);
        backoff.opened(SECOND);
        backoff.lost(SECOND * 100);
        assert_eq!(delays(&mut backoff, &[1.0]), [Some(4000)]);
    }

    #[test]
    fn only_a_connection_that_lasted_begins_anew() {
        let mut backoff = Backoff::new(policy());
        delays(&mut backoff, &[1.0; 3]);
        backoff.opened(SECOND * 100);
        backoff.lost(SECOND * 109);
        assert_eq!((backoff.attempts(), delays(&mut backoff, &[1.0])), (3, vec![Some(8000)]));
        backoff.opened(SECOND * 200);
        backoff.lost(SECOND * 210);
        assert_eq!((backoff.attempts(), delays(&mut backoff, &[1.0])), (0, vec![Some(1000)]));
    }

    #[test]
    fn a_failure_to_connect_is_no_end_of_an_earlier_connection() {
        let mut backoff = Backoff::new(policy());
        backoff.opened(SECOND);
        backoff.lost(SECOND);
        delays(&mut backoff, &[1.0]);
        backoff.lost(SECOND * 1000);
        assert_eq!(backoff.attempts(), 1);
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_connection_last() {
        let mut backoff = Backoff::new(policy());
        delays(&mut backoff, &[1.0]);
        backoff.opened(SECOND * 100);
        backoff.lost(SECOND);
        assert_eq!(backoff.attempts(), 1);
    }

    proptest! {
        #[test]
        fn no_wait_leaves_its_bounds_or_panics(
            base in any::<Duration>(),
            cap in any::<Duration>(),
            floor in any::<Duration>(),
            attempt in any::<u32>(),
            random in any::<f64>(),
        ) {
            let policy = Policy { base, cap, attempts: None, stable: SECOND };
            let mut backoff = Backoff { attempt, floor, ..Backoff::new(policy) };
            let Wait { whole, kept } = backoff.next_wait(random).unwrap();
            prop_assert!(whole >= floor && whole <= floor.saturating_add(cap));
            prop_assert!(kept >= floor && kept <= whole);
            backoff.ask(floor);
            let delay = backoff.next_delay(random).unwrap_or_default();
            prop_assert!(delay >= floor && delay <= floor.saturating_add(base.min(cap)));
        }
    }
}
