//! When a lost connection is made again: the states of one that is kept up, without a socket, a clock or a page.

use std::time::Duration;

use super::backoff::{Backoff, Policy};

/// Keeps one connection up. It is told what happens and says what to do; there is never more than one connection.
#[derive(Debug)]
pub(crate) struct Reconnector {
    backoff: Backoff,
    /// Whether new attempts wait while the page is hidden.
    waits_hidden: bool,
    hidden: bool,
    phase: Phase,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// The connection is open.
    Opened,
    /// The connection is over, or could not be made; whether it may be made again.
    Lost { again: bool },
    /// The wait is over.
    Due,
    /// The network or the page is back.
    Online,
    /// The page was hidden, or is seen again.
    Hidden(bool),
    /// The program wants no more of it.
    Close,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Nothing,
    Connect,
    /// Wait so long.
    Wait(Duration),
    /// Wait until the page is seen.
    Hold,
    /// Begin the closing handshake.
    Close,
    /// It is over.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connecting,
    Open,
    Waiting,
    Held,
    Closing,
    Over,
}

impl Reconnector {
    /// Begins with the first attempt, which the caller makes, whether or not the page is hidden.
    pub(crate) fn new(policy: Policy, waits_hidden: bool, hidden: bool) -> Self {
        Reconnector { backoff: Backoff::new(policy), waits_hidden, hidden, phase: Phase::Connecting }
    }

    /// The new attempts since the connection was last stable.
    pub(crate) fn attempts(&self) -> u32 {
        self.backoff.attempts()
    }

    /// `now` is a time since any fixed start, `random` is evenly spread over [0, 1).
    pub(crate) fn take(&mut self, input: Input, now: Duration, random: f64) -> Step {
        if let Input::Hidden(hidden) = input {
            self.hidden = hidden;
        }
        match (self.phase, input) {
            (Phase::Over, _) => Step::Nothing,
            (Phase::Open, Input::Close) => self.go(Phase::Closing, Step::Close),
            (Phase::Closing, Input::Close) => Step::Nothing,
            (Phase::Closing, Input::Lost { .. }) | (_, Input::Close) => self.go(Phase::Over, Step::End),
            (Phase::Connecting, Input::Opened) => {
                self.backoff.opened(now);
                self.go(Phase::Open, Step::Nothing)
            }
            // No attempt that is still to come will be made either.
            (Phase::Waiting | Phase::Held, Input::Lost { again: false }) => self.go(Phase::Over, Step::End),
            (Phase::Connecting | Phase::Open, Input::Lost { again }) => self.lost(again, now, random),
            // At once, whatever is left of the wait: the network may be what was missing.
            (Phase::Waiting, Input::Due | Input::Online) => self.connect(),
            (Phase::Held, Input::Hidden(false)) => self.connect(),
            _ => Step::Nothing,
        }
    }

    fn lost(&mut self, again: bool, now: Duration, random: f64) -> Step {
        self.backoff.lost(now);
        match self.backoff.next_delay(random).filter(|_| again) {
            Some(delay) => self.go(Phase::Waiting, Step::Wait(delay)),
            None => self.go(Phase::Over, Step::End),
        }
    }

    fn connect(&mut self) -> Step {
        if self.waits_hidden && self.hidden {
            self.go(Phase::Held, Step::Hold)
        } else {
            self.go(Phase::Connecting, Step::Connect)
        }
    }

