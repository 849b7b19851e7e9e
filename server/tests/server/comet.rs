//! The routes for streams, server-sent events and polling.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use serde_json::json;

use crate::client::{get, piece, request, serve};

#[tokio::test]
async fn pieces_come_as_they_are_given_and_end_as_they_are_told() {
    let served = serve().await;
    let answer = served.get("/pieces?hex=6869&hex=0aff&every=5&type=text/x").await;
    assert_eq!((answer.header("content-type"), &answer.body[..]), (Some("text/x"), &b"hi\n\xFF"[..]));
    let mut body = served.open(get("/pieces?hex=61&hex=62&every=30&end=cut")).await.into_body();
    assert_eq!(piece(&mut body).await, "a");
    assert_eq!(piece(&mut body).await, "b");
    assert!(body.frame().await.unwrap().is_err());
    assert_eq!(served.get("/pieces?hex=6x").await.status, 400);
    assert_eq!(served.get("/pieces?end=soon").await.status, 400);
}

#[tokio::test]
async fn a_feed_goes_on_after_the_last_id_and_ends_with_204() {
    let served = serve().await;
    let answer = served.get("/sse?count=3&per=2&every=1&retry=50&event=tick").await;
    assert_eq!(
        answer.text(),
        "retry: 50\nevent: tick\nid: 1\ndata: event 1\n\nretry: 50\nevent: tick\nid: 2\ndata: event 2\n\n"
    );
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let mut resumed = get("/sse?count=3&every=1");
    resumed.headers_mut().insert("last-event-id", "2".parse().unwrap());
    assert_eq!(served.send(resumed).await.text(), "id: 3\ndata: event 3\n\n");
    assert_eq!(served.get("/sse?count=3&every=1&ids=no&last_event_id=2").await.text(), "data: event 3\n\n");
    assert_eq!(served.get("/sse?count=3&last_event_id=3").await.status, 204);
}

#[tokio::test]
async fn the_first_requests_fail_if_they_are_told_to() {
    let served = serve().await;
    for (status, after) in [(502, Some("7")), (502, Some("7")), (200, None)] {
        let answer = served.get("/sse?fail=2&status=502&retry_after=7&key=fails&every=1").await;
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (status, after));
    }
}

#[tokio::test]
async fn a_vector_comes_in_its_pieces() {
    let served = serve().await;
    assert_eq!(served.get("/sse/vectors/0?pieces=3&every=1").await.text(), "data: data\n\n");
    assert_eq!(served.get("/sse/vectors/62").await.text(), "");
    assert_eq!(served.get("/sse/vectors/63").await.status, 400);
}

#[tokio::test]
async fn a_poll_is_held_until_its_message_is_there() {
    let served = serve().await;
    let start = Instant::now();
    let answer = served.get("/poll?every=80&key=held").await;
    assert!(start.elapsed() >= Duration::from_millis(70));
    assert_eq!(answer.json(), json!({ "next": 1, "text": "message 1" }));
    let answer = served.get("/poll?every=80&key=held&form=header&after=1").await;
    assert_eq!((answer.text(), answer.header("x-position")), ("message 2", Some("2")));
    let answer = served.get("/poll?every=80&key=held&form=nchan&last_event_id=1000000000:2").await;
    assert_eq!((answer.text(), answer.header("etag")), ("message 3", Some("3")));
    let mut last = get("/poll?every=80&key=held&hold=10&none=408");
    last.headers_mut().insert("if-none-match", "3".parse().unwrap());
    assert_eq!(served.send(last).await.status, 408);
    assert_eq!(served.get("/poll?every=80&key=held&hold=10&after=3").await.status, 204);
    assert_eq!(served.send(request("POST", "/poll?every=1&key=post", "x")).await.status, 200);
}

#[tokio::test]
async fn a_resource_is_not_modified_until_it_changes() {
    let served = serve().await;
    let answer = served.get("/poll/resource?every=60000&key=resource").await;
    assert_eq!((answer.text(), answer.header("etag")), ("0", Some("\"0\"")));
    let mut again = get("/poll/resource?every=60000&key=resource");
    again.headers_mut().insert("if-none-match", "\"0\"".parse().unwrap());
    assert_eq!(served.send(again).await.status, 304);
    tokio::time::sleep(Duration::from_millis(30)).await;
    let later = served.get("/poll/resource?every=10&key=resource").await;
    assert_ne!(later.text(), "0");
}
