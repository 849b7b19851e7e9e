//! `/lines`: a text that comes line by line.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use tokio::time::sleep;

use crate::params::{BadParam, Params};

/// `?count=10&every=100&ending=lf|crlf|cr&text=line {n}&nosniff=yes`: the first line at once, then one every so many ms;
/// `{n}` is its number, from 1; `count=0` never ends; with `nosniff=no` a browser may take the text for something else.
pub(super) async fn lines(params: Params) -> Result<Response, BadParam> {
    let count = match params.parse("count", 10)? {
        0 => u64::MAX,
        count => count,
    };
    let every = params.millis("every", 100)?;
    let ending = match params.get("ending").unwrap_or("lf") {
        "lf" => "\n",
        "crlf" => "\r\n",
        "cr" => "\r",
        other => return Err(BadParam::new("ending", other)),
    };
    let template = params.get("text").unwrap_or("line {n}").to_owned() + ending;
    // Chromium shows nothing of a text response before its 1024th byte while it may still sniff:
    // https://mimesniff.spec.whatwg.org/#reading-the-resource-header
    let nosniff = match params.get("nosniff").unwrap_or("yes") {
        "yes" => Some([(X_CONTENT_TYPE_OPTIONS, "nosniff")]),
        "no" => None,
        other => return Err(BadParam::new("nosniff", other)),
    };
    let kind = [(CONTENT_TYPE, "text/plain; charset=utf-8")];
    let body = Body::from_stream(numbered(template, count, every));
    Ok(match nosniff {
        Some(nosniff) => (kind, nosniff, body).into_response(),
        None => (kind, body).into_response(),
    })
}

fn numbered(template: String, count: u64, every: Duration) -> impl Stream<Item = Result<String, Infallible>> {
    stream::unfold(1, move |number| {
        let line = template.replace("{n}", &number.to_string());
        async move {
            if number > count {
                return None;
            }
            if number > 1 {
                sleep(every).await;
            }
            Some((Ok(line), number + 1))
        }
    })
}
