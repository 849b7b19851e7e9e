//! Plans of this library's requests.

use crate::browser::address::{is_same_origin, own_origin, resolve};
use crate::browser::clock;
use crate::browser::global::{is_online, require_browser};
use crate::error::{Error, Result};
use crate::proto::cors::{Asked, Plan, Sent};
use crate::proto::method::Method;
use crate::proto::url;
use crate::transport::environment::Capability;
use crate::transport::http::{Body, Context, Request};

/// What the browser will do with this request when [`http`](crate::http) sends it from here, by the
/// [CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol). Nothing is sent.
///
/// Headers that a [`Client`](crate::http::Client) adds on the way are not seen: plan the request as it arrives there.
///
/// ```no_run
/// use pagewire::{cors, http};
///
/// let plan = cors::plan(&http::get("https://api.example/").bearer_auth("token"))?;
/// assert_eq!(plan.request_headers().as_deref(), Some("authorization"));
/// # Ok::<(), pagewire::Error>(())
/// ```
///
/// # Errors
/// What sending it would refuse: [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest); and
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) without a browser, where [`plan_across`] serves.
pub fn plan(request: &Request) -> Result<Plan> {
    // Without XMLHttpRequest, in a service worker, `http` goes by fetch.
    here(request, Capability::Xhr.available().is_err())
}

/// As [`plan`], for a request that [`stream`](crate::stream) sends: over `fetch`, which keeps the values of a repeated
/// header apart.
///
/// ```no_run
/// use pagewire::{cors, http};
///
/// let request = http::get("https://api.example/log").header("accept", "text/event-stream");
/// assert_eq!(cors::plan_stream(&request)?.kind(), cors::Kind::Simple);
/// # Ok::<(), pagewire::Error>(())
/// ```
///
/// # Errors
/// As [`plan`].
pub fn plan_stream(request: &Request) -> Result<Plan> {
    here(request, true)
}

/// What a browser would do with this request from a page of `origin`, such as `https://app.example`, if its URL belongs
/// to another origin. It asks no browser, so it serves in tests of a server or an app that run anywhere.
///
/// ```
/// use pagewire::cors::{Kind, plan_across};
/// use pagewire::http;
///
/// let plan = plan_across("https://app.example", &http::get("/items").header("x-version", "2"))?;
/// assert_eq!(plan.kind(), Kind::Preflighted);
/// assert_eq!(plan.answer(false)[0].to_string(), "Access-Control-Allow-Origin: https://app.example");
/// # Ok::<(), pagewire::Error>(())
/// ```
///
/// # Errors
/// What sending it would refuse.
pub fn plan_across(origin: &str, request: &Request) -> Result<Plan> {
    Ok(asked(request, false)?.plan(origin, false))
}

fn here(request: &Request, by_fetch: bool) -> Result<Plan> {
    let asked = asked(request, by_fetch)?;
    require_browser()?;
    if resolve(&request.context.sent.url).is_none() {
        return Err(Error::invalid("the URL cannot be read: check its host and port")
            .with_url(&request.context.sent.url));
    }
    let origin = own_origin().unwrap_or_default();
    // "or request's current URL's scheme is "data"": https://fetch.spec.whatwg.org/#concept-main-fetch
    let local = url::scheme(&request.context.sent.url) == b"data:";
    Ok(asked.plan(&origin, local || is_same_origin(&request.context.sent.url)))
}

fn asked(request: &Request, by_fetch: bool) -> Result<Asked> {
    let mut request = request.repeat();
    request.check()?;
    Ok(conclude(request, by_fetch).0.sent.asked)
}

/// What a diagnosis will want to know of the handshake of a WebSocket, made at this time of the clock.
pub(crate) fn sent_handshake(address: &str, since: f64) -> Box<Sent> {
    let mut sent = Box::new(Sent::new(Method::GET, address.to_owned()));
    sent.asked.with_credentials = true;
    sent.since = since;
    sent
}

/// A request that was checked and is sent now: what a response or a diagnosis will want to know of it, and its body. It
/// sets what no setter knows alone, as they come in any order.
pub(crate) fn conclude(mut request: Request, by_fetch: bool) -> (Box<Context>, Option<Body>) {
    let uploads = request.body.is_some() && !by_fetch;
    let Sent { asked, since, .. } = &mut *request.context.sent;
    asked.upload_events &= uploads;
    asked.upload_limits &= uploads;
    asked.by_fetch = by_fetch;
    *since = clock::timestamp();
    (request.context, request.body)
}

/// Of a request that has just failed.
pub(crate) fn failed_now(mut sent: Box<Sent>) -> Box<Sent> {
    sent.failed = clock::timestamp();
    sent.online = is_online();
    sent
}
