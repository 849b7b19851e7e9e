//! CORS as the query asks for it: <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, ORIGIN, SET_COOKIE, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::params::Params;

/// Readable across origins without being exposed: <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
const SAFELISTED: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

/// Answers preflights, and adds to every answer what `cors=on` (the default), `star` or `off`, and the single
/// overrides `acao`, `acac`, `acam`, `acah`, `aceh` and `acma`, say.
pub(crate) async fn cors(params: Params, request: Request, next: Next) -> Response {
    let asked = request.headers().clone();
    let preflight = request.method() == Method::OPTIONS && asked.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        preflight_status(&params).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for pair in params.all("header") {
        append(headers, pair.split_once(':').unwrap_or((pair, "")));
    }
    if let Some(cookie) = params.get("set_cookie") {
        append(headers, (SET_COOKIE.as_str(), &format!("{cookie}; Path=/")));
    }
    // A page that is isolated loads nothing without this: https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
    set(headers, "cross-origin-resource-policy", "cross-origin");
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    allow(headers, &params, &asked, preflight);
    response
}

fn preflight_status(params: &Params) -> StatusCode {
    let status = params.number("preflight", 204);
    u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::NO_CONTENT)
}

fn allow(headers: &mut HeaderMap, params: &Params, asked: &HeaderMap, preflight: bool) {
    let echo = |name: HeaderName| asked.get(name).cloned();
    match params.get("cors").unwrap_or("on") {
        "off" => {}
        "star" => {
            set(headers, "access-control-allow-origin", "*");
            set(headers, "timing-allow-origin", "*");
            insert(
                headers,
                ACCESS_CONTROL_ALLOW_METHODS,
                echo(ACCESS_CONTROL_REQUEST_METHOD),
            );
            insert(
                headers,
                ACCESS_CONTROL_ALLOW_HEADERS,
                echo(ACCESS_CONTROL_REQUEST_HEADERS),
            );
            expose(headers, preflight);
        }
        _ => {
            set(headers, "timing-allow-origin", "*");
            headers.append(VARY, HeaderValue::from_static("Origin"));
            insert(
                headers,
                ACCESS_CONTROL_ALLOW_METHODS,
                echo(ACCESS_CONTROL_REQUEST_METHOD),
            );
            insert(
                headers,
                ACCESS_CONTROL_ALLOW_HEADERS,
                echo(ACCESS_CONTROL_REQUEST_HEADERS),
            );
            if let Some(origin) = echo(ORIGIN) {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            }
            expose(headers, preflight);
        }
    }
    for (param, name) in [
        ("acao", ACCESS_CONTROL_ALLOW_ORIGIN),
        ("acac", ACCESS_CONTROL_ALLOW_CREDENTIALS),
        ("acam", ACCESS_CONTROL_ALLOW_METHODS),
        ("acah", ACCESS_CONTROL_ALLOW_HEADERS),
        ("aceh", ACCESS_CONTROL_EXPOSE_HEADERS),
        ("acma", ACCESS_CONTROL_MAX_AGE),
    ] {
        match params.get(param) {
            None => {}
            Some("") => drop(headers.remove(name)),
            Some(value) => set(headers, name.as_str(), value),
        }
    }
}

/// Exposes every header of the answer that a page could not read otherwise.
fn expose(headers: &mut HeaderMap, preflight: bool) {
    let names: Vec<&str> = headers
        .keys()
        .map(HeaderName::as_str)
        .filter(|name| {
            !SAFELISTED.contains(name) && *name != "set-cookie" && !name.starts_with("access-control-")
        })
        .collect();
    if !preflight && !names.is_empty() {
        let list = names.join(", ");
        set(headers, "access-control-expose-headers", &list);
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value);
    }
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let Some((name, value)) = header(name, value) {
        headers.insert(name, value);
    }
}

fn append(headers: &mut HeaderMap, (name, value): (&str, &str)) {
    if let Some((name, value)) = header(name, value) {
        headers.append(name, value);
    }
}

/// A header that can be sent; what cannot is left out, as a test would notice.
fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((
        name.parse().ok()?,
        HeaderValue::from_bytes(value.as_bytes()).ok()?,
    ))
}
