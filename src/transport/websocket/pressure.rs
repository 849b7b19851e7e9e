//! Backpressure from `bufferedAmount`, which falls without an event: a timer looks at it, but only while somebody waits.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::shared::Shared;
use crate::browser::timer::Timer;
use crate::browser::wakers::Wakers;
use crate::error::Result;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(15);

/// In a line of so many nobody is looked for.
const SHORT_LINE: usize = 64;

/// Bytes in the browser's buffer: at `high` sending waits, until no more than `low` are left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) high: usize,
    pub(super) low: usize,
}

pub(super) struct Pressure {
    marks: Marks,
    full: Cell<bool>,
    /// Those who wait. The first alone is woken when there is room, and goes before anybody who comes later.
    line: RefCell<VecDeque<Rc<Place>>>,
    /// Beyond this length the line is looked through for those who left.
    bearable: Cell<usize>,
    /// Sinks, which have no place in the line: one that is not polled again would hold up the others for ever.
    beside: Wakers,
    timer: Cell<Option<Timer>>,
}

/// Whom to wake of one that waits.
type Place = Cell<Option<Waker>>;

/// A place in the line of those who want to send; dropping it lets the next one go.
pub(super) struct Turn {
    shared: Rc<Shared>,
    place: Option<Rc<Place>>,
}

impl Pressure {
    pub(super) fn new(marks: Marks) -> Self {
        Pressure {
            marks,
            full: Cell::new(false),
            line: RefCell::default(),
            bearable: Cell::new(SHORT_LINE),
            beside: Wakers::default(),
            timer: Cell::new(None),
        }
    }

    /// Tells everybody that the connection is over.
    pub(super) fn wake_all(&self) {
        while let Some(place) = self.take_first() {
            wake(&place);
        }
        self.beside.wake();
    }

    // Apart, so that nothing is borrowed while a waker runs: it is foreign code and may come back here.
    fn take_first(&self) -> Option<Rc<Place>> {
        self.line.borrow_mut().pop_front()
    }

    /// Wakes whoever is next.
    pub(super) fn wake(&self) {
        let first = self.line.borrow().front().map(|place| place.take());
        match first {
            Some(waker) => waker.into_iter().for_each(Waker::wake),
            None => self.beside.wake(),
        }
    }

    /// Whether nobody is before the one at this place, or before one without.
    fn is_next(&self, place: Option<&Rc<Place>>) -> bool {
        let line = self.line.borrow();
        line.front().is_none_or(|first| place.is_some_and(|place| Rc::ptr_eq(first, place)))
    }

    fn leave(&self, place: Rc<Place>) {
        let was_first = self.is_next(Some(&place));
        drop(place.take());
        drop(place);
        self.forget_those_who_left();
        if was_first {
            self.wake();
        }
    }

    /// Nobody but the line keeps the place of one who left. At the ends, where most leave, it is forgotten at once; in
    /// between, when the line has doubled: so a line of any length costs each who leaves the same.
    fn forget_those_who_left(&self) {
        let is_there = |place: &Rc<Place>| Rc::strong_count(place) > 1;
        let mut line = self.line.borrow_mut();
        while line.front().is_some_and(|first| !is_there(first)) {
            line.pop_front();
        }
        while line.back().is_some_and(|last| !is_there(last)) {
            line.pop_back();
        }
        if line.len() > self.bearable.get() {
            line.retain(is_there);
            self.bearable.set(SHORT_LINE + 2 * line.len());
        }
    }

    fn has_room(&self, buffered: usize) -> bool {
        let most = if self.full.get() { self.marks.low } else { self.marks.high.saturating_sub(1) };
        // An empty buffer takes a message whatever the marks.
        let has_room = buffered == 0 || buffered <= most;
        self.full.set(!has_room);
        has_room
    }
}

impl Turn {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        Turn { shared, place: None }
    }

    pub(super) fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }

    /// Ready when nobody is before this one and the browser's buffer has room, or with the error of a connection that is
    /// not open. Whoever sends then keeps its place until it is dropped, or [leaves](Turn::leave).
    pub(super) fn poll(&mut self, context: &Context<'_>) -> Poll<Result<()>> {
        let room = self.shared.room(self.place.as_ref());
        if room.is_pending() {
            let place = self.place.get_or_insert_with(|| {
                let place = Rc::default();
                self.shared.pressure.line.borrow_mut().push_back(Rc::clone(&place));
                place
            });
            place.set(Some(context.waker().clone()));
            self.shared.look_later();
        }
        room
    }

    /// Lets the next one go.
    pub(super) fn leave(&mut self) {
        if let Some(place) = self.place.take() {
            self.shared.pressure.leave(place);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Shared {
    /// The same for a sink, behind all that stand in the line.
    pub(super) fn poll_room_beside(self: &Rc<Self>, context: &Context<'_>) -> Poll<Result<()>> {
        let room = self.room(None);
        if room.is_pending() {
            self.pressure.beside.register(context);
            self.look_later();
        }
        room
    }

    fn room(&self, place: Option<&Rc<Place>>) -> Poll<Result<()>> {
        // Once it is over, everybody may hear of it in any order.
        if !self.is_over() && !self.pressure.is_next(place) {
            return Poll::Pending;
        }
        match self.check_open() {
            Ok(()) if !self.pressure.has_room(self.buffered()) => Poll::Pending,
            outcome => Poll::Ready(outcome),
        }
    }

    fn look_later(self: &Rc<Self>) {
        let timer = self.pressure.timer.take().unwrap_or_else(|| {
            let target = Rc::downgrade(self);
            Timer::new(LOOK, move || look(&target))
        });
        self.pressure.timer.set(Some(timer));
    }
}

/// Wakes the first of those who wait: if it still finds no room it starts the timer again.
fn look(target: &Weak<Shared>) {
    let Some(shared) = target.upgrade() else { return };
    shared.pressure.timer.take();
    shared.pressure.wake();
}

fn wake(place: &Place) {
    if let Some(waker) = place.take() {
        waker.wake();
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn those_who_leave_the_middle_of_the_line_are_forgotten() {
        let pressure = Pressure::new(Marks { high: 1, low: 0 });
        let join = || {
            let place = Rc::new(Place::default());
            pressure.line.borrow_mut().push_back(Rc::clone(&place));
            place
        };
        let first = join();
        let mut last = join();
        for _ in 0..10_000 {
            let next = join();
            pressure.leave(std::mem::replace(&mut last, next));
            assert!(pressure.line.borrow().len() <= 2 * SHORT_LINE);
        }
        assert!(pressure.is_next(Some(&first)) && Rc::ptr_eq(pressure.line.borrow().back().unwrap(), &last));
    }
}
