//! How a connection is kept up: the policy that a caller chooses.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::{CloseEvent, Message};
use crate::browser::queue::Limit;
use crate::proto::backoff::Policy;

/// When a lost connection is made again, and what happens meanwhile: for [`Connect::reconnect`](super::Connect::reconnect).
///
/// By default a connection is made again for ever, unless the server closed it with 1000, or with a code that says that
/// another attempt would fare no better (1002, 1003, 1007, 1008, 1010). The waits are random between zero and 500 ms,
/// 1 s, 2 s and so on up to 30 s, so that the clients of a server that was down do not come back in step; they begin anew
/// after a connection that lasted 10 seconds. The event `online` ends a wait at once.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::websocket::{self, Heartbeat, Reconnect};
/// use std::time::Duration;
///
/// let keep_up = Reconnect::new()
///     .queue(100, 1 << 20)
///     .heartbeat(Heartbeat::new(Duration::from_secs(20), Duration::from_secs(5), || "ping".into(), |m| *m == "pong".into()));
/// let chat = websocket::connect("/chat").reconnect(keep_up);
/// chat.send("sent as soon as there is a connection").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a policy does nothing by itself"]
pub struct Reconnect {
    pub(super) policy: Policy,
    pub(super) queue: Option<Limit>,
    pub(super) hidden: Hidden,
    pub(super) again: Rc<dyn Fn(&CloseEvent) -> bool>,
    pub(super) heartbeat: Option<Heartbeat>,
}

/// What becomes of new attempts while the page is [hidden](https://html.spec.whatwg.org/#dom-document-hidden). An open
/// connection is left alone; workers are never hidden.
///
/// ```
/// use pagewire::websocket::{Hidden, Reconnect};
///
/// let only_when_seen = Reconnect::new().when_hidden(Hidden::Wait);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Hidden {
    /// They are made all the same.
    #[default]
    Continue,
    /// They wait until the page is seen again, and are made at once then.
    Wait,
}

/// How to find out that the server is gone without a word: by a message that it is to answer.
///
/// ```
/// use pagewire::websocket::{Heartbeat, Message};
/// use std::time::Duration;
///
/// let heartbeat = Heartbeat::new(
///     Duration::from_secs(20), // of silence, then a ping
///     Duration::from_secs(5),  // for the answer
///     || Message::from(r#"{"type":"ping"}"#),
///     |message| *message == Message::from(r#"{"type":"pong"}"#),
/// );
/// ```
#[derive(Clone)]
pub struct Heartbeat {
    pub(super) every: Duration,
    pub(super) patience: Duration,
    pub(super) ping: Rc<dyn Fn() -> Message>,
    pub(super) is_pong: Rc<dyn Fn(&Message) -> bool>,
}

impl Heartbeat {
    /// After `every` without a message `ping` is sent; if for `patience` nothing comes, the connection counts as lost.
    /// Any message is a sign of life, and so is the sending of what lies before the ping in the browser's buffer (WebKit
    /// does not tell how much does). Those that `is_pong` are not given to the reader. The wall clock decides, and a page
    /// that comes back looks at once; one that stood still for much longer than `patience` asks once more before the
    /// connection counts as lost.
    ///
    /// ```
    /// use pagewire::websocket::{Heartbeat, Message};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// let heartbeat = Heartbeat::new(second * 30, second * 10, || Message::from("?"), |m| *m == Message::from("!"));
    /// ```
    #[must_use]
    pub fn new(
        every: Duration,
        patience: Duration,
        ping: impl Fn() -> Message + 'static,
        is_pong: impl Fn(&Message) -> bool + 'static,
    ) -> Self {
        Heartbeat { every, patience, ping: Rc::new(ping), is_pong: Rc::new(is_pong) }
    }
}

impl Default for Reconnect {
    fn default() -> Self {
        Reconnect {
            policy: Policy {
                base: Duration::from_millis(500),
                cap: Duration::from_secs(30),
                attempts: None,
                stable: Duration::from_secs(10),
            },
            queue: None,
            hidden: Hidden::Continue,
            again: Rc::new(CloseEvent::may_recover),
            heartbeat: None,
        }
    }
}

