//! Plans of this library's requests.

use wasm_bindgen::JsValue;

use crate::browser::address::{is_same_origin, own_origin, resolve};
use crate::browser::clock;
use crate::browser::global::require_browser;
use crate::error::{Error, Result};
use crate::proto::cors::{Asked, Plan, Sent};
use crate::proto::url;
use crate::transport::http::{Body, Request};

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
    here(request, false)
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
    if resolve(&request.url).is_none() {
        return Err(Error::invalid("the URL cannot be read: check its host and port").with_url(&request.url));
    }
    let origin = own_origin().unwrap_or_default();
    // "or request's current URL's scheme is "data"": https://fetch.spec.whatwg.org/#concept-main-fetch
    let local = url::scheme_of(&request.url).is_some_and(|scheme| scheme == "data");
    Ok(asked.plan(&origin, local || is_same_origin(&request.url)))
}

fn asked(request: &Request, by_fetch: bool) -> Result<Asked> {
    let mut request = request.repeat();
    request.check()?;
    Ok(asked_of(request, by_fetch))
}

/// What a diagnosis will want to know of a request that is sent now, and the body to send; it was checked.
pub(crate) fn sent(mut request: Request, by_fetch: bool) -> (Sent, JsValue) {
    let body = request.body.clone();
    let url = std::mem::take(&mut request.url);
    let sent = Sent { url, asked: asked_of(request, by_fetch), since: clock::timestamp(), online: true };
    (sent, body.map_or(JsValue::NULL, Body::into_js))
}

/// Of a request that was checked.
fn asked_of(request: Request, by_fetch: bool) -> Asked {
    let body = request.body.as_ref();
    Asked {
        body_type: body.and_then(Body::implied_type),
        text_body: body.is_some_and(Body::is_text),
        with_credentials: request.with_credentials,
        upload_events: body.is_some() && request.upload_events && !by_fetch,
        upload_limits: request.limits_upload() && !by_fetch,
        by_fetch,
        method: request.method,
        headers: request.headers,
    }
}
