//! Where the time of a request went.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::{Context, Request};
use crate::browser::timer::sleep;
use crate::browser::timing::{Entry, Timed};

/// The phases of a request, as the browser measured them
/// ([Resource Timing](https://w3c.github.io/resource-timing/)).
///
/// Across origins a server must grant all but the whole with `Timing-Allow-Origin`; a phase that is not granted is
/// `None`, one that took no time, such as connecting on a connection that was open, is zero.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// use pagewire::http;
///
/// let response = http::get("/articles").with_timing().await?;
/// if let Some(timing) = response.timing().await {
///     let network = timing.total.saturating_sub(timing.first_byte.unwrap_or_default());
///     println!("{} ms, of these {} ms on the wire", timing.total.as_millis(), network.as_millis());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// Following redirects.
    pub redirect: Option<Duration>,
    /// Looking the name up.
    pub dns: Option<Duration>,
    /// Connecting, with TLS.
    pub connect: Option<Duration>,
    /// The TLS handshake, which is a part of `connect`; zero over plain HTTP.
    pub tls: Option<Duration>,
    /// From sending the request to the first byte of its answer.
    pub first_byte: Option<Duration>,
    /// From the first to the last byte of the answer.
    pub body: Option<Duration>,
    /// The whole, from asking to the last byte.
    pub total: Duration,
}

/// An entry is delivered in a task of its own, soon after the response; not for ever is it waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// The entry of another request that began at about the same time, and ended earlier, comes earlier: time for our own.
const TWIN: Duration = Duration::from_millis(50);

/// The timing of the one request that `watch` was for; `None` if none comes, or if more than one entry may be this
/// request's.
pub(super) async fn read(watch: &dyn Timed) -> Option<Timing> {
    let mut patience = pin!(sleep(PATIENCE));
    poll_fn(|context| match watch.poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => patience.as_mut().poll(context),
    })
    .await;
    sleep(TWIN).await;
    match watch.entries().as_slice() {
        [entry] => Some(Timing::of(entry)),
        _ => None,
    }
}

impl Request {
    /// Watches for the timing from now on, if that was asked for.
    pub(crate) fn watch(&mut self) {
        if let Some(watch) = self.options.timing {
            self.context.timing = watch(&self.context.sent.url);
        }
    }
}

impl Context {
    /// The request has been handed to the browser.
    pub(crate) fn was_sent(&self) {
        if let Some(timing) = &self.timing {
            timing.sent();
        }
    }
}

impl Timing {
    fn of(entry: &Entry) -> Self {
        let granted = entry.request_start() > 0.0;
        let span = |begin: f64, end: f64| granted.then(|| milliseconds(end - begin));
        let secure = entry.secure_connection_start();
        Timing {
            redirect: span(entry.redirect_start(), entry.redirect_end()),
            dns: span(entry.domain_lookup_start(), entry.domain_lookup_end()),
            connect: span(entry.connect_start(), entry.connect_end()),
            tls: span(if secure > 0.0 { secure } else { entry.connect_end() }, entry.connect_end()),
            first_byte: span(entry.request_start(), entry.response_start()),
            body: span(entry.response_start(), entry.response_end()),
            total: milliseconds(entry.response_end() - entry.start_time()),
        }
    }
}

fn milliseconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number / 1000.0).unwrap_or(Duration::ZERO)
}
