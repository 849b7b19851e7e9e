//! Backpressure from `bufferedAmount`, which falls without an event: a timer looks at it, but only while somebody waits.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem::replace;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
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
    /// Those who wait by their numbers, the first first. It alone is woken when there is room, and goes before anybody
    /// who comes later.
    line: RefCell<VecDeque<(u64, Waker)>>,
    next: Cell<u64>,
    /// Sinks, which have no place in the line: one that is not polled again would hold up the others for ever.
    beside: Wakers,
    timer: RefCell<Option<Timer>>,
}

/// A place in the line of those who want to send; dropping it lets the next one go.
pub(super) struct Turn {
    shared: Rc<Shared>,
    number: Option<u64>,
}

impl Pressure {
    pub(super) fn new(marks: Marks) -> Self {
        Pressure {
            marks,
            full: Cell::new(false),
            line: RefCell::default(),
            next: Cell::new(0),
            beside: Wakers::default(),
            timer: RefCell::new(None),
        }
    }

    /// Tells everybody that the connection is over.
    pub(super) fn wake_all(&self) {
        let line: Vec<Waker> = self.line.borrow().iter().map(|(_, waker)| waker.clone()).collect();
        line.into_iter().for_each(Waker::wake);
        self.beside.wake();
    }

    /// Wakes whoever is next.
    pub(super) fn wake(&self) {
        let first = self.line.borrow().front().map(|(_, waker)| waker.clone());
        match first {
            Some(waker) => waker.wake(),
            None => self.beside.wake(),
        }
    }

    /// Whether nobody is before the one with this number, or before one without.
    fn is_next(&self, number: Option<u64>) -> bool {
        self.line.borrow().front().is_none_or(|(first, _)| Some(*first) == number)
    }

    fn stand(&self, number: &mut Option<u64>, context: &Context<'_>) {
        let waker = context.waker().clone();
        let last = self.next.get();
        let number = *number.get_or_insert(last);
        // Dropped after the borrow: a waker is foreign code and may come back here.
        let _before = if number == last {
            self.next.set(last + 1);
            self.line.borrow_mut().push_back((number, waker));
            None
        } else {
            let mut line = self.line.borrow_mut();
            let place = line.binary_search_by_key(&number, |(number, _)| *number).ok();
            place.and_then(|place| line.get_mut(place)).map(|(_, before)| replace(before, waker))
        };
    }

    fn leave(&self, number: u64) {
        let mut line = self.line.borrow_mut();
        let place = line.binary_search_by_key(&number, |(number, _)| *number).ok();
        let left = place.and_then(|place| line.remove(place));
        drop(line);
        drop(left);
        if place == Some(0) {
            self.wake();
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
        Turn { shared, number: None }
    }

    pub(super) fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }

    /// Ready when nobody is before this one and the browser's buffer has room, or with the error of a connection that is
    /// not open. Whoever sends then keeps its place until it is dropped, or [leaves](Turn::leave).
    pub(super) fn poll(&mut self, context: &Context<'_>) -> Poll<Result<()>> {
        let room = self.shared.room(self.number);
        if room.is_pending() {
            self.shared.pressure.stand(&mut self.number, context);
            self.shared.look_later();
        }
        room
    }

    /// Lets the next one go.
    pub(super) fn leave(&mut self) {
        if let Some(number) = self.number.take() {
            self.shared.pressure.leave(number);
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

    fn room(&self, number: Option<u64>) -> Poll<Result<()>> {
        // Once it is over, everybody may hear of it in any order.
        if !self.is_over() && !self.pressure.is_next(number) {
            return Poll::Pending;
        }
        match self.check_open() {
            Ok(()) if !self.pressure.has_room(self.buffered()) => Poll::Pending,
            outcome => Poll::Ready(outcome),
        }
    }

    fn look_later(self: &Rc<Self>) {
        let is_timed = self.pressure.timer.borrow().is_some();
        if !is_timed {
            let target = Rc::downgrade(self);
            let timer = Timer::new(LOOK, move || look(&target));
            self.pressure.timer.replace(Some(timer));
        }
    }
}

/// Wakes the first of those who wait: if it still finds no room it starts the timer again.
fn look(target: &Weak<Shared>) {
    let Some(shared) = target.upgrade() else { return };
    shared.pressure.timer.take();
    shared.pressure.wake();
}
