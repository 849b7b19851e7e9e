//! A client that goes away is noticed, whenever it does.

use std::time::Duration;

use pagewire_server::How;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::client::serve;

/// Reads the head of an answer and the start of its body.
async fn read_into_body(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    while !seen.windows(5).any(|five| five.starts_with(b"\r\n\r\n")) {
        assert!(stream.read_buf(&mut seen).await.unwrap() > 0, "the answer ended");
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_is_recorded() {
    let served = serve().await;
    let stream = served.send_raw("GET /delay/60000?key=k HTTP/1.1\r\nHost: a\r\n\r\n").await;
    served.entry_when("k", |_| true).await;
    assert!(served.entry("k").ended.is_none(), "ended too early");
    drop(stream);
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.status, ended.how, ended.sent), (None, How::Disconnected, 0));
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_the_answer_is_recorded() {
    let served = serve().await;
    for (key, path) in [
        ("idle", "/lines?count=2&every=60000"),
        ("busy", "/lines?count=0&every=1"),
        ("long", "/bytes/1000000000"),
    ] {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut stream =
            served.send_raw(format!("GET {path}{joint}key={key} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        read_into_body(&mut stream).await;
        assert!(served.entry(key).ended.is_none(), "{key} ended too early");
        drop(stream);
        let (entry, ended) = served.ended(key).await;
        assert_eq!((entry.status, ended.how), (Some(200), How::Disconnected), "{key}");
        assert!(ended.sent > 0, "{key}");
        assert!(ended.after_ms < 5000, "{key}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_upload_is_recorded() {
    let served = serve().await;
    for (key, path) in [("upload", "/upload"), ("echo", "/echo"), ("status", "/status/200")] {
        let stream = served
            .send_raw(format!(
                "POST {path}?key={key} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello"
            ))
            .await;
        // Long enough for a route that does not wait for the rest to answer.
        sleep(Duration::from_millis(50)).await;
        assert!(served.entry(key).ended.is_none(), "{key} ended too early");
        drop(stream);
        let (entry, ended) = served.ended(key).await;
        assert_eq!((ended.how, ended.sent), (How::Disconnected, 0), "{key}");
        let body = entry.body.unwrap();
        assert_eq!((body.length, body.text.as_deref(), body.whole), (5, Some("hello"), false), "{key}");
    }
}
