//! What is recorded, and how it is read.

use pagewire_server::How;
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::client::{get, preflight, request, serve};

#[tokio::test]
async fn a_request_with_a_key_is_recorded_from_its_head_to_its_end() {
    let served = serve().await;
    let answer = served.send(request("PUT", "/echo?b=2&key=k", "hello")).await;
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.method.as_str(), entry.path.as_str()), ("PUT", "/echo"));
    assert_eq!(entry.query, "b=2&key=k");
    assert_eq!((entry.http, entry.status), ("1.1", Some(200)));
    assert_eq!(entry.origin, None);
    let body = entry.body.unwrap();
    assert_eq!((body.length, body.text.as_deref(), body.whole), (5, Some("hello"), true));
    assert_eq!(body.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_eq!((ended.how, ended.sent), (How::Complete, answer.body.len() as u64));
}

#[tokio::test]
async fn a_request_without_a_key_is_not_recorded() {
    let served = serve().await;
    served.get("/echo").await;
    served.get("/echo?key=k").await;
    assert_eq!(served.entry("k").seq, 0);
}

#[tokio::test]
async fn the_time_of_arrival_is_that_of_the_clock() {
    let served = serve().await;
    let now = || {
        let since = std::time::UNIX_EPOCH.elapsed().unwrap();
        u64::try_from(since.as_millis()).unwrap()
    };
    let before = now();
    served.get("/echo?key=k").await;
    assert!((before..=now()).contains(&served.entry("k").started_ms));
}

#[tokio::test]
async fn a_delay_shows_in_the_time_of_the_end() {
    let served = serve().await;
    served.get("/delay/100?key=k").await;
    let (_, ended) = served.ended("k").await;
    assert!((100..60_000).contains(&ended.after_ms), "{}", ended.after_ms);
}

