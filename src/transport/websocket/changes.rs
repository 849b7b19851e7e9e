//! What becomes of a connection that is kept up, as a stream.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::CloseEvent;
use crate::browser::wakers::Wakers;

/// A change of a connection that is kept up.
///
/// ```no_run
/// # async fn example() {
/// use futures_util::StreamExt;
/// use pagewire::websocket::{self, Change, Reconnect};
///
/// let chat = websocket::connect("/chat").reconnect(Reconnect::new());
/// let mut changes = chat.changes();
/// while let Some(change) = changes.next().await {
///     match change {
///         Change::Open => println!("connected"),
///         Change::Lost { again_in, .. } => println!("lost; again in {again_in:?}"),
///         other => println!("{other:?}"),
///     }
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// An attempt begins.
    Connecting {
        /// How many there were since the connection was last stable, this one among them: from 0, which is the first of all.
        attempt: u32,
    },
    /// Messages flow.
    Open,
    /// The connection ended, or could not be made, and will be made again.
    Lost {
        /// How it ended; none where it was never open, or was found dead by the heartbeat.
        end: Option<CloseEvent>,
        /// The wait.
        again_in: Duration,
    },
    /// The wait is over, but the page is hidden: see [`Hidden::Wait`](super::Hidden::Wait).
    Hidden,
    /// The closing handshake is on its way.
    Closing,
    /// It is over for good.
    Closed {
        /// How the last connection ended; none where there was none.
        end: Option<CloseEvent>,
    },
}

/// The stream of [`Reconnecting::changes`](super::Reconnecting::changes): it ends after [`Change::Closed`].
///
/// ```no_run
/// # async fn example() {
/// use futures_util::StreamExt;
/// use pagewire::websocket::{self, Change, Reconnect};
///
/// let chat = websocket::connect("/chat").reconnect(Reconnect::new());
/// let first = chat.changes().next().await;
/// assert_eq!(first, Some(Change::Connecting { attempt: 0 }));
/// # }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Changes {
    log: Rc<Log>,
    next: usize,
}

/// The latest changes. A reader that is further behind misses the oldest.
#[derive(Default)]
pub(super) struct Log {
    entries: RefCell<Entries>,
    wakers: Wakers,
}

#[derive(Default)]
struct Entries {
    latest: VecDeque<Change>,
    /// The number of the oldest kept.
    first: usize,
}

const KEPT: usize = 256;

impl Log {
    pub(super) fn add(&self, change: Change) {
        {
            let mut entries = self.entries.borrow_mut();
            if entries.latest.len() == KEPT {
                entries.latest.pop_front();
                entries.first += 1;
            }
            entries.latest.push_back(change);
        }
        self.wakers.wake();
    }

    pub(super) fn last(&self) -> Option<Change> {
        self.entries.borrow().latest.back().cloned()
    }

    /// The changes from the latest on.
    pub(super) fn read(self: &Rc<Self>) -> Changes {
        let entries = self.entries.borrow();
        Changes { log: Rc::clone(self), next: (entries.first + entries.latest.len()).saturating_sub(1) }
    }
}

impl Entries {
    fn get(&self, number: usize) -> Option<(usize, &Change)> {
        let number = number.max(self.first);
        self.latest.get(number - self.first).map(|change| (number, change))
    }

    fn is_over_before(&self, number: usize) -> bool {
        number == self.first + self.latest.len() && matches!(self.latest.back(), Some(Change::Closed { .. }))
    }
}

impl Stream for Changes {
    type Item = Change;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Change>> {
        let log = Rc::clone(&self.log);
        let entries = log.entries.borrow();
        if let Some((number, change)) = entries.get(self.next) {
            self.next = number + 1;
            return Poll::Ready(Some(change.clone()));
        }
        if entries.is_over_before(self.next) {
            return Poll::Ready(None);
        }
        log.wakers.register(context);
        Poll::Pending
    }
}

impl FusedStream for Changes {
    fn is_terminated(&self) -> bool {
        self.log.entries.borrow().is_over_before(self.next)
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("last", &self.log.last()).finish_non_exhaustive()
    }
}
