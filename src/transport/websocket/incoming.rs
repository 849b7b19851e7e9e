//! Received messages on their way to the reader: a bounded queue, and what happens when it is full.

use std::cell::Cell;
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

/// What an [`Overflow`] does: a function, so that an app carries the one that it asks for.
pub(super) type Policy = fn(&Incoming, Message, usize) -> Result<(), Overflowed>;

/// Sees each message before it is queued; true to have it go no further.
pub(super) type Tap = Box<dyn Fn(&Message) -> bool>;

/// The queue of one reader, fed by one socket after the other.
pub(super) struct Incoming {
    queue: Queue<Message>,
    policy: Policy,
    tap: Option<Tap>,
    dropped: Cell<u64>,
}

/// There is no room, and the policy is to close.
pub(super) struct Overflowed;

impl Overflow {
    pub(super) fn policy(self) -> Policy {
        match self {
            Overflow::Close => refuse,
            Overflow::DropOldest => push_over,
            Overflow::DropNewest => leave_out,
            Overflow::KeepLatest => replace_all,
        }
    }
}

/// [`Overflow::Close`].
pub(super) fn refuse(incoming: &Incoming, message: Message, bytes: usize) -> Result<(), Overflowed> {
    incoming.queue.push(message, bytes).map_err(|_| Overflowed)
}

fn leave_out(incoming: &Incoming, message: Message, bytes: usize) -> Result<(), Overflowed> {
    if incoming.queue.push(message, bytes).is_err() {
        incoming.count_dropped();
    }
    Ok(())
}

fn replace_all(incoming: &Incoming, message: Message, bytes: usize) -> Result<(), Overflowed> {
    if incoming.queue.may_hold(bytes) {
        while incoming.queue.pop().is_some() {
            incoming.count_dropped();
        }
    }
    push_over(incoming, message, bytes)
}

/// Makes room from the oldest on. One that has no room even in an empty queue is the one to drop.
fn push_over(incoming: &Incoming, mut message: Message, bytes: usize) -> Result<(), Overflowed> {
    while let Err(refused) = incoming.queue.push(message, bytes) {
        incoming.count_dropped();
        if !incoming.queue.may_hold(bytes) || incoming.queue.pop().is_none() {
            break;
        }
        message = refused;
    }
    Ok(())
}

impl Incoming {
    pub(super) fn new(limit: Limit, policy: Policy, tap: Option<Tap>) -> Self {
        Incoming { queue: Queue::new(limit), policy, tap, dropped: Cell::new(0) }
    }

    pub(super) fn take(&self, message: Message) -> Result<(), Overflowed> {
        if self.tap.as_ref().is_some_and(|tap| tap(&message)) {
            return Ok(());
        }
        let bytes = message.len();
        (self.policy)(self, message, bytes)
    }

    fn count_dropped(&self) {
        self.dropped.set(self.dropped.get() + 1);
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