    fn go(&mut self, phase: Phase, step: Step) -> Step {
        self.phase = phase;
        step
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LOST: Input = Input::Lost { again: true };

    fn policy() -> Policy {
        Policy { base: SECOND, cap: SECOND * 8, attempts: None, stable: SECOND * 10 }
    }

    fn machine() -> Reconnector {
        Reconnector::new(policy(), false, false)
    }

    /// The steps at one input after the other, one second apart, with the longest waits.
    fn steps(machine: &mut Reconnector, inputs: &[Input]) -> Vec<Step> {
        let inputs = inputs.iter().zip(1_u32..);
        inputs.map(|(&input, second)| machine.take(input, SECOND * second, 1.0)).collect()
    }

    #[test]
    fn what_is_given_up_while_it_waits_or_is_held_is_over() {
        let given_up = Input::Lost { again: false };
        assert_eq!(steps(&mut machine(), &[LOST, given_up]).last(), Some(&Step::End));
        let mut held = Reconnector::new(policy(), true, true);
        assert_eq!(steps(&mut held, &[LOST, Input::Due, given_up])[1..], [Step::Hold, Step::End]);
        assert_eq!(held.take(Input::Hidden(false), SECOND * 9, 0.0), Step::Nothing);
    }

    #[test]
    fn five_failures_are_five_attempts_with_growing_waits() {
        let mut machine = machine();
        let taken = steps(
            &mut machine,
            &[LOST, Input::Due, LOST, Input::Due, LOST, Input::Due, LOST, Input::Due, LOST],
        );
        let waits = [1, 2, 4, 8, 8].map(|seconds| Step::Wait(SECOND * seconds));
        assert_eq!(
            taken.iter().filter(|step| matches!(step, Step::Wait(_))).copied().collect::<Vec<_>>(),
            waits
        );
        assert_eq!(taken.iter().filter(|step| **step == Step::Connect).count(), 4);
        assert_eq!(machine.attempts(), 5);
    }

    #[test]
    fn a_failure_told_twice_is_one_wait() {
        assert_eq!(
            steps(&mut machine(), &[LOST, LOST, LOST]),
            [Step::Wait(SECOND), Step::Nothing, Step::Nothing]
        );
    }

    #[test]
    fn only_a_stable_connection_begins_anew() {
        let mut machine = machine();
        steps(&mut machine, &[LOST, Input::Due, Input::Opened, LOST]);
        assert_eq!(machine.attempts(), 2);
        machine.take(Input::Due, SECOND * 10, 1.0);
        machine.take(Input::Opened, SECOND * 10, 1.0);
        assert_eq!(machine.take(LOST, SECOND * 20, 1.0), Step::Wait(SECOND));
        assert_eq!(machine.attempts(), 1);
    }

    #[test]
    fn a_network_that_is_back_ends_the_wait() {
        assert_eq!(steps(&mut machine(), &[LOST, Input::Online]), [Step::Wait(SECOND), Step::Connect]);
        assert_eq!(steps(&mut machine(), &[Input::Online]), [Step::Nothing]);
        assert_eq!(steps(&mut machine(), &[Input::Opened, Input::Online]), [Step::Nothing; 2]);
    }

    #[test]
    fn a_close_during_the_wait_opens_nothing() {
        let taken = steps(&mut machine(), &[LOST, Input::Close, Input::Due, Input::Online, Input::Close]);
        assert_eq!(taken[1..], [Step::End, Step::Nothing, Step::Nothing, Step::Nothing]);
        assert_eq!(steps(&mut machine(), &[Input::Close]), [Step::End]);
    }

    #[test]
    fn a_close_of_an_open_connection_ends_with_its_handshake() {
        let taken = steps(&mut machine(), &[Input::Opened, Input::Close, Input::Close, LOST]);
        assert_eq!(taken, [Step::Nothing, Step::Close, Step::Nothing, Step::End]);
    }

    #[test]
    fn a_final_loss_and_the_last_attempt_are_the_end() {
        assert_eq!(steps(&mut machine(), &[Input::Opened, Input::Lost { again: false }])[1], Step::End);
        let mut twice = Reconnector::new(Policy { attempts: Some(1), ..policy() }, false, false);
        assert_eq!(steps(&mut twice, &[LOST, Input::Due, LOST])[2], Step::End);
    }

    #[test]
    fn a_hidden_page_holds_new_attempts_if_told_to() {
        let mut machine = Reconnector::new(policy(), true, false);
        let inputs = [LOST, Input::Hidden(true), Input::Due, Input::Online, Input::Hidden(false)];
        let expected = [Step::Wait(SECOND), Step::Nothing, Step::Hold, Step::Nothing, Step::Connect];
        assert_eq!(steps(&mut machine, &inputs), expected);
        let mut goes_on = Reconnector::new(policy(), false, true);
        assert_eq!(steps(&mut goes_on, &[LOST, Input::Due])[1], Step::Connect);
    }

    fn inputs() -> impl Strategy<Value = Vec<(Input, u32, f64)>> {
        let input = prop_oneof![
            4 => Just(Input::Opened),
            4 => Just(LOST),
            4 => Just(Input::Due),
            2 => Just(Input::Online),
            2 => any::<bool>().prop_map(Input::Hidden),
            1 => Just(Input::Lost { again: false }),
            1 => Just(Input::Close),
        ];
        prop::collection::vec((input, 0_u32..30_000, 0.0..1.0), 0..200)
    }

    proptest! {
        /// A world that takes every step at its word, and where anything may happen at any time.
        #[test]
        fn there_is_never_a_second_connection_and_nothing_after_the_end(events in inputs(), waits in any::<bool>()) {
            let mut machine = Reconnector::new(policy(), waits, false);
            let (mut now, mut sockets, mut over, mut hidden) = (Duration::ZERO, 1, false, false);
            for (input, after, random) in events {
                now += Duration::from_millis(u64::from(after));
                match input {
                    // Neither comes from a socket that is not there.
                    Input::Opened | Input::Lost { .. } if sockets == 0 => continue,
                    Input::Lost { .. } => sockets = 0,
                    Input::Hidden(now_hidden) => hidden = now_hidden,
                    _ => {}
                }
                match machine.take(input, now, random) {
                    step if over => prop_assert_eq!(step, Step::Nothing),
                    Step::Connect => {
                        prop_assert_eq!(sockets, 0);
                        prop_assert!(!(waits && hidden));
                        sockets = 1;
                    }
                    Step::Wait(delay) => prop_assert!(delay <= SECOND * 8 && sockets == 0),
                    Step::Close => prop_assert_eq!(sockets, 1),
                    Step::End => {
                        over = true;
                        sockets = 0;
                    }
                    Step::Hold => prop_assert!(waits && hidden),
                    Step::Nothing => {}
                }
            }
        }
    }
}
