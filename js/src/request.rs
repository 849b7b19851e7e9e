//! From the options of a call to a request.

use std::time::Duration;

use js_sys::JSON;
use pagewire::ErrorKind;
use pagewire::http::{Body, Request, ResponseType, Retry};
use wasm_bindgen::prelude::*;

use crate::error::{caused, invalid};
use crate::options::Options;

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "Body")]
    pub type RequestBody;
}

/// What any request has, a stream's too.
pub(crate) const COMMON: &[&str] = &[
    "headers",
    "query",
    "basicAuth",
    "bearerAuth",
    "timeout",
    "firstByteTimeout",
    "idleTimeout",
    "withCredentials",
    "signal",
];

/// What a request has besides whose body is an option.
pub(crate) const CARRIED: &[&str] = &["method", "body", "json", "form"];

/// What a request with a complete response has besides.
pub(crate) const COMPLETE: &[&str] =
    &["json", "form", "responseType", "overrideMimeType", "maxSize", "stripXssiPrefix", "timing", "retry"];

const BODY: &str =
    "the body must be text, bytes, a Blob, FormData or URLSearchParams: for a value use the option `json`";

/// An option, and the setter that it names.
type Limit = (&'static str, fn(Request, Duration) -> Request);

const LIMITS: [Limit; 3] = [
    ("timeout", Request::timeout),
    ("firstByteTimeout", Request::first_byte_timeout),
    ("idleTimeout", Request::idle_timeout),
];

/// Sets the [`COMMON`] options.
pub(crate) fn common(mut request: Request, options: &Options) -> Result<Request, JsValue> {
    for (name, value) in options.pairs("query")? {
        request = request.query(&name, value);
    }
    request = headers(request, options)?;
    if let Some(credentials) = options.nested("basicAuth", &["user", "password"])? {
        let (user, password) = (credentials.required_text("user")?, credentials.required_text("password")?);
        request = request.basic_auth(&user, &password);
    }
    if let Some(token) = options.text("bearerAuth")? {
        request = request.bearer_auth(&token);
    }
    for (name, set) in LIMITS {
        if let Some(after) = options.duration(name)? {
            request = set(request, after);
        }
    }
    if let Some(with) = options.flag("withCredentials")? {
        request = request.with_credentials(with);
    }
    if let Some(signal) = options.signal()? {
        request = request.abort_signal(&signal);
    }
    Ok(request)
}

/// A request to `url` by the [`COMMON`] and the [`CARRIED`] options.
pub(crate) fn carried(url: String, options: &Options) -> Result<Request, JsValue> {
    let method = options.text("method")?;
    let request = pagewire::http::request(method.as_deref().unwrap_or("GET"), url);
    let body = options.get("body")?.map(JsCast::unchecked_into);
    carry(common(request, options)?, body, options)
}

/// Sets the [`COMPLETE`] options and the body.
pub(crate) fn complete(
    mut request: Request,
    body: Option<RequestBody>,
    options: &Options,
) -> Result<Request, JsValue> {
    request = carry(request, body, options)?;
    if let Some(response_type) = options.typed("responseType", RESPONSE_TYPES, response_type)? {
        request = request.response_type(response_type);
    }
    if let Some(mime_type) = options.text("overrideMimeType")? {
        request = request.override_mime_type(&mime_type);
    }
    if let Some(bytes) = options.count("maxSize")? {
        request = request.max_size(bytes);
    }
    if options.is_set("stripXssiPrefix")? {
        request = request.strip_xssi_prefix();
    }
    if options.is_set("timing")? {
        request = request.with_timing();
    }
    if let Some(policy) = retry(options)? {
        request = request.retry(policy);
    }
    Ok(request)
}

/// The first value of a name takes the place of a client's, more are added to it.
fn headers(mut request: Request, options: &Options) -> Result<Request, JsValue> {
    let pairs = options.pairs("headers")?;
    for (index, (name, value)) in pairs.iter().enumerate() {
        let again = pairs[..index].iter().any(|(earlier, _)| earlier.eq_ignore_ascii_case(name));
        request = if again { request.append_header(name, value) } else { request.header(name, value) };
    }
    Ok(request)
}

fn carry(request: Request, body: Option<RequestBody>, options: &Options) -> Result<Request, JsValue> {
    match (body, options.given("json")?, options.form("form")?) {
        (None, None, None) => Ok(request),
        (Some(body), None, None) => {
            let body = Body::try_from(JsValue::from(body)).map_err(|_| invalid(BODY))?;
            Ok(request.body(body))
        }
        (None, Some(value), None) => carry_json(request, &value),
        (None, None, Some(pairs)) => Ok(carry_form(request, &pairs)),
        _ => Err(invalid("a request has one body: the argument, the option `json` or the option `form`")),
    }
}

fn carry_json(request: Request, value: &JsValue) -> Result<Request, JsValue> {
    let text = JSON::stringify(value)
        .map_err(|cause| caused(ErrorKind::InvalidRequest, "the value cannot be JSON", cause))?;
    // It gives `undefined` for a function or a symbol.
    let text = text.as_string().ok_or_else(|| invalid("the value cannot be JSON"))?;
    Ok(carry_text(request, text, "application/json"))
}

fn carry_form(request: Request, pairs: &[(String, String)]) -> Request {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        text.append_pair(name, value);
    }
    carry_text(request, text.finish(), "application/x-www-form-urlencoded")
}

