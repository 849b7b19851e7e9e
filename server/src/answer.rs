//! What every answer gets: the headers that the query wishes, CORS, and what an isolated page needs.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use crate::cors::Cors;
use crate::params::{BadParam, Params, header_value};

/// Answers preflights itself; adds to every answer what the query wishes.
pub(crate) async fn answer(params: Params, request: Request, next: Next) -> Response {
    let (wishes, refusal) = match Wishes::new(&params, &request) {
        Ok(wishes) => (wishes, None),
        Err(bad) => (Wishes::none(&request), Some(bad)),
    };
    let mut response = match (refusal, wishes.cors.preflight) {
        (Some(bad), _) => bad.into_response(),
        (None, Some(status)) => {
            sleep(wishes.preflight_hold).await;
            status.into_response()
        }
        (None, None) => next.run(request).await,
    };
    wishes.add_to(response.headers_mut());
    response
}

/// What the query adds to the headers of any answer.
struct Wishes {
    headers: Vec<(HeaderName, HeaderValue)>,
    cookie: Option<HeaderValue>,
    preflight_hold: Duration,
    cors: Cors,
}

impl Wishes {
    /// Reads `header=Name:Value`, `set_cookie=name=value`, `preflight_hold=MS`, and what [`Cors`] reads.
    fn new(params: &Params, request: &Request) -> Result<Self, BadParam> {
        Ok(Wishes {
            headers: params.headers("header")?,
            cookie: cookie(params)?,
            preflight_hold: params.millis("preflight_hold", 0)?,
            cors: Cors::new(params, request)?,
        })
    }

    /// For an answer that refuses the wishes and is to be read all the same.
    fn none(request: &Request) -> Self {
        let cors = Cors::usual(request);
        Wishes { headers: Vec::new(), cookie: None, preflight_hold: Duration::ZERO, cors }
    }

    fn add_to(self, headers: &mut HeaderMap) {
        put(headers, self.headers);
        // A browser stores no cookie of a preflight; without one there, every cookie seen came from an answer.
        if let Some(cookie) = self.cookie.filter(|_| self.cors.preflight.is_none()) {
            headers.append(SET_COOKIE, cookie);
        }
        // An isolated page loads nothing without it: https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
        headers.entry("cross-origin-resource-policy").or_insert(HeaderValue::from_static("cross-origin"));
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        self.cors.add_to(headers);
    }
}

fn cookie(params: &Params) -> Result<Option<HeaderValue>, BadParam> {
    let Some(cookie) = params.get("set_cookie") else {
        return Ok(None);
    };
    header_value(&format!("{cookie}; Path=/")).map(Some).ok_or_else(|| BadParam::new("set_cookie", cookie))
}

/// The values given for a name take the place of those that the route gave: a test gets what it asks for, also twice.
fn put(headers: &mut HeaderMap, wished: Vec<(HeaderName, HeaderValue)>) {
    for (name, _) in &wished {
        headers.remove(name);
    }
    for (name, value) in wished {
        headers.append(name, value);
    }
}
