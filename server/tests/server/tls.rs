//! TLS with the certificate that is made at start, and HTTP/2.

use std::sync::Arc;

use axum::http::Request;
use futures_util::{SinkExt, StreamExt};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use pagewire_server::{How, Options};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Answer, Served, piece, serve_with};

async fn serve_tls() -> Served {
    serve_with(Options { tls: true, ..Options::default() }).await
}

/// A connection that trusts the server's certificate and nothing else.
async fn connect(served: &Served, name: &'static str, protocols: &[&str]) -> TlsStream<TcpStream> {
    let mut trusted = RootCertStore::empty();
    let certificate = CertificateDer::from(served.server.certificate().unwrap());
    trusted.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name).unwrap();
    let stream = served.connect().await;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

async fn http2(served: &Served) -> SendRequest<Empty<Bytes>> {
    let stream = connect(served, "127.0.0.1", &["h2", "http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn get(
    sender: &mut SendRequest<Empty<Bytes>>,
    served: &Served,
    path: &str,
) -> hyper::Response<Incoming> {
    let url = format!("{}{path}", served.server.origins()[0]);
    sender.send_request(Request::get(url).body(Empty::new()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn http2_is_spoken_and_recorded() {
    let served = serve_tls().await;
    assert!(served.server.origins()[0].starts_with("https://127.0.0.1:"));
    let mut sender = http2(&served).await;
    let answer = Answer::read(get(&mut sender, &served, "/bytes/100000?key=k").await).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 100_000));
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.http, ended.how, ended.sent), ("2", How::Complete, 100_000));
    assert_eq!(entry.port, Some(served.address(0).port()));
}

#[tokio::test]
async fn nothing_is_raw_under_tls() {
    let served = serve_tls().await;
    let mut sender = http2(&served).await;
    assert_eq!(get(&mut sender, &served, "/raw?send=x").await.status(), 501);
}

#[tokio::test]
async fn requests_share_one_http2_connection() {
    let served = serve_tls().await;
    let mut sender = http2(&served).await;
    let mut slow = get(&mut sender, &served, "/lines?count=2&every=60000").await.into_body();
    piece(&mut slow).await;
    let answer = Answer::read(get(&mut sender, &served, "/status/200?text=quick").await).await;
    assert_eq!(answer.text(), "quick");
}

#[tokio::test]
async fn the_origins_are_told_over_http2_too() {
    let served = serve_tls().await;
    let mut sender = http2(&served).await;
    let answer = Answer::read(get(&mut sender, &served, "/origins").await).await;
    assert_eq!(answer.json()["second"], served.server.origins()[1].as_str());
}

#[tokio::test]
async fn a_stream_that_is_reset_before_the_answer_is_recorded() {
    let served = serve_tls().await;
    let mut sender = http2(&served).await;
    let url = format!("{}/delay/60000?key=k", served.server.origins()[0]);
    let answer = sender.send_request(Request::get(url).body(Empty::new()).unwrap());
    let waiting = tokio::spawn(answer);
    served.entry_when("k", |_| true).await;
    waiting.abort();
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.status, ended.how), (None, How::Disconnected));
    assert!(!sender.is_closed(), "the connection went, not the stream");
}

#[tokio::test]
async fn a_stream_that_is_reset_in_the_middle_is_recorded() {
    let served = serve_tls().await;
    let mut sender = http2(&served).await;
    let mut body = get(&mut sender, &served, "/lines?count=2&every=60000&key=k").await.into_body();
    piece(&mut body).await;
    drop(body);
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.status, ended.how, ended.sent), (Some(200), How::Disconnected, 7));
    assert!(!sender.is_closed(), "the connection went, not the stream");
}

#[tokio::test]
async fn the_certificate_holds_for_each_name_of_this_machine() {
    let served = serve_tls().await;
    for name in ["localhost", "127.0.0.1", "::1"] {
        let stream = connect(&served, name, &["h2"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]), "{name}");
    }
}

#[tokio::test]
async fn a_websocket_works_over_tls() {
    let served = serve_tls().await;
    let stream = connect(&served, "localhost", &["http/1.1"]).await;
    let url = format!("wss://localhost:{}/ws/echo?key=k", served.address(0).port());
    let (mut socket, _) = client_async(url, stream).await.unwrap();
    socket.send(Message::text("secret")).await.unwrap();
    let echoed = socket.next().await.unwrap().unwrap();
    assert_eq!(echoed, Message::text("secret"));
    assert_eq!(served.entry("k").http, "1.1");
}
