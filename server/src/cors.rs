//! CORS as the query wishes it: <https://fetch.spec.whatwg.org/#http-cors-protocol>

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS as ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS as ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS as ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN as ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS as EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE as MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS as REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD as REQUEST_METHOD, DATE,
    ORIGIN, SET_COOKIE, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::params::{BadParam, Params, header_value};

/// Readable without being exposed: <https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name>
const SAFELISTED: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

/// What one request is to be told about CORS.
#[derive(Debug)]
pub(crate) struct Cors {
    mode: Mode,
    /// The headers that the query names: a value, or nothing where the header is to be left out.
    overrides: Vec<(HeaderName, Option<HeaderValue>)>,
    /// The status of the answer, if the request is a preflight.
    pub(crate) preflight: Option<StatusCode>,
    origin: Option<HeaderValue>,
    requested_method: Option<HeaderValue>,
    requested_headers: Option<HeaderValue>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    On,
    Star,
    Off,
}

impl Cors {
    /// Reads `cors=on|star|off`, the single headers `acao acac acam acah aceh acma`, and `preflight=STATUS`.
    pub(crate) fn new(params: &Params, request: &Request) -> Result<Self, BadParam> {
        let asks = request.method() == Method::OPTIONS && request.headers().contains_key(REQUEST_METHOD);
        let status = params.status("preflight", StatusCode::NO_CONTENT, 200..=599)?;
        Ok(Cors {
            mode: mode(params)?,
            overrides: overrides(params)?,
            preflight: asks.then_some(status),
            ..Cors::usual(request)
        })
    }

    /// What an answer that is no preflight's gets where the query wishes nothing.
    pub(crate) fn usual(request: &Request) -> Self {
        let header = |name| request.headers().get(name).cloned();
        Cors {
            mode: Mode::On,
            overrides: Vec::new(),
            preflight: None,
            origin: header(ORIGIN),
            requested_method: header(REQUEST_METHOD),
            requested_headers: header(REQUEST_HEADERS),
        }
    }

    /// Adds to an answer's headers, and leaves those alone that are already there.
    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        if self.mode != Mode::Off {
            let everyone = HeaderValue::from_static("*");
            headers.entry("timing-allow-origin").or_insert(everyone);
        }
        if self.mode == Mode::On {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        for (name, value) in self.headers(headers) {
            let wish = self.overrides.iter().find(|(known, _)| *known == name);
            if let Some(value) = wish.map_or(value, |(_, value)| value.clone()) {
                headers.entry(name).or_insert(value);
            }
        }
    }

    /// The headers of the mode, from which single ones may be overridden.
    fn headers(&self, headers: &HeaderMap) -> [(HeaderName, Option<HeaderValue>); 6] {
        let text = HeaderValue::from_static;
        let is_on = self.mode != Mode::Off;
        let allowed_origin = match self.mode {
            Mode::On => self.origin.clone(),
            Mode::Star => Some(text("*")),
            Mode::Off => None,
        };
        let with_credentials = self.mode == Mode::On && self.origin.is_some();
        let requested = |value: &Option<HeaderValue>| {
            let value = value.clone();
            value.filter(|_| is_on && self.preflight.is_some())
        };
        let exposes = is_on && self.preflight.is_none();
        [
            (ALLOW_ORIGIN, allowed_origin),
            (ALLOW_CREDENTIALS, with_credentials.then(|| text("true"))),
            (ALLOW_METHODS, requested(&self.requested_method)),
            (ALLOW_HEADERS, requested(&self.requested_headers)),
            (EXPOSE_HEADERS, exposes.then(|| exposed(headers)).flatten()),
            (MAX_AGE, None),
        ]
    }
}

fn mode(params: &Params) -> Result<Mode, BadParam> {
    match params.get("cors").unwrap_or("on") {
        "on" => Ok(Mode::On),
        "star" => Ok(Mode::Star),
        "off" => Ok(Mode::Off),
        other => Err(BadParam::new("cors", other)),
    }
}

fn overrides(params: &Params) -> Result<Vec<(HeaderName, Option<HeaderValue>)>, BadParam> {
    let parse = |(param, name)| {
        let text = params.get(param)?;
        let value = header_value(text).ok_or_else(|| BadParam::new(param, text));
        Some(value.map(|value| (name, Some(value).filter(|value| !value.is_empty()))))
    };
    [
        ("acao", ALLOW_ORIGIN),
        ("acac", ALLOW_CREDENTIALS),
        ("acam", ALLOW_METHODS),
        ("acah", ALLOW_HEADERS),
        ("aceh", EXPOSE_HEADERS),
        ("acma", MAX_AGE),
    ]
    .into_iter()
    .filter_map(parse)
    .collect()
}

/// Every header of the answer that a page of another origin could not read otherwise.
fn exposed(headers: &HeaderMap) -> Option<HeaderValue> {
    let needs_exposing = |name: &&str| {
        !SAFELISTED.contains(name) && *name != SET_COOKIE.as_str() && !name.starts_with("access-control-")
    };
    let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).filter(needs_exposing).collect();
    // Added to every answer by the HTTP implementation, later than this.
    names.push(DATE.as_str());
    names.dedup();
    HeaderValue::from_str(&names.join(", ")).ok()
}
