//! The routes for clients whose speed is measured.

use futures_util::StreamExt;
use pagewire_server::How;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{serve, soon};

#[tokio::test]
async fn records_are_the_same_as_an_array_and_line_by_line() {
    let served = serve().await;
    let array = served.get("/bulk/json?count=7").await;
    assert_eq!(array.header("content-type"), Some("application/json"));
    let lines = served.get("/bulk/ndjson?count=7").await.body;
    let records: Vec<Value> = lines
        .trim_ascii_end()
        .split(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(array.json(), json!(records));
    assert_eq!(records.len(), 7);
    let third = json!({
        "id": 3, "name": "Name 3", "email": "user3@mail.example", "active": true, "score": 0.75, "city": "Győr",
    });
    assert_eq!(records[2], third);
}

#[tokio::test]
async fn bulk_events_are_those_of_the_feed() {
    let served = serve().await;
    let bulk = served.get("/bulk/sse?count=3").await;
    assert_eq!(bulk.header("content-type"), Some("text/event-stream"));
    assert_eq!(bulk.body, served.get("/sse?count=3&every=0").await.body);
}

#[tokio::test]
async fn what_is_not_made_in_bulk_is_refused() {
    let served = serve().await;
    for path in ["/bulk/xml", "/bulk/json?count=100001", "/bulk/json?count=many"] {
        assert_eq!(served.get(path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn a_flood_comes_in_order_and_ends_with_the_client() {
    let served = serve().await;
    let (mut socket, _) = served.socket("/ws/flood?count=3000&key=k", "").await;
    for number in 0..3000 {
        let message = soon(socket.next()).await.unwrap().unwrap();
        assert_eq!(message, Message::text(format!("message {number}")));
    }
    socket.close(None).await.unwrap();
    while let Some(message) = soon(socket.next()).await {
        assert!(message.unwrap().is_close());
    }
    let (_, ended) = served.ended("k").await;
    assert_eq!(ended.how, How::Complete);
}
