//! Finding out why a request failed.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use web_sys::Url;

use super::probe;
use crate::browser::address::{self, is_same_origin, own_origin};
use crate::browser::global::{is_isolated, require_browser};
use crate::browser::policy::Stopped;
use crate::browser::timer::sleep;
use crate::error::{Error, ErrorKind};
use crate::proto::cors::decide::{Address, Facts, Failed, Violated};
use crate::proto::cors::{Diagnosis, Sent};
use crate::proto::decimal::number;

/// A report may come so many milliseconds later than the failure that it tells of.
const LATE: f64 = 1000.0;

thread_local! {
    static WATCHED: RefCell<Option<Rc<Stopped>>> = const { RefCell::new(None) };
}

/// Keeps, from now on and for as long as the page lives, the violations of its content security policy, so that
/// [`Error::diagnose`] can name them without a probe. Call it once, early. Without it a probe finds them too, unless the
/// policy forbade only an address that the server redirected to.
///
/// ```no_run
/// pagewire::cors::watch();
/// ```
pub fn watch() {
    if require_browser().is_ok() {
        WATCHED.with(|watched| {
            let known = watched.borrow().is_some();
            if !known {
                let violations = Stopped::watch();
                watched.replace(Some(Rc::new(violations)));
            }
        });
    }
}

impl Error {
    /// Finds out why the request failed, as far as a page can: browsers hide the reason of a network error from pages,
    /// and CORS is one of many.
    ///
    /// Awaited as it is, it sends nothing: it judges by the address, the page's policy, and whether there was a network.
    /// [`probe`](Diagnose::probe) lets it ask the server.
    ///
    /// ```no_run
    /// # async fn example() {
    /// use pagewire::http;
    ///
    /// if let Err(error) = http::get("https://api.example/items").await {
    ///     let diagnosis = error.diagnose().probe().await;
    ///     println!("{diagnosis}");
    /// }
    /// # }
    /// ```
    pub fn diagnose(&self) -> Diagnose {
        Diagnose { kind: self.kind(), sent: self.sent().cloned(), probe: false }
    }
}

/// A diagnosis to be awaited: see [`Error::diagnose`]. It cannot fail, and comes to an end by itself: each probe is given
/// up after 5 seconds.
///
/// ```no_run
/// # async fn example(error: pagewire::Error) {
/// use pagewire::cors::{Confidence, Verdict};
///
/// let diagnosis = error.diagnose().probe().await;
/// if diagnosis.verdict == Verdict::Offline && diagnosis.confidence == Confidence::High {
///     println!("waiting for the network");
/// }
/// # }
/// ```
#[must_use = "a diagnosis does nothing until it is awaited"]
#[derive(Clone)]
pub struct Diagnose {
    kind: ErrorKind,
    sent: Option<Sent>,
    probe: bool,
}

impl Diagnose {
    /// Lets it send requests of its own to the same address: up to three `HEAD` requests (`GET` where the request was
    /// one), without credentials, body or values of the request's headers; and one to the page's own origin where the
    /// browser says that it is offline, or where `http` is asked for from an `https` page. The
    /// [evidence](crate::cors::Diagnosis::evidence) names each. They pass through the page's service worker, if it has one,
    /// as the request did.
    ///
    /// ```no_run
    /// # async fn example(error: pagewire::Error) {
    /// println!("{}", error.diagnose().probe().await);
    /// # }
    /// ```
    pub fn probe(mut self) -> Self {
        self.probe = true;
        self
    }
}

impl IntoFuture for Diagnose {
    type Output = Diagnosis;
    type IntoFuture = Pin<Box<dyn Future<Output = Diagnosis>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl Diagnose {
    async fn run(self) -> Diagnosis {
        let url = match &self.sent {
            Some(sent) if require_browser().is_ok() => address::resolve(&sent.url),
            _ => None,
        };
        let (Some(sent), Some(url)) = (self.sent, url) else {
            return Facts::new(self.kind, None).decide();
        };
        let failed = failed(&sent, &url);
        let mut facts = Facts::new(self.kind, Some(failed.clone()));
        if self.kind != ErrorKind::Network {
            return facts.decide();
        }
        // The report of a violation is a task of its own, and may come after the failure.
        sleep(Duration::ZERO).await;
        let watched = WATCHED.with(|watched| watched.borrow().clone());
        facts.violation = watched.and_then(|known| violated(&known, &sent, &url, sent.failed + LATE));
        facts.isolated = is_isolated();
        facts.local_denied = probe::is_local_network_denied(&failed.address, &failed.page).await;
        facts.probing = self.probe;
        ask(&mut facts, &sent, &url).await;
        facts.decide()
    }
}

/// Sends the probes that may tell more, one after the other.
async fn ask(facts: &mut Facts, sent: &Sent, url: &Url) {
    let violations = Stopped::watch();
    // A policy that forbids the address of a probe is reported with that.
    let url = &probe::address(url);
    while facts.at_once().is_none()
        && let Some(probe) = facts.next_probe()
    {
        let Some(answered) = probe::send(probe, sent, url).await else { return };
        facts.probes.push((probe, answered));
        sleep(Duration::ZERO).await;
        if let Some(violated) = violated(&violations, sent, url, f64::INFINITY) {
            facts.violation = Some(violated);
        }
    }
}

/// What was reported of this address since it was asked for.
fn violated(violations: &Stopped, sent: &Sent, url: &Url, until: f64) -> Option<Violated> {
    // "strip a URL for use in reports": https://w3c.github.io/webappsec-csp/#strip-url-for-use-in-reports
    let reported = address::without_credentials(url)?;
    reported.set_hash("");
    let (directive, exactly) = violations.of(&reported.href(), &reported.origin(), sent.since, until)?;
    Some(Violated { directive, exactly })
}

fn failed(sent: &Sent, url: &Url) -> Failed {
    Failed {
        plan: sent.asked.clone().plan(&own_origin().unwrap_or_default(), is_same_origin(&sent.url)),
        online: sent.online,
        address: address_of(url),
        page: page_address(),
        is_socket: is_socket(url),
    }
}

/// The address that the page came from. Nothing follows from that of a page without an origin of its own, such as a
/// sandboxed frame.
fn page_address() -> Address {
    let page = own_origin().and_then(|origin| address::resolve(&origin));
    page.map_or(Address { is_plain: true, host: String::new(), port: None }, |page| address_of(&page))
}

/// Whether this is the address of a WebSocket.
pub(super) fn is_socket(url: &Url) -> bool {
    ["ws:", "wss:"].contains(&url.protocol().as_str())
}

pub(crate) fn address_of(url: &Url) -> Address {
    Address {
        is_plain: ["http:", "ws:"].contains(&url.protocol().as_str()),
        host: url.hostname(),
        // Nothing for the scheme's own port, which a URL does not show.
        port: number(url.port().as_bytes()),
    }
}

impl fmt::Debug for Diagnose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diagnose")
            .field("kind", &self.kind)
            .field("probe", &self.probe)
            .finish_non_exhaustive()
    }
}
