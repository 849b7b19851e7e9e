//! Received messages on their way to the reader: a bounded queue, and what happens when it is full.

use std::cell::Cell;
use std::fmt;
use std::task::{Context, Poll};

use super::Message;
use crate::browser::queue::{Limit, Queue};

/// What to do with a message for which there is no room, since the reader is behind. Nothing is dropped without being
/// counted: see [`WebSocket::dropped`](super::WebSocket::dropped).
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket::{self, Overflow};
///
/// // Only the newest price is of interest.
/// let prices = websocket::connect("/prices").overflow(Overflow::KeepLatest).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// Close the connection; the stream gives what was received before, and ends with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    #[default]
    Close,
    /// Drop the oldest ones that wait, until the new one has room.
    DropOldest,
    /// Drop the new one.
    DropNewest,
    /// Drop all that wait whenever a new one comes, full or not: the reader gets the latest.
    KeepLatest,
}

/// Sees each message before it is queued; true to have it go no further.
pub(super) type Tap = Box<dyn Fn(&Message) -> bool>;

/// The queue of one reader, fed by one socket after the other.
pub(super) struct Incoming {
    queue: Queue<Message>,
    limit: Limit,
    overflow: Overflow,
    tap: Option<Tap>,
    dropped: Cell<u64>,
}

/// There is no room, and the policy is to close.
pub(super) struct Overflowed;

impl Incoming {
    pub(super) fn new(limit: Limit, overflow: Overflow, tap: Option<Tap>) -> Self {
        Incoming { queue: Queue::new(limit), limit, overflow, tap, dropped: Cell::new(0) }
    }

    pub(super) fn take(&self, message: Message) -> Result<(), Overflowed> {
        if self.tap.as_ref().is_some_and(|tap| tap(&message)) {
            return Ok(());
        }
        let bytes = message.len();
        // One that has no room even in an empty queue is the one to drop.
        let never_fits = bytes > self.limit.bytes || self.limit.items == 0;
        match self.overflow {
            Overflow::Close => self.queue.push(message, bytes).map_err(|_| Overflowed),
            Overflow::DropNewest => {
                self.drop_unless(self.queue.push(message, bytes).is_ok());
                Ok(())
            }
            _ if never_fits => {
                self.drop_unless(false);
                Ok(())
            }
            policy => {
                if policy == Overflow::KeepLatest {
                    while self.queue.pop().is_some() {
                        self.drop_unless(false);
                    }
                }
                self.push_over(message, bytes);
                Ok(())
            }
        }
    }

    /// Makes room from the oldest on.
    fn push_over(&self, mut message: Message, bytes: usize) {
        while let Err(refused) = self.queue.push(message, bytes) {
            self.drop_unless(false);
            if self.queue.pop().is_none() {
                return;
            }
            message = refused;
        }
    }

    fn drop_unless(&self, kept: bool) {
        self.dropped.set(self.dropped.get() + u64::from(!kept));
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    pub(super) fn close(&self) {
        self.queue.close();
    }

    pub(super) fn poll_next(&self, context: &mut Context<'_>) -> Poll<Option<Message>> {
        self.queue.poll_next(context)
    }

    pub(super) fn is_terminated(&self) -> bool {
        self.queue.is_terminated()
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").field("overflow", &self.overflow).finish_non_exhaustive()
    }
}
