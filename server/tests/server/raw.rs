//! `/raw`: what is sent is exactly what was asked for, and so is the end.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use pagewire_server::How;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{preflight, serve, soon};

/// A request without a body, as it is on the wire.
fn asking(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// All that comes until the connection ends, and how it does.
async fn rest(stream: &mut TcpStream) -> (Vec<u8>, Result<(), ErrorKind>) {
    let mut seen = Vec::new();
    let end = soon(stream.read_to_end(&mut seen)).await;
    (seen, end.map(drop).map_err(|error| error.kind()))
}

#[tokio::test]
async fn nothing_but_the_bytes_asked_for_is_sent_and_then_a_fin() {
    let served = serve().await;
    let query = "send=HTTP/1.1%20299%20Own%0D%0AX-Nul:%20a%00b%0D%0A%0D%0A&send=%C3%BF%C3%BEa%00";
    let mut stream = served.send_raw(asking(&format!("/raw?{query}&key=k"))).await;
    let (seen, end) = rest(&mut stream).await;
    assert_eq!(seen, b"HTTP/1.1 299 Own\r\nX-Nul: a\0b\r\n\r\n\xff\xfea\0");
    assert_eq!(end, Ok(()));
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.status, ended.how, ended.sent), (Some(299), How::Complete, seen.len() as u64));
}

#[tokio::test]
async fn a_connection_is_ended_without_an_answer() {
    let served = serve().await;
    let mut stream = served.send_raw(asking("/raw?key=k")).await;
    assert_eq!(rest(&mut stream).await, (Vec::new(), Ok(())));
    let (entry, ended) = served.ended("k").await;
    assert_eq!((entry.status, ended.how, ended.sent), (None, How::Complete, 0));
}

#[tokio::test]
async fn a_connection_is_reset() {
    let served = serve().await;
    let mut stream = served.send_raw(asking("/raw?end=rst")).await;
    assert_eq!(rest(&mut stream).await, (Vec::new(), Err(ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn a_reset_leaves_the_client_time_to_read_what_was_sent_before() {
    let served = serve().await;
    let mut stream = served.send_raw(asking("/raw?end=rst&send=abc&pause=300")).await;
    assert_eq!(rest(&mut stream).await, (b"abc".to_vec(), Err(ErrorKind::ConnectionReset)));
}

#[tokio::test]
async fn the_pieces_come_one_by_one() {
    let served = serve().await;
    let start = Instant::now();
    let mut stream = served.send_raw(asking("/raw?send=a&send=b&send=c&pause=60")).await;
    assert_eq!(rest(&mut stream).await, (b"abc".to_vec(), Ok(())));
    assert!(start.elapsed() >= Duration::from_millis(180), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_connection_that_has_served_another_request_can_be_taken_over_and_both_are_told_to_be_of_one() {
    let served = serve().await;
    let mut stream = served.send_raw(asking("/status/204?key=k")).await;
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 204");
    stream.write_all(asking("/raw?send=over&key=k").as_bytes()).await.unwrap();
    let (seen, end) = rest(&mut stream).await;
    assert!(seen.ends_with(b"over") && end.is_ok(), "{seen:?}");
    served.get("/echo?key=k").await;
    let ports: Vec<_> = served.entries("k").iter().map(|entry| entry.client_port).collect();
    assert_eq!(ports[0], Some(stream.local_addr().unwrap().port()));
    assert_eq!(ports[0], ports[1]);
    assert_ne!(ports[1], ports[2]);
}

#[tokio::test]
async fn an_upload_is_reset_when_so_much_of_it_was_read() {
    let served = serve().await;
    let mut stream = served.connect().await;
    let head = "POST /raw?read=200000&end=rst&key=k HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let block = vec![1; 100_000];
    let error = soon(async {
        loop {
            if let Err(error) = stream.write_all(&block).await {
                return error.kind();
            }
        }
    });
    assert!(matches!(error.await, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe));
    let (entry, _) = served.ended("k").await;
    let body = entry.body.unwrap();
    assert!((200_000..2_000_000).contains(&body.length) && !body.whole, "{body:?}");
}

#[tokio::test]
async fn an_upload_that_is_answered_half_way_ends_by_a_fin_all_the_same() {
    let served = serve().await;
    let mut stream = served
        .send_raw("POST /raw?read=1&send=early HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    let mut early = [0; 5];
    soon(stream.read_exact(&mut early)).await.unwrap();
    stream.write_all(b" more").await.unwrap();
    assert_eq!((&early, rest(&mut stream).await), (b"early", (Vec::new(), Ok(()))));
}

#[tokio::test]
async fn only_the_first_requests_of_a_key_are_answered_raw() {
    let served = serve().await;
    for _ in 0..2 {
        served.send(preflight("/raw?times=2&send=x&key=k", "POST", "")).await;
        let mut stream = served.send_raw(asking("/raw?times=2&send=x&key=k")).await;
        assert_eq!(rest(&mut stream).await.0, b"x");
    }
    assert_eq!(served.get("/raw?times=2&send=x&key=k").await.status, 200);
    assert_eq!(rest(&mut served.send_raw(asking("/raw?times=2&send=x&key=other")).await).await.0, b"x");
}
