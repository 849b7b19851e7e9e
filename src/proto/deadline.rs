//! Which of an exchange's time limits passes next. Pure: the time is passed in.

use std::time::Duration;

use crate::error::Phase;

/// The limits a caller chose; `None` waits for ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) first_byte: Option<Duration>,
    pub(crate) idle: Option<Duration>,
    pub(crate) total: Option<Duration>,
}

impl Limits {
    pub(crate) fn is_none(self) -> bool {
        self == Limits::default()
    }
}

/// The moments that the limits count from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    limits: Limits,
    started: Duration,
    /// The server's turn to answer began here; `None` while the upload runs and once the headers are here.
    asked: Option<Duration>,
    /// The last sign of progress, either way; `None` while nobody waits for one.
    active: Option<Duration>,
    /// Whether [`GRACE`] was given, and nothing has moved since.
    graced: bool,
}

/// A timer that is later than this was not merely late: the process stood still, as with a frozen tab, a sleeping machine or
/// a long task.
const STOOD_STILL: Duration = Duration::from_millis(500);

/// What had arrived meanwhile has this long to be handed on.
const GRACE: Duration = Duration::from_secs(1);

/// Whether a timer that was to ring at `due`, and rings `now`, shows that the process stood still.
fn stood_still(due: Duration, now: Duration) -> bool {
    now.saturating_sub(due) > STOOD_STILL
}

/// What a look at the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// This limit has passed.
    Expired(Phase),
    /// Nothing passes for this long: look again then.
    Wait(Duration),
    /// No limit is running.
    Never,
}

impl Deadlines {
    /// The request was sent now; with `uploading`, the first-byte limit starts only when the upload has ended.
    pub(crate) fn new(limits: Limits, now: Duration, uploading: bool) -> Self {
        Deadlines {
            limits,
            started: now,
            asked: (!uploading).then_some(now),
            active: Some(now),
            graced: false,
        }
    }

    /// Bytes moved, in either direction.
    pub(crate) fn progressed(&mut self, now: Duration) {
        self.active = Some(now);
        // No progress makes up for a total limit that has passed.
        self.graced &= self.limits.total.is_some_and(|total| self.started.saturating_add(total) <= now);
    }

    /// The reader is busy with what it has: no progress is expected until it asks for more.
    pub(crate) fn rested(&mut self, _: Duration) {
        self.active = None;
    }

    /// The upload is over: from now on the server is expected to answer.
    pub(crate) fn uploaded(&mut self, now: Duration) {
        self.progressed(now);
        self.asked = Some(now);
    }

    /// The response's headers are here.
    pub(crate) fn answered(&mut self, now: Duration) {
        self.progressed(now);
        self.asked = None;
        self.limits.first_byte = None;
    }

    /// What a timer finds that was to ring at `due` and rings `now`. After a standstill a limit that has passed waits a
    /// moment more, once: the bytes that keep it alive may be waiting behind this very timer. The next look decides, as
    /// in a hidden page every timer is late.
    pub(crate) fn look(&mut self, due: Duration, now: Duration) -> Verdict {
        match self.check(now) {
            Verdict::Expired(_) if !self.graced && stood_still(due, now) => {
                self.graced = true;
                Verdict::Wait(GRACE)
            }
            verdict => verdict,
        }
    }

