//! The outermost layer: writes down each request as it came, its answer's status, and how it ended.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;

use crate::journal::Entry;
use crate::params::Params;
use crate::received::Received;
use crate::record::{Ending, Record};
use crate::routes;
use crate::sent::Sent;

/// The port of the listener that a request came by, as a request extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Port(pub(crate) u16);

/// As an extension of a response: the route took the connection over, and has told in the record how that ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken;

/// Records every request, in the journal if it has a key, and hands its [`Record`] to the routes as an extension.
pub(crate) async fn witness(
    State(state): State<routes::State>,
    params: Params,
    mut request: Request,
    next: Next,
) -> Response {
    let record = Record::new(entry(&request));
    // Looking into the journal leaves no trace in it.
    if let Some(key) = params.get("key").filter(|_| request.uri().path() != "/journal") {
        state.journal.add(key.to_owned(), &record);
    }
    request.extensions_mut().insert(record.clone());
    let request = request.map(|body| Body::new(Received::new(body, record.clone())));
    let is_head = request.method() == Method::HEAD;
    // If the client leaves before there is an answer, this is dropped together with the future of that answer.
    let mut ending = Ending::new(record.clone());
    let response = next.run(request).await;
    if response.extensions().get::<Taken>().is_some() {
        ending.leave();
        return response;
    }
    record.update(|entry| entry.status = Some(response.status().as_u16()));
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        ending.leave();
        return response;
    }
    if is_head {
        // Its body, if the route gave one, is not sent.
        ending.complete();
    }
    Sent::wrap(response, ending)
}

fn entry(request: &Request) -> Entry {
    Entry {
        seq: 0,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        http: version(request.version()),
        port: request.extensions().get::<Port>().map(|port| port.0),
        client_port: request
            .extensions()
            .get()
            .map(|ConnectInfo(client): &ConnectInfo<SocketAddr>| client.port()),
        origin: request.headers().get(ORIGIN).map(latin1),
        headers: pairs(request.headers()),
        body: None,
        status: None,
        started_ms: 0,
        sent: 0,
        ended: None,
        websocket: None,
    }
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), latin1(value))).collect()
}

/// "Isomorphic decoding": <https://infra.spec.whatwg.org/#isomorphic-decode>
fn latin1(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}
