//! The routes whose body takes its time, in either direction.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

use crate::client::{get, piece, request, serve};

fn expected(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn each_byte_is_its_index_modulo_251_whatever_the_chunk() {
    let served = serve().await;
    for (length, chunk) in [(0, 65_536), (1, 1), (1000, 7), (200_001, 65_536), (200_001, 1 << 20)] {
        let answer = served.get(&format!("/bytes/{length}?chunk={chunk}")).await;
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert!(answer.body == expected(length), "{length} bytes by {chunk}");
    }
}

#[tokio::test]
async fn bytes_tell_their_length_unless_told_not_to() {
    let served = serve().await;
    let answer = served.get("/bytes/1000").await;
    assert_eq!(answer.header("content-length"), Some("1000"));
    let answer = served.get("/bytes/1000?length=no").await;
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert_eq!(answer.body, expected(1000));
}

#[tokio::test]
async fn the_first_chunk_does_not_wait_and_the_others_do() {
    let served = serve().await;
    let mut body = served.open(get("/bytes/300?chunk=100&delay=60000")).await.into_body();
    let first = piece(&mut body).await;
    assert_eq!(first, expected(100));
    let start = Instant::now();
    served.get("/bytes/300?chunk=100&delay=60").await;
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(120), "{took:?}");
}

#[tokio::test]
async fn an_upload_is_answered_by_its_length_and_hash() {
    let served = serve().await;
    for method in ["POST", "PUT"] {
        let answer = served.send(request(method, "/upload", "abc")).await;
        assert_eq!(
            answer.json(),
            json!({
                "received": 3,
                // NIST's example for SHA-256 of "abc"
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            })
        );
    }
}

#[tokio::test]
async fn an_upload_is_read_no_faster_than_its_pace() {
    let served = serve().await;
    let start = Instant::now();
    served.send(request("POST", "/upload?pace=1000000", vec![0; 300_000])).await;
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(300), "{took:?}");
}

#[tokio::test]
async fn an_upload_that_is_read_slowly_is_not_taken_in_advance() {
    let served = serve().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(64 * 1024).unwrap();
    let mut stream = socket.connect(served.address(0)).await.unwrap();
    let head = "POST /upload?pace=4000000 HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let start = Instant::now();
    let block = [0; 16_000];
    for number in 1..=250 {
        stream.write_all(&block).await.unwrap();
        let read = start.elapsed().as_secs_f64() * 4e6;
        let ahead = f64::from(number) * 16e3 - read;
        assert!(ahead < 1e6, "{ahead} bytes were taken in advance");
    }
}

#[tokio::test]
async fn lines_have_their_number_and_the_ending_asked_for() {
    let served = serve().await;
    for (query, text) in [
        ("", "line 1\nline 2\nline 3\n"),
        ("&ending=lf", "line 1\nline 2\nline 3\n"),
        ("&ending=crlf", "line 1\r\nline 2\r\nline 3\r\n"),
        ("&ending=cr", "line 1\rline 2\rline 3\r"),
        ("&text=%7Bn%7D:%C3%BC", "1:ü\n2:ü\n3:ü\n"),
    ] {
        let answer = served.get(&format!("/lines?count=3&every=1{query}")).await;
        assert_eq!(answer.text(), text, "{query}");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("content-length"), None);
    }
}

#[tokio::test]
async fn lines_may_be_taken_for_something_else_on_request() {
    let served = serve().await;
    let answer = served.get("/lines?count=1&nosniff=no").await;
    assert_eq!(answer.header("x-content-type-options"), None);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[tokio::test]
async fn each_line_comes_alone_and_no_earlier_than_it_is_due() {
    let served = serve().await;
    let start = Instant::now();
    let mut body = served.open(get("/lines?count=0&every=50")).await.into_body();
    for number in 0..4 {
        let line = piece(&mut body).await;
        assert_eq!(line, format!("line {}\n", number + 1));
        let (due, at) = (Duration::from_millis(number * 50), start.elapsed());
        assert!(at >= due, "line {} after {at:?}", number + 1);
    }
}

#[tokio::test]
async fn a_body_begins_where_it_is_asked_to_by_query_or_by_range() {
    let served = serve().await;
    let ranged = async |path: &str, range: &str| {
        let mut sent = get(path);
        sent.headers_mut().insert("range", range.parse().unwrap());
        let answer = served.send(sent).await;
        (answer.status.as_u16(), answer.body.to_vec())
    };
    for path in ["/bytes/600?chunk=7&", "/bytes/600?length=no&"] {
        assert_eq!(served.get(&format!("{path}from=300")).await.body.to_vec(), expected(600)[300..]);
        assert_eq!(ranged(path, "bytes=599-").await, (206, expected(600)[599..].to_vec()));
        assert_eq!(ranged(path, "bytes=600-").await.0, 416);
    }
    let pieces = "/pieces?hex=6162&hex=63&hex=6465";
    assert_eq!(served.get(&format!("{pieces}&from=3")).await.body.to_vec(), b"de");
    assert_eq!(ranged(pieces, "bytes=1-").await, (206, b"bcde".to_vec()));
    assert_eq!(ranged(pieces, "bytes=5-").await.0, 416);
    assert_eq!(served.get(&format!("{pieces}&from=9")).await.body.to_vec(), b"");
}