impl Reconnect {
    /// The default policy.
    ///
    /// ```
    /// use pagewire::websocket::Reconnect;
    ///
    /// let policy = Reconnect::new();
    /// ```
    pub fn new() -> Self {
        Reconnect::default()
    }

    /// The longest first wait; it doubles with each attempt, up to `cap`. Default: 500 ms, up to 30 s.
    ///
    /// ```
    /// use pagewire::websocket::Reconnect;
    /// use std::time::Duration;
    ///
    /// let quick = Reconnect::new().backoff(Duration::from_millis(100), Duration::from_secs(5));
    /// ```
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.policy.base = base;
        self.policy.cap = cap;
        self
    }

    /// How many new attempts there are in a row, counted since the connection was last stable. Default: no end.
    ///
    /// ```
    /// use pagewire::websocket::Reconnect;
    ///
    /// let not_for_ever = Reconnect::new().attempts(8);
    /// ```
    pub fn attempts(mut self, most: u32) -> Self {
        self.policy.attempts = Some(most);
        self
    }

    /// How long a connection must last to count as stable. One that opens and breaks at once is a failure too.
    /// Default: 10 seconds.
    ///
    /// ```
    /// use pagewire::websocket::Reconnect;
    /// use std::time::Duration;
    ///
    /// let strict = Reconnect::new().stable_after(Duration::from_secs(60));
    /// ```
    pub fn stable_after(mut self, lasting: Duration) -> Self {
        self.policy.stable = lasting;
        self
    }

    /// Keeps messages that are sent while there is no connection, at most so many and so many bytes, and sends them in
    /// their order when there is one. Without this they are refused with [`ErrorKind::Closed`](crate::ErrorKind::Closed).
    ///
    /// ```
    /// use pagewire::websocket::Reconnect;
    ///
    /// let patient = Reconnect::new().queue(100, 1 << 20);
    /// ```
    pub fn queue(mut self, messages: usize, bytes: usize) -> Self {
        self.queue = Some(Limit { items: messages, bytes });
        self
    }

    /// What becomes of new attempts while the page is hidden. Default: [`Hidden::Continue`].
    ///
    /// ```
    /// use pagewire::websocket::{Hidden, Reconnect};
    ///
    /// let sparing = Reconnect::new().when_hidden(Hidden::Wait);
    /// ```
    pub fn when_hidden(mut self, hidden: Hidden) -> Self {
        self.hidden = hidden;
        self
    }

    /// Decides, when a connection has ended, whether it is made again. Default: [`CloseEvent::may_recover`].
    ///
    /// ```
    /// use pagewire::websocket::Reconnect;
    ///
    /// // 4401: this server wants another token first.
    /// let policy = Reconnect::new().again_if(|end| end.code != 4401);
    /// ```
    pub fn again_if(mut self, again: impl Fn(&CloseEvent) -> bool + 'static) -> Self {
        self.again = Rc::new(again);
        self
    }

    /// Finds out when the server is gone without a word. Default: nobody asks.
    ///
    /// ```
    /// use pagewire::websocket::{Heartbeat, Reconnect};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// let heartbeat = Heartbeat::new(second * 20, second * 5, || "ping".into(), |message| *message == "pong".into());
    /// let policy = Reconnect::new().heartbeat(heartbeat);
    /// ```
    pub fn heartbeat(mut self, heartbeat: Heartbeat) -> Self {
        self.heartbeat = Some(heartbeat);
        self
    }
}

impl fmt::Debug for Reconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reconnect { policy, queue, hidden, heartbeat, .. } = self;
        let mut shown = f.debug_struct("Reconnect");
        shown.field("policy", policy).field("queue", queue).field("hidden", hidden);
        shown.field("heartbeat", heartbeat).finish_non_exhaustive()
    }
}

impl fmt::Debug for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Heartbeat { every, patience, .. } = self;
        f.debug_struct("Heartbeat").field("every", every).field("patience", patience).finish_non_exhaustive()
    }
}