#[tokio::test]
async fn every_kind_of_request_is_recorded() {
    let served = serve().await;
    served.send(preflight("/echo?key=k", "PUT", "x-a")).await;
    served.get("/no/such?key=k").await;
    served.send(request("DELETE", "/bytes/3?key=k", "")).await;
    served.get("/echo?key=k&cors=nonsense").await;
    served.socket("/ws/echo?key=k", "").await;
    let seen = served.entries("k").into_iter().map(|entry| {
        let body = entry.body.unwrap();
        assert!(body.whole && body.length == 0, "{} {}", entry.method, entry.path);
        (entry.method, entry.status)
    });
    let expected = [("OPTIONS", 204), ("GET", 404), ("DELETE", 405), ("GET", 400), ("GET", 101)];
    let expected = expected.map(|(method, status)| (method.to_owned(), Some(status)));
    assert_eq!(seen.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn the_journal_is_read_and_cleared_without_leaving_a_trace() {
    let served = serve().await;
    served.get("/status/204?key=k").await;
    served.get("/status/204?key=other").await;
    for _ in 0..2 {
        let answer = served.get("/journal?key=k").await;
        assert_eq!(answer.json().as_array().unwrap().len(), 1);
        assert_eq!(answer.json()[0]["status"], 204);
    }
    let answer = served.send(request("DELETE", "/journal?key=k", "")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(served.get("/journal?key=k").await.json(), json!([]));
    assert_eq!(served.entries("other").len(), 1);
}

#[tokio::test]
async fn the_journal_is_open_to_pages_of_any_origin() {
    let served = serve().await;
    let mut asked = get("/journal?key=k");
    asked.headers_mut().insert("origin", "http://page.example".parse().unwrap());
    let answer = served.send(asked).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://page.example"));
    let answer = served.send(preflight("/journal?key=k", "DELETE", "")).await;
    assert_eq!(answer.header("access-control-allow-methods"), Some("DELETE"));
    assert_eq!(served.entries("k").len(), 0);
}

#[tokio::test]
async fn the_numbers_of_all_keys_are_one_row() {
    let served = serve().await;
    for key in ["a", "b", "a"] {
        served.get(&format!("/echo?key={key}")).await;
    }
    let numbers = |key| served.entries(key).iter().map(|entry| entry.seq).collect::<Vec<_>>();
    assert_eq!((numbers("a"), numbers("b")), (vec![0, 2], vec![1]));
}

#[tokio::test]
async fn header_values_are_recorded_byte_for_byte() {
    let served = serve().await;
    let mut stream = served
        .send_raw(b"GET /echo?key=k HTTP/1.1\r\nX-B: \xe9\xff\tend\r\nhost: a\r\nX-A: 1\r\nx-b: two\r\nConnection: close\r\n\r\n")
        .await;
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    let pairs =
        [("x-b", "\u{e9}\u{ff}\tend"), ("x-b", "two"), ("host", "a"), ("x-a", "1"), ("connection", "close")];
    assert_eq!(served.entry("k").headers, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn the_port_and_the_version_are_those_of_the_wire() {
    let served = serve().await;
    let mut stream = tokio::net::TcpStream::connect(served.address(1)).await.unwrap();
    let head = b"GET /echo?key=k HTTP/1.0\r\nHost: elsewhere.example:1\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, head).await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    let entry = served.entry("k");
    assert_eq!((entry.port, entry.http), (Some(served.address(1).port()), "1.0"));
}

#[tokio::test]
async fn a_text_body_is_kept_up_to_64_kib() {
    let served = serve().await;
    for (key, length, kept) in [("fits", 65_536, true), ("long", 65_537, false)] {
        served.send(request("POST", &format!("/upload?key={key}"), "x".repeat(length))).await;
        let body = served.entry(key).body.unwrap();
        assert_eq!((body.length, body.text.is_some()), (length as u64, kept), "{key}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_text_is_recorded_by_its_hash() {
    let served = serve().await;
    served.send(request("POST", "/echo?key=k", vec![0xff, 0xfe])).await;
    let body = served.entry("k").body.unwrap();
    assert_eq!((body.length, body.text), (2, None));
    assert_eq!(body.sha256.len(), 64);
}

#[tokio::test]
async fn an_answer_of_known_length_ends_complete() {
    let served = serve().await;
    served.get("/bytes/200000?chunk=1000&key=k").await;
    let (_, ended) = served.ended("k").await;
    assert_eq!((ended.how, ended.sent), (How::Complete, 200_000));
}

#[tokio::test]
async fn a_chunked_answer_ends_complete() {
    let served = serve().await;
    served.get("/bytes/200000?length=no&key=k").await;
    let (_, ended) = served.ended("k").await;
    assert_eq!((ended.how, ended.sent), (How::Complete, 200_000));
}

#[tokio::test]
async fn an_answer_without_a_body_ends_complete() {
    let served = serve().await;
    for (key, method, path) in
        [("head", "HEAD", "/bytes/1000"), ("status", "GET", "/status/204"), ("empty", "GET", "/bytes/0")]
    {
        served.send(request(method, &format!("{path}?key={key}"), "")).await;
        let (_, ended) = served.ended(key).await;
        assert_eq!((ended.how, ended.sent), (How::Complete, 0), "{key}");
    }
}

#[tokio::test]
async fn of_too_many_entries_the_oldest_are_dropped() {
    let served = serve().await;
    let burst = "GET /status/204?key=k HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5001)
        + "GET /status/200?key=k HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let stream = served.connect().await;
    let (mut answers, mut questions) = stream.into_split();
    let sending = tokio::spawn(async move {
        tokio::io::AsyncWriteExt::write_all(&mut questions, burst.as_bytes()).await.unwrap();
        questions
    });
    answers.read_to_end(&mut Vec::new()).await.unwrap();
    sending.await.unwrap();
    let entries = served.entries("k");
    assert_eq!(entries.len(), 5000);
    assert_eq!((entries[0].seq, entries[4999].seq), (2, 5001));
    assert_eq!(entries[4999].status, Some(200));
}

#[tokio::test]
async fn of_too_many_keys_the_oldest_is_dropped() {
    let served = serve().await;
    let mut burst: String =
        (0..2001).map(|key| format!("GET /status/204?key={key} HTTP/1.1\r\nHost: a\r\n\r\n")).collect();
    burst += "GET /status/204?key=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut stream = served.send_raw(burst).await;
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    let count = |key| served.entries(key).len();
    assert_eq!((count("0"), count("1"), count("2"), count("2000")), (0, 2, 1, 1));
}
