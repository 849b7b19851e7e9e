//! A server to test, and clients that are not the library: hyper, a WebSocket, and plain bytes on a socket.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use pagewire_server::{Ended, Entry, Options, Server};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::handshake::client::Response as Handshake;
use tokio_tungstenite::{WebSocketStream, client_async};

/// A server on free ports.
pub(crate) struct Served {
    pub(crate) server: Server,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) async fn serve() -> Served {
    serve_with(Options::default()).await
}

pub(crate) async fn serve_with(options: Options) -> Served {
    let server = Server::start(options).await.unwrap();
    Served { server }
}

pub(crate) fn get(path: &str) -> Request<Full<Bytes>> {
    request("GET", path, "")
}

pub(crate) fn request(method: &str, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(path);
    request.body(Full::new(body.into())).unwrap()
}

/// The next piece of a body.
pub(crate) async fn piece(body: &mut Incoming) -> Bytes {
    let frame = soon(body.frame()).await.unwrap().unwrap();
    frame.into_data().unwrap()
}

/// What takes longer than this does not come at all.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), future).await.unwrap()
}

/// What a browser asks before a request of `method` with `headers`.
pub(crate) fn preflight(path: &str, method: &str, headers: &str) -> Request<Full<Bytes>> {
    let request = Request::options(path)
        .header("origin", "http://page.example")
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers);
    request.body(Full::default()).unwrap()
}

/// A request to become a WebSocket, as bytes.
pub(crate) fn handshake(path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

impl Served {
    pub(crate) fn address(&self, number: usize) -> SocketAddr {
        let origin = &self.server.origins()[number];
        origin.split_once("://").unwrap().1.parse().unwrap()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address(0)).await.unwrap()
    }

    /// The answer's head; its body is still to be read.
    pub(crate) async fn open(&self, mut request: Request<Full<Bytes>>) -> hyper::Response<Incoming> {
        let host = self.address(0).to_string().parse().unwrap();
        request.headers_mut().entry("host").or_insert(host);
        let stream = TokioIo::new(self.connect().await);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        soon(sender.send_request(request)).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        Answer::read(self.open(request).await).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(get(path)).await
    }

    /// Sends exactly these bytes.
    pub(crate) async fn send_raw(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        stream
    }

    pub(crate) async fn socket(
        &self,
        path: &str,
        protocols: &str,
    ) -> (WebSocketStream<TcpStream>, Handshake) {
        let mut request = Request::builder()
            .uri(format!("ws://{}{path}", self.address(0)))
            .header("host", "127.0.0.1")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        if !protocols.is_empty() {
            request = request.header("sec-websocket-protocol", protocols);
        }
        let stream = self.connect().await;
        client_async(request.body(()).unwrap(), stream).await.unwrap()
    }

    pub(crate) fn entries(&self, key: &str) -> Vec<Entry> {
        self.server.journal().entries(key)
    }

    /// The only entry under `key`.
    pub(crate) fn entry(&self, key: &str) -> Entry {
        let [entry] = self.entries(key).try_into().unwrap();
        entry
    }

    /// The only entry under `key`, once it satisfies `seen`.
    pub(crate) async fn entry_when(&self, key: &str, seen: impl Fn(&Entry) -> bool) -> Entry {
        let start = Instant::now();
        loop {
            if let Some(entry) = self.entries(key).into_iter().find(|entry| seen(entry)) {
                return entry;
            }
            let waited = start.elapsed();
            assert!(waited < Duration::from_secs(5), "still not seen: {:#?}", self.entries(key));
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// The only entry under `key`, and how it ended, once it has.
    pub(crate) async fn ended(&self, key: &str) -> (Entry, Ended) {
        let entry = self.entry_when(key, |entry| entry.ended.is_some()).await;
        let ended = entry.ended.clone().unwrap();
        (entry, ended)
    }
}

impl Answer {
    pub(crate) async fn read(response: hyper::Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        Answer {
            status: head.status,
            headers: head.headers,
            body: soon(body.collect()).await.unwrap().to_bytes(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
