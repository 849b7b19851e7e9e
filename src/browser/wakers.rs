//! The tasks that wait for one thing: a list and not a slot, so that two that wait on clones are both woken.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Everybody who waits, until the next time.
#[derive(Default)]
pub(crate) struct Wakers(Cell<Vec<Waker>>);

impl Wakers {
    /// Wakes this task the next time.
    pub(crate) fn register(&self, context: &Context<'_>) {
        // Cloned first: a waker is foreign code and may come back here.
        let waker = context.waker().clone();
        let mut wakers = self.0.take();
        if !wakers.iter().any(|known| known.will_wake(&waker)) {
            wakers.push(waker);
        }
        self.0.set(wakers);
    }

    /// Wakes all of them, once.
    pub(crate) fn wake(&self) {
        self.0.take().into_iter().for_each(Waker::wake);
    }
}

/// Those who wait again and again.
#[derive(Default)]
pub(crate) struct Waits(RefCell<Vec<Rc<Slot>>>);

/// Whom to wake of one wait: the task that looked last, as a future may wander from task to task.
type Slot = Cell<Option<Waker>>;

impl Waits {
    /// Resolves once `is_so`, which is looked at after each [`wake`](Waits::wake). Nothing is left of a wait that is
    /// dropped.
    pub(crate) async fn until(&self, is_so: impl Fn() -> bool) {
        if is_so() {
            return;
        }
        let wait = Wait::new(&self.0);
        poll_fn(|context| {
            if is_so() {
                return Poll::Ready(());
            }
            wait.slot.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Lets all of them look.
    pub(crate) fn wake(&self) {
        let waiting: Vec<Waker> = self.0.borrow().iter().filter_map(|slot| slot.take()).collect();
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// One wait's place in the list.
struct Wait<'a> {
    waits: &'a RefCell<Vec<Rc<Slot>>>,
    slot: Rc<Slot>,
}

impl<'a> Wait<'a> {
    fn new(waits: &'a RefCell<Vec<Rc<Slot>>>) -> Self {
        let slot: Rc<Slot> = Rc::default();
        waits.borrow_mut().push(Rc::clone(&slot));
        Wait { waits, slot }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waits.borrow_mut().retain(|slot| !Rc::ptr_eq(slot, &self.slot));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    use super::*;

    /// A task that counts how often it is woken.
    #[derive(Default)]
    struct Task(AtomicU32);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(wait: std::pin::Pin<&mut impl Future<Output = ()>>, task: &Arc<Task>) -> bool {
        wait.poll(&mut Context::from_waker(&Arc::clone(task).into())).is_ready()
    }

    #[test]
    fn one_wait_keeps_one_task_however_many_look() {
        let waits = Waits::default();
        let first: Arc<Task> = Arc::default();
        {
            let mut wait = pin!(waits.until(|| false));
            assert!(!poll(wait.as_mut(), &first));
            for _ in 0..100_000 {
                assert!(!poll(wait.as_mut(), &Arc::default()));
            }
            assert_eq!(Arc::strong_count(&first), 1);
            assert_eq!(waits.0.borrow().len(), 1);
        }
        assert!(waits.0.borrow().is_empty(), "nothing is left of a wait that is dropped");
    }

    #[test]
    fn a_hundred_thousand_waits_one_after_another_leave_nothing() {
        let waits = Waits::default();
        for _ in 0..100_000 {
            let task: Arc<Task> = Arc::default();
            assert!(!poll(pin!(waits.until(|| false)), &task));
            assert_eq!(Arc::strong_count(&task), 1);
        }
        assert!(waits.0.borrow().is_empty());
    }

    #[test]
    fn every_wait_is_woken_and_looks_again() {
        let waits = Waits::default();
        let is_so = Cell::new(false);
        let (one, other): (Arc<Task>, Arc<Task>) = Default::default();
        let (mut a, mut b) = (pin!(waits.until(|| is_so.get())), pin!(waits.until(|| is_so.get())));
        assert!(!poll(a.as_mut(), &one) && !poll(b.as_mut(), &other));
        waits.wake();
        assert_eq!((one.0.load(Ordering::Relaxed), other.0.load(Ordering::Relaxed)), (1, 1));
        assert!(!poll(a.as_mut(), &one));
        is_so.set(true);
        waits.wake();
        assert_eq!((one.0.load(Ordering::Relaxed), other.0.load(Ordering::Relaxed)), (2, 1));
        assert!(poll(a.as_mut(), &one) && poll(b.as_mut(), &other));
    }
}
