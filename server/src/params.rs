//! The query of a request, by which a test tells the server how to behave.

use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The pairs of a query, decoded, in order.
#[derive(Debug, Clone)]
pub(crate) struct Params(Vec<(String, String)>);

/// A wish that cannot be granted: an answer of 400 that says which.
#[derive(Debug)]
pub(crate) struct BadParam(String);

impl Params {
    pub(crate) fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let pairs = self.0.iter().filter(move |(known, _)| known == name);
        pairs.map(|(_, value)| value.as_str())
    }

    /// The value of `name`, or `default` where it is absent.
    pub(crate) fn parse<T: FromStr>(&self, name: &str, default: T) -> Result<T, BadParam> {
        self.get(name).map_or(Ok(default), |value| value.parse().map_err(|_| BadParam::new(name, value)))
    }

    pub(crate) fn millis(&self, name: &str, default: u64) -> Result<Duration, BadParam> {
        self.parse(name, default).map(Duration::from_millis)
    }

    pub(crate) fn status(
        &self,
        name: &str,
        default: StatusCode,
        allowed: RangeInclusive<u16>,
    ) -> Result<StatusCode, BadParam> {
        let code = self.parse(name, default.as_u16())?;
        let status = StatusCode::from_u16(code).ok();
        status.filter(|_| allowed.contains(&code)).ok_or_else(|| BadParam::new(name, &code.to_string()))
    }

    /// All values of `name`, each a header written as `Name:Value`.
    pub(crate) fn headers(&self, name: &str) -> Result<Vec<(HeaderName, HeaderValue)>, BadParam> {
        let parse = |pair: &str| {
            let (name, value) = pair.split_once(':')?;
            Some((name.parse().ok()?, header_value(value.trim_start())?))
        };
        self.all(name).map(|pair| parse(pair).ok_or_else(|| BadParam::new(name, pair))).collect()
    }
}

impl BadParam {
    pub(crate) fn new(name: &str, value: &str) -> Self {
        BadParam(format!("{name}={value} makes no sense here"))
    }
}

impl IntoResponse for BadParam {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Params(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

/// The value whose bytes are the characters of `text`.
pub(crate) fn header_value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(&latin1_bytes(text)?).ok()
}

/// The bytes that are the characters of `text`, as in the journal: only Latin-1 can be sent.
pub(crate) fn latin1_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(character).ok()).collect()
}
