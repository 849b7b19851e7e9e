//! The stream of answers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use crate::error::Result;
use crate::transport::http::Response;

/// A stream of answers. An error is its last item, and comes when the policy has no more attempts. Dropping it ends the
/// request that is on its way.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use futures_util::TryStreamExt;
/// use pagewire::poll;
///
/// let mut updates = poll::long("/updates").open();
/// let first = updates.try_next().await?;
/// drop(updates); // asks no more
/// # Ok(()) }
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Answers {
    state: State,
    /// Whether the next question is asked before the answer to the last one is looked at.
    asks_ahead: bool,
    position: Option<String>,
}

/// One way of polling.
pub(super) trait Poller {
    /// The next answer that is handed on.
    fn next(self: Box<Self>) -> Step;

    /// Where the answers stand after the last one.
    fn position(&self) -> Option<String>;
}

pub(super) type Step = Pin<Box<dyn Future<Output = Answered>>>;

/// The poller is handed back with its answer.
type Answered = (Box<dyn Poller>, Result<Response>);

enum State {
    Idle(Box<dyn Poller>),
    Asking(Step),
    /// The question that was asked ahead is answered already.
    Answered(Answered),
    Over,
}

impl Answers {
    pub(super) fn new(poller: impl Poller + 'static, asks_ahead: bool) -> Self {
        let position = poller.position();
        Answers { state: State::Idle(Box::new(poller)), asks_ahead, position }
    }

    /// Where the answers stand, by the cursor: where a later stream may go on.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use futures_util::TryStreamExt;
    /// use pagewire::poll::{self, Cursor};
    ///
    /// let mut updates = poll::long("/updates").cursor(Cursor::json("next", "after")).open();
    /// updates.try_next().await?;
    /// println!("read up to {:?}", updates.position());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn position(&self) -> Option<String> {
        self.position.clone()
    }

    /// Asks, if nothing is asked, and takes the answer once it is here.
    fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Option<Answered>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Idle(poller) => self.state = State::Asking(poller.next()),
                State::Asking(mut step) => match step.as_mut().poll(context) {
                    Poll::Ready(answered) => return Poll::Ready(Some(answered)),
                    Poll::Pending => {
                        self.state = State::Asking(step);
                        return Poll::Pending;
                    }
                },
                State::Answered(answered) => return Poll::Ready(Some(answered)),
                State::Over => return Poll::Ready(None),
            }
        }
    }
}

impl Stream for Answers {
    type Item = Result<Response>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Response>>> {
        let Some((poller, outcome)) = ready!(self.poll_answer(context)) else {
            return Poll::Ready(None);
        };
        self.position = poller.position();
        if outcome.is_ok() {
            self.state = State::Idle(poller);
            if self.asks_ahead
                && let Poll::Ready(Some(answered)) = self.poll_answer(context)
            {
                self.state = State::Answered(answered);
            }
        }
        Poll::Ready(Some(outcome))
    }
}

impl FusedStream for Answers {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}