fn carry_text(request: Request, text: String, content_type: &str) -> Request {
    let request = request.body(text);
    let typed = request.headers().contains("content-type");
    if typed { request } else { request.header("content-type", content_type) }
}

const RESPONSE_TYPES: &str = "\"bytes\", \"blob\" or \"document\"";

fn response_type(value: JsValue) -> Option<ResponseType> {
    match value.as_string()?.as_str() {
        "bytes" => Some(ResponseType::Bytes),
        "blob" => Some(ResponseType::Blob),
        "document" => Some(ResponseType::Document),
        _ => None,
    }
}

/// The policy that the option `retry` names. `false` takes back a client's.
pub(crate) fn retry(options: &Options) -> Result<Option<Retry>, JsValue> {
    retry_from(options, Retry::new(), BASE)
}

/// The policy of what lasts: the option `retry` says in what it differs from the default, whose first wait is a second.
pub(crate) fn lasting_retry(options: &Options, default: Retry) -> Result<Option<Retry>, JsValue> {
    let base = Duration::from_secs(1);
    retry_from(options, default.backoff(base, CAP), base)
}

fn retry_from(options: &Options, default: Retry, base: Duration) -> Result<Option<Retry>, JsValue> {
    if options.get("retry")?.is_some_and(|value| value.is_object()) {
        let known =
            &["moreAttempts", "base", "cap", "anyMethod", "longestRetryAfter", "statuses", "stableAfter"];
        return options.nested("retry", known)?.map(|chosen| policy(&chosen, default, base)).transpose();
    }
    let wanted = options.typed("retry", "true, false or an object", |value| value.as_bool())?;
    Ok(wanted.map(|again| if again { default } else { default.more_attempts(0) }))
}

fn policy(options: &Options, default: Retry, first: Duration) -> Result<Retry, JsValue> {
    let mut retry = default;
    if options.is_infinite("moreAttempts")? {
        retry = retry.forever();
    } else if let Some(more) = options.count("moreAttempts")? {
        retry = retry.more_attempts(u32::try_from(more).unwrap_or(u32::MAX));
    }
    let (base, cap) = (options.duration("base")?, options.duration("cap")?);
    if base.is_some() || cap.is_some() {
        retry = retry.backoff(base.unwrap_or(first), cap.unwrap_or(CAP));
    }
    if options.is_set("anyMethod")? {
        retry = retry.any_method();
    }
    if let Some(longest) = options.duration("longestRetryAfter")? {
        retry = retry.longest_retry_after(longest);
    }
    if let Some(statuses) = options.statuses("statuses")? {
        retry = retry.statuses(statuses);
    }
    if let Some(lasted) = options.duration("stableAfter")? {
        retry = retry.stable_after(lasted);
    }
    Ok(retry)
}

// The library's own defaults, which `Retry::backoff` takes together.
const BASE: Duration = Duration::from_millis(300);
const CAP: Duration = Duration::from_secs(30);
