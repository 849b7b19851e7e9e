//! Finding out that the other side is gone: a connection that broke without a word looks open for ever.

use std::mem::replace;
use std::time::Duration;

/// Asks for a sign of life where none has come for a while. The wall clock decides: while a machine sleeps no timer
/// runs, and what it was connected to may have forgotten it.
#[derive(Debug, Clone)]
pub(crate) struct Pulse {
    every: Duration,
    patience: Duration,
    heard: Duration,
    asked: Option<Duration>,
    /// Whether it was asked for the second time.
    again: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Nothing for so long.
    Sleep(Duration),
    /// Ask.
    Ping,
    /// Nobody is there.
    Dead,
}

impl Pulse {
    /// Asks after a silence of `every`, and waits for a sign for `patience`.
    pub(crate) fn new(every: Duration, patience: Duration, now: Duration) -> Self {
        Pulse { every, patience, heard: now, asked: None, again: false }
    }

    /// Something came at `at`.
    pub(crate) fn heard(&mut self, at: Duration) {
        if self.asked.is_none_or(|asked| at >= asked) {
            self.asked = None;
            self.again = false;
        }
        self.heard = self.heard.max(at);
    }

    pub(crate) fn beat(&mut self, now: Duration) -> Beat {
        // A clock that was set back would make for a long sleep.
        self.heard = self.heard.min(now);
        self.asked = self.asked.map(|asked| asked.min(now));
        let (since, limit) = match self.asked {
            Some(asked) => (asked, self.patience),
            None => (self.heard, self.every),
        };
        let passed = now.saturating_sub(since);
        if let Some(rest) = limit.checked_sub(passed).filter(|rest| !rest.is_zero()) {
            return Beat::Sleep(rest);
        }
        if self.asked.is_some() {
            // Much too late: nothing ran here, so that the answer may lie unread. Once, or a page with slow timers would
            // never end.
            let is_late = passed >= self.patience.saturating_mul(3) / 2;
            if !is_late || replace(&mut self.again, true) {
                return Beat::Dead;
            }
        }
        self.asked = Some(now);
        Beat::Ping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pulse() -> Pulse {
        Pulse::new(SECOND * 20, SECOND * 5, SECOND * 100)
    }

    #[test]
    fn silence_is_asked_and_then_taken_for_death() {
        let mut pulse = pulse();
        assert_eq!(pulse.beat(SECOND * 100), Beat::Sleep(SECOND * 20));
        assert_eq!(pulse.beat(SECOND * 119), Beat::Sleep(SECOND));
        assert_eq!(pulse.beat(SECOND * 120), Beat::Ping);
        assert_eq!(pulse.beat(SECOND * 121), Beat::Sleep(SECOND * 4));
        assert_eq!(pulse.beat(SECOND * 125), Beat::Dead);
    }

    #[test]
    fn any_sign_of_life_begins_a_new_silence() {
        let mut pulse = pulse();
        pulse.heard(SECOND * 110);
        assert_eq!(pulse.beat(SECOND * 120), Beat::Sleep(SECOND * 10));
        assert_eq!(pulse.beat(SECOND * 130), Beat::Ping);
        pulse.heard(SECOND * 131);
        assert_eq!(pulse.beat(SECOND * 136), Beat::Sleep(SECOND * 15));
    }

    #[test]
    fn what_came_before_the_question_is_no_answer() {
        let mut pulse = pulse();
        assert_eq!(pulse.beat(SECOND * 120), Beat::Ping);
        pulse.heard(SECOND * 119);
        assert_eq!(pulse.beat(SECOND * 125), Beat::Dead);
    }

    #[test]
    fn after_a_sleep_of_the_machine_it_is_asked_again_once() {
        let mut asked = pulse();
        assert_eq!(asked.beat(SECOND * 120), Beat::Ping);
        assert_eq!(asked.beat(SECOND * 9000), Beat::Ping);
        assert_eq!(asked.beat(SECOND * 9005), Beat::Dead);
        assert_eq!(pulse().beat(SECOND * 9000), Beat::Ping);
    }

    #[test]
    fn two_looks_that_are_too_late_are_enough() {
        let mut pulse = pulse();
        assert_eq!(pulse.beat(SECOND * 120), Beat::Ping);
        assert_eq!(pulse.beat(SECOND * 180), Beat::Ping);
        assert_eq!(pulse.beat(SECOND * 240), Beat::Dead);
    }

    #[test]
    fn an_answer_that_lay_unread_is_an_answer() {
        let mut pulse = pulse();
        assert_eq!(pulse.beat(SECOND * 120), Beat::Ping);
        assert_eq!(pulse.beat(SECOND * 180), Beat::Ping);
        pulse.heard(SECOND * 180);
        assert_eq!(pulse.beat(SECOND * 185), Beat::Sleep(SECOND * 15));
        assert_eq!(pulse.beat(SECOND * 200), Beat::Ping);
        assert_eq!(pulse.beat(SECOND * 260), Beat::Ping);
    }

    #[test]
    fn a_clock_that_goes_back_delays_nothing_for_long() {
        let mut pulse = pulse();
        assert_eq!(pulse.beat(SECOND * 10), Beat::Sleep(SECOND * 20));
        assert_eq!(pulse.beat(SECOND * 30), Beat::Ping);
        assert_eq!(pulse.beat(SECOND * 3), Beat::Sleep(SECOND * 5));
        assert_eq!(pulse.beat(SECOND * 8), Beat::Dead);
    }
}