    pub(crate) fn check(&mut self, now: Duration) -> Verdict {
        // A clock that was set back would make for a long wait.
        self.started = self.started.min(now);
        self.asked = self.asked.map(|asked| asked.min(now));
        self.active = self.active.map(|active| active.min(now));
        let limits = [
            (self.asked, self.limits.first_byte, Phase::FirstByte),
            (self.active, self.limits.idle, Phase::Idle),
            (Some(self.started), self.limits.total, Phase::Total),
        ];
        let mut next: Option<(Duration, Phase)> = None;
        for (from, limit, phase) in limits {
            if let (Some(from), Some(limit)) = (from, limit) {
                let at = from.saturating_add(limit);
                if next.is_none_or(|(earliest, _)| at < earliest) {
                    next = Some((at, phase));
                }
            }
        }
        match next {
            None => Verdict::Never,
            Some((at, phase)) if at <= now => Verdict::Expired(phase),
            Some((at, _)) => Verdict::Wait(at.saturating_sub(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn limits(first_byte: Option<u64>, idle: Option<u64>, total: Option<u64>) -> Limits {
        Limits { first_byte: first_byte.map(s), idle: idle.map(s), total: total.map(s) }
    }

    #[test]
    fn without_a_limit_nothing_ever_passes() {
        let mut deadlines = Deadlines::new(Limits::default(), s(0), false);
        assert_eq!(deadlines.check(s(1_000_000)), Verdict::Never);
    }

    #[test]
    fn the_earliest_limit_is_named() {
        let mut deadlines = Deadlines::new(limits(Some(2), Some(5), Some(9)), s(100), false);
        assert_eq!(deadlines.check(s(101)), Verdict::Wait(s(1)));
        assert_eq!(deadlines.check(s(102)), Verdict::Expired(Phase::FirstByte));
    }

    #[test]
    fn the_headers_end_the_first_byte_limit_and_count_as_progress() {
        let mut deadlines = Deadlines::new(limits(Some(2), Some(5), None), s(0), false);
        deadlines.answered(s(1));
        assert_eq!(deadlines.check(s(2)), Verdict::Wait(s(4)));
        assert_eq!(deadlines.check(s(6)), Verdict::Expired(Phase::Idle));
    }

    #[test]
    fn progress_restarts_the_idle_limit_but_never_the_total() {
        let mut deadlines = Deadlines::new(limits(None, Some(5), Some(12)), s(0), false);
        for now in [4, 8, 11] {
            deadlines.progressed(s(now));
            assert!(matches!(deadlines.check(s(now)), Verdict::Wait(_)));
        }
        assert_eq!(deadlines.check(s(12)), Verdict::Expired(Phase::Total));
    }

    #[test]
    fn a_long_upload_does_not_use_up_the_first_byte_limit() {
        let mut deadlines = Deadlines::new(limits(Some(2), None, None), s(0), true);
        assert_eq!(deadlines.check(s(60)), Verdict::Never);
        deadlines.uploaded(s(60));
        assert_eq!(deadlines.check(s(61)), Verdict::Wait(s(1)));
        assert_eq!(deadlines.check(s(62)), Verdict::Expired(Phase::FirstByte));
    }

    #[test]
    fn a_reader_that_takes_its_time_is_not_idle() {
        let mut deadlines = Deadlines::new(limits(None, Some(5), None), s(0), false);
        deadlines.rested(s(1));
        assert_eq!(deadlines.check(s(60)), Verdict::Never);
        deadlines.progressed(s(60));
        assert_eq!(deadlines.check(s(65)), Verdict::Expired(Phase::Idle));
    }

    #[test]
    fn a_timer_that_is_a_little_late_is_no_standstill() {
        assert!(!stood_still(s(10), s(9)));
        assert!(!stood_still(s(10), s(10) + STOOD_STILL));
        assert!(stood_still(s(10), s(11)));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_wait_longer_than_its_limit() {
        for limits in [limits(None, None, Some(5)), limits(None, Some(5), None), limits(Some(5), None, None)]
        {
            let mut deadlines = Deadlines::new(limits, s(100), false);
            assert_eq!(deadlines.check(s(40)), Verdict::Wait(s(5)));
            assert!(matches!(deadlines.check(s(45)), Verdict::Expired(_)));
        }
    }

    /// When a limit ends an exchange whose timers ring on the whole multiples of `aligned` alone, as in a hidden page.
    fn expires_at(mut deadlines: Deadlines, aligned: u64) -> Option<Duration> {
        let mut now = s(0);
        let mut wait = deadlines.check(now);
        for _ in 0..2000 {
            let Verdict::Wait(left) = wait else { return matches!(wait, Verdict::Expired(_)).then_some(now) };
            let due = now + left;
            now = s(due.as_secs_f64().ceil() as u64).max(now + s(1));
            now = s(now.as_secs().next_multiple_of(aligned));
            wait = deadlines.look(due, now);
        }
        None
    }

    #[test]
    fn where_every_timer_is_late_a_limit_passes_all_the_same() {
        let silent = || {
            let limits = Limits { idle: Some(Duration::from_millis(45_300)), ..Limits::default() };
            Deadlines::new(limits, s(0), false)
        };
        assert_eq!(expires_at(silent(), 1), Some(s(47)));
        assert_eq!(expires_at(silent(), 60), Some(s(120)));
    }

    #[test]
    fn after_a_standstill_what_had_come_meanwhile_counts_and_nothing_but_that() {
        let mut deadlines = Deadlines::new(limits(None, Some(5), None), s(0), false);
        assert_eq!(deadlines.look(s(5), s(60)), Verdict::Wait(GRACE));
        deadlines.progressed(s(60));
        assert_eq!(deadlines.look(s(61), s(61)), Verdict::Wait(s(4)));
        assert_eq!(deadlines.look(s(65), s(80)), Verdict::Wait(GRACE), "a second standstill");
        assert_eq!(deadlines.look(s(81), s(90)), Verdict::Expired(Phase::Idle));
    }

    #[test]
    fn a_total_limit_is_put_off_once_however_much_goes_on() {
        let mut deadlines = Deadlines::new(limits(None, None, Some(5)), s(0), false);
        assert_eq!(deadlines.look(s(5), s(60)), Verdict::Wait(GRACE));
        deadlines.progressed(s(60));
        assert_eq!(deadlines.look(s(61), s(120)), Verdict::Expired(Phase::Total));
    }

    #[test]
    fn the_longest_possible_limit_does_not_overflow() {
        let limits = Limits { total: Some(Duration::MAX), ..Limits::default() };
        let mut deadlines = Deadlines::new(limits, s(100), false);
        assert!(matches!(deadlines.check(s(200)), Verdict::Wait(_)));
    }
}
