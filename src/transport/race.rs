//! Two futures at once, of which the first to end decides.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// The outcome of `work`; `None` if `stop` ends first, and then `work` is dropped. What is done already is never lost: if
/// both have ended, `work` counts.
pub(crate) async fn unless<T>(stop: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    let (mut stop, mut work) = (pin!(stop), pin!(work));
    poll_fn(|context| {
        if let Poll::Ready(outcome) = work.as_mut().poll(context) {
            return Poll::Ready(Some(outcome));
        }
        stop.as_mut().poll(context).map(|()| None)
    })
    .await
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::future::{pending, ready};
    use std::task::{Context, Waker};

    use super::*;

    fn now<T>(future: impl Future<Output = T>) -> Poll<T> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_is_done_when_the_end_comes_is_not_lost() {
        assert_eq!(now(unless(ready(()), ready(7))), Poll::Ready(Some(7)));
    }

    #[test]
    fn whichever_ends_decides() {
        assert_eq!(now(unless(ready(()), pending::<()>())), Poll::Ready(None));
        assert_eq!(now(unless(pending(), ready(7))), Poll::Ready(Some(7)));
        assert_eq!(now(unless(pending(), pending::<()>())), Poll::Pending);
    }
}
