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
}

/// A timer that is later than this was not merely late: the process stood still, as with a frozen tab, a sleeping machine or
/// a long task.
const STOOD_STILL: Duration = Duration::from_millis(500);

/// What had arrived meanwhile has this long to be handed on.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// Whether a timer that was to ring at `due`, and rings `now`, shows that the process stood still.
pub(crate) fn stood_still(due: Duration, now: Duration) -> bool {
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
        Deadlines { limits, started: now, asked: (!uploading).then_some(now), active: Some(now) }
    }

    /// Bytes moved, in either direction.
    pub(crate) fn progressed(&mut self, now: Duration) {
        self.active = Some(now);
    }

    /// The reader is busy with what it has: no progress is expected until it asks for more.
    pub(crate) fn rested(&mut self, _: Duration) {
        self.active = None;
    }

    /// The upload is over: from now on the server is expected to answer.
    pub(crate) fn uploaded(&mut self, now: Duration) {
        self.active = Some(now);
        self.asked = Some(now);
    }

    /// The response's headers are here.
    pub(crate) fn answered(&mut self, now: Duration) {
        self.active = Some(now);
        self.asked = None;
        self.limits.first_byte = None;
    }

    pub(crate) fn check(&self, now: Duration) -> Verdict {
        let first_byte =
            self.asked.zip(self.limits.first_byte).map(|(from, limit)| (from, limit, Phase::FirstByte));
        let idle = self.active.zip(self.limits.idle).map(|(from, limit)| (from, limit, Phase::Idle));
        let total = self.limits.total.map(|limit| (self.started, limit, Phase::Total));
        let next = [first_byte, idle, total]
            .into_iter()
            .flatten()
            .map(|(from, limit, phase)| (from.saturating_add(limit), phase))
            .min_by_key(|(at, _)| *at);
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
        let deadlines = Deadlines::new(Limits::default(), s(0), false);
        assert_eq!(deadlines.check(s(1_000_000)), Verdict::Never);
    }

    #[test]
    fn the_earliest_limit_is_named() {
        let deadlines = Deadlines::new(limits(Some(2), Some(5), Some(9)), s(100), false);
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
    fn a_clock_that_is_set_back_only_waits_longer() {
        let deadlines = Deadlines::new(limits(None, None, Some(5)), s(100), false);
        assert_eq!(deadlines.check(s(40)), Verdict::Wait(s(65)));
    }

    #[test]
    fn the_longest_possible_limit_does_not_overflow() {
        let limits = Limits { total: Some(Duration::MAX), ..Limits::default() };
        let deadlines = Deadlines::new(limits, s(100), false);
        assert!(matches!(deadlines.check(s(200)), Verdict::Wait(_)));
    }
}
