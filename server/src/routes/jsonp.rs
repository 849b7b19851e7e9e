//! `/jsonp`: a script that calls a function of the page, or does whatever a test wants of a server that is not kind.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use crate::params::{BadParam, Params};

/// The longest text that `size` asks for.
const MOST: usize = 64 << 20;

/// `?callback=NAME&data=JSON`: a call of that function. `parameter=callback` is the name under which the function's is
/// looked for, `size=N` a string of so many characters in the place of the data, `script=TEXT` that text in the place of
/// the call, each `{callback}` in it the function. `delay=0`, `status=200` and `type=` are as they say.
pub(super) async fn jsonp(params: Params) -> Result<Response, BadParam> {
    let status = params.status("status", StatusCode::OK, 200..=599)?;
    let kind = params.get("type").unwrap_or("text/javascript; charset=utf-8").to_owned();
    let script = script(&params)?;
    sleep(params.millis("delay", 0)?).await;
    Ok((status, [(CONTENT_TYPE, kind)], script).into_response())
}

fn script(params: &Params) -> Result<String, BadParam> {
    let parameter = params.get("parameter").unwrap_or("callback");
    let callback = params.get(parameter).unwrap_or("callback");
    if !is_name(callback) {
        return Err(BadParam::new(parameter, callback));
    }
    if let Some(script) = params.get("script") {
        return Ok(script.replace("{callback}", callback));
    }
    let data = match params.parse("size", 0)? {
        0 => params.get("data").unwrap_or("null").to_owned(),
        size if size <= MOST => format!("\"{}\"", "x".repeat(size)),
        size => return Err(BadParam::new("size", &size.to_string())),
    };
    // The comment keeps the answer from beginning with what the caller chose, which some plug-ins take for a program.
    Ok(format!("/**/{callback}({data});"))
}

/// What may be echoed into a script: a name, or names with dots between.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_$.".contains(c))
}
