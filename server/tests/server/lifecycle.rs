//! Start and stop.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use http_body_util::BodyExt;
use pagewire_server::{How, Options, Server, Side};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::client::{get, piece, serve, soon};

fn on(addresses: &[SocketAddr]) -> Options {
    Options { addresses: addresses.to_vec(), ..Options::default() }
}

#[tokio::test]
async fn by_default_it_listens_on_two_free_ports_of_loopback() {
    let served = serve().await;
    let [first, second] = [0, 1].map(|number| served.address(number));
    assert!(first.ip().is_loopback() && second.ip().is_loopback());
    assert_ne!(first.port(), second.port());
    for address in [first, second] {
        TcpStream::connect(address).await.unwrap();
    }
}

#[tokio::test]
async fn a_taken_port_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = Server::start(on(&[address])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "port {} on 127.0.0.1 is taken by another program; choose another with --port",
            address.port()
        )
    );
}

#[tokio::test]
async fn an_address_of_another_machine_is_one_clear_line() {
    let elsewhere = "192.0.2.1:80".parse().unwrap();
    let error = Server::start(on(&[elsewhere])).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot listen on 192.0.2.1:80: "), "{error}");
    assert!(!error.contains('\n'));
}

#[tokio::test]
async fn a_second_port_that_is_taken_leaves_the_first_free() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let [first, second] = [&free, &taken].map(|listener| listener.local_addr().unwrap());
    drop(free);
    Server::start(on(&[first, second])).await.unwrap_err();
    TcpListener::bind(first).await.unwrap();
}

#[tokio::test]
async fn stopping_takes_less_than_a_second_with_everything_open() {
    let served = serve().await;
    let addresses = [0, 1].map(|number| served.address(number));
    let mut lines = served.open(get("/lines?count=0&every=10&key=lines")).await.into_body();
    piece(&mut lines).await;
    let waiting = served.send_raw("GET /delay/60000?key=delay HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let uploading = served
        .send_raw("POST /upload?key=upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello")
        .await;
    let (deaf, _) = served.socket("/ws/echo?key=deaf", "").await;
    let (mut socket, _) = served.socket("/ws/echo?key=socket", "").await;
    let idle = served.connect().await;
    for key in ["delay", "upload"] {
        served.entry_when(key, |_| true).await;
    }
    for key in ["deaf", "socket"] {
        served.entry_when(key, |entry| entry.websocket.is_some()).await;
    }
    let hearing = tokio::spawn(async move {
        let first = socket.next().await;
        // Reading on is what sends the answer.
        while socket.next().await.is_some() {}
        first
    });

    let journal = served.server.journal();
    let start = Instant::now();
    soon(served.server.stop()).await;
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");

    let Some(Ok(Message::Close(Some(close)))) = hearing.await.unwrap() else {
        panic!("no close frame came");
    };
    assert_eq!(close.code, CloseCode::Away);
    let seen = journal.entries("socket")[0].websocket.clone().unwrap();
    assert_eq!(seen.close.unwrap().by, Side::Server);
    assert_eq!(seen.ended, Some(How::Complete));
    let how = |key: &str| journal.entries(key)[0].ended.as_ref().map(|ended| ended.how);
    tokio::time::sleep(Duration::from_millis(50)).await;
    for key in ["lines", "delay", "upload", "deaf"] {
        assert_eq!(how(key), Some(How::Disconnected), "{key}");
    }
    for address in addresses {
        TcpListener::bind(address).await.unwrap();
    }
    drop((waiting, uploading, deaf, idle, lines));
}

#[tokio::test]
async fn an_answer_that_is_almost_there_is_still_given_when_it_stops() {
    let served = serve().await;
    let mut waiting = served.send_raw("GET /delay/150?key=k&text=there HTTP/1.1\r\nHost: a\r\n\r\n").await;
    served.entry_when("k", |_| true).await;
    soon(served.server.stop()).await;
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("there"), "{answer}");
}

#[tokio::test]
async fn a_dropped_server_listens_no_more_and_cuts_its_connections() {
    let served = serve().await;
    let address = served.address(0);
    let journal = served.server.journal();
    let mut lines = served.open(get("/lines?count=0&every=10&key=k")).await.into_body();
    piece(&mut lines).await;
    drop(served);
    let end = async { while let Some(Ok(_)) = lines.frame().await {} };
    soon(end).await;
    TcpListener::bind(address).await.unwrap();
    let ended = journal.entries("k")[0].ended.clone().unwrap();
    assert_eq!(ended.how, How::Disconnected);
}
