//! `/origins`: where else the server is.

use axum::Json;
use axum::extract;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::State;

/// The origins, under the host name by which the question came: `localhost` and `127.0.0.1` are different sites, and
/// an address such as 0.0.0.0 is no address to call.
pub(super) async fn origins(
    extract::State(state): extract::State<State>,
    uri: Uri,
    headers: HeaderMap,
) -> Json<Value> {
    let host = host(&uri, &headers);
    let mut origins = state.origins.iter().map(|origin| renamed(origin, host.as_deref()));
    Json(json!({ "first": origins.next(), "second": origins.next() }))
}

/// The name that the client called: over HTTP/2 a part of the URL, else the `Host` header.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if let Some(host) = uri.host() {
        return Some(host.to_owned());
    }
    let authority: Authority = headers.get(HOST)?.to_str().ok()?.parse().ok()?;
    Some(authority.host().to_owned())
}

fn renamed(origin: &str, host: Option<&str>) -> String {
    let parts = || {
        let uri: Uri = origin.parse().ok()?;
        Some(format!("{}://{}:{}", uri.scheme_str()?, host?, uri.port_u16()?))
    };
    parts().unwrap_or_else(|| origin.to_owned())
}
