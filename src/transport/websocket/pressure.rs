//! Backpressure from `bufferedAmount`, which falls without an event: a timer looks at it, but only while somebody waits.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use super::shared::Shared;
use crate::browser::timer::Timer;
use crate::browser::wakers::Wakers;
use crate::error::Result;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(15);

/// Bytes in the browser's buffer: at `high` sending waits, until no more than `low` are left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) high: usize,
    pub(super) low: usize,
}

pub(super) struct Pressure {
    marks: Marks,
    full: Cell<bool>,
    waiting: Wakers,
    timer: RefCell<Option<Timer>>,
}

impl Pressure {
    pub(super) fn new(marks: Marks) -> Self {
        Pressure { marks, full: Cell::new(false), waiting: Wakers::default(), timer: RefCell::new(None) }
    }

    pub(super) fn wake(&self) {
        self.waiting.wake();
    }

    fn has_room(&self, buffered: usize) -> bool {
        let most = if self.full.get() { self.marks.low } else { self.marks.high.saturating_sub(1) };
        // An empty buffer takes a message whatever the marks.
        let has_room = buffered == 0 || buffered <= most;
        self.full.set(!has_room);
        has_room
    }
}

impl Shared {
    /// Ready when the browser's buffer has room, or with the error of a connection that is not open.
    pub(super) fn poll_room(self: &Rc<Self>, context: &Context<'_>) -> Poll<Result<()>> {
        if let Err(error) = self.check_open() {
            return Poll::Ready(Err(error));
        }
        if self.pressure.has_room(self.buffered()) {
            return Poll::Ready(Ok(()));
        }
        self.pressure.waiting.register(context);
        let is_timed = self.pressure.timer.borrow().is_some();
        if !is_timed {
            let target = Rc::downgrade(self);
            let timer = Timer::new(LOOK, move || look(&target));
            self.pressure.timer.replace(Some(timer));
        }
        Poll::Pending
    }
}

/// Wakes everybody: those who still find no room start the timer again, and if nobody does it stays still.
fn look(target: &Weak<Shared>) {
    if let Some(shared) = target.upgrade() {
        shared.pressure.timer.take();
        shared.pressure.wake();
    }
}
