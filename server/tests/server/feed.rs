//! The feed: published once, and read in four ways.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Served, get, piece, request, serve};

async fn publish(served: &Served, feed: &str, text: &'static str) -> Value {
    served.send(request("POST", &format!("/feed?feed={feed}"), text)).await.json()
}

fn texts(answer: &Value) -> Vec<&str> {
    answer["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_is_published_has_the_next_id_and_the_servers_time() {
    let served = serve().await;
    let before = served.get("/feed?feed=a").await.json();
    assert_eq!(before["newest"], 0);
    let (first, second) = (publish(&served, "a", "one").await, publish(&served, "a", "two").await);
    assert_eq!((&first["id"], &second["id"]), (&json!(1), &json!(2)));
    assert_eq!(served.get("/feed?feed=a").await.json()["newest"], 2);
    assert_eq!(served.get("/feed?feed=b").await.json()["newest"], 0, "another feed");
    let [now, sent, later] =
        [&before["now"], &first["sent"], &second["sent"]].map(|time| time.as_f64().unwrap());
    assert!(now <= sent && sent <= later, "{now} {sent} {later}");
}

#[tokio::test]
async fn a_poll_is_answered_at_once_with_all_that_is_new() {
    let served = serve().await;
    assert_eq!(served.get("/feed/poll?feed=a").await.status, 204);
    publish(&served, "a", "one").await;
    publish(&served, "a", "two").await;
    let answer = served.get("/feed/poll?feed=a").await;
    assert_eq!((texts(&answer.json()), answer.header("etag")), (vec!["one", "two"], Some("\"2\"")));
    let answer = served.get("/feed/poll?feed=a&after=1").await.json();
    assert_eq!((texts(&answer), &answer["next"]), (vec!["two"], &json!(2)));
    assert_eq!(served.get("/feed/poll?feed=a&after=2").await.status, 204);
    assert_eq!(served.get("/feed/poll?feed=a&after=x").await.status, 400);
    // Of a server before this one.
    assert_eq!(texts(&served.get("/feed/poll?feed=a&after=9").await.json()), ["one", "two"]);
}

#[tokio::test]
async fn a_poll_that_names_its_etag_is_answered_by_304_until_there_is_news() {
    let served = serve().await;
    publish(&served, "a", "one").await;
    let mut conditional = get("/feed/poll?feed=a&after=0");
    conditional.headers_mut().insert("if-none-match", "\"1\"".parse().unwrap());
    let answer = served.send(conditional.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (304, Some("\"1\"")));
    publish(&served, "a", "two").await;
    assert_eq!(texts(&served.send(conditional).await.json()), ["two"]);
}

#[tokio::test]
async fn a_long_poll_is_held_until_there_is_something_or_for_so_long() {
    let served = serve().await;
    let start = Instant::now();
    assert_eq!(served.get("/feed/long?feed=a&hold=60").await.status, 204);
    assert!(start.elapsed() >= Duration::from_millis(60));
    let (answer, _) = tokio::join!(served.get("/feed/long?feed=a&hold=20000&key=held"), async {
        served.entry_when("held", |_| true).await;
        publish(&served, "a", "one").await
    });
    assert_eq!(texts(&answer.json()), ["one"]);
    assert_eq!(texts(&served.get("/feed/long?feed=a").await.json()), ["one"], "not held");
}

#[tokio::test]
async fn a_stream_and_events_go_on_after_a_position() {
    let served = serve().await;
    publish(&served, "a", "one").await;
    publish(&served, "a", "two").await;
    let answer = served.open(get("/feed/stream?feed=a&after=1&key=stream")).await;
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let mut lines = answer.into_body();
    let mut resumed = get("/feed/sse?feed=a&after=0");
    resumed.headers_mut().insert("last-event-id", "1".parse().unwrap());
    let answer = served.open(resumed).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = answer.into_body();
    for (id, text) in [(2, "two"), (3, "three")] {
        let line = piece(&mut lines).await;
        assert_eq!(line.last(), Some(&b'\n'));
        let message: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&message["id"], &message["text"]), (&json!(id), &json!(text)));
        let block = String::from_utf8(piece(&mut events).await.to_vec()).unwrap();
        let data = block.strip_prefix(&format!("id: {id}\ndata: ")).unwrap();
        assert_eq!(serde_json::from_str::<Value>(data.strip_suffix("\n\n").unwrap()).unwrap(), message);
        if id == 2 {
            publish(&served, "a", "three").await;
        }
    }
    let open = served.entry("stream");
    assert!(open.ended.is_none() && open.sent > 80, "{} bytes so far", open.sent);
}

#[tokio::test]
async fn a_feed_keeps_its_latest_thousand() {
    let served = serve().await;
    for _ in 0..1001 {
        publish(&served, "a", "x").await;
    }
    let answer = served.get("/feed/poll?feed=a").await.json();
    let messages = answer["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &messages[0]["id"], &answer["next"]), (1000, &json!(2), &json!(1001)));
}

#[tokio::test]
async fn the_journal_is_told_from_a_number_on() {
    let served = serve().await;
    for _ in 0..3 {
        served.get("/echo?key=k").await;
    }
    let second = served.entries("k")[1].seq;
    let told = served.get(&format!("/journal?key=k&from={second}")).await.json();
    let told: Vec<_> = told.as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(told, [second, second + 1]);
    assert_eq!(served.get("/journal?key=k&from=x").await.status, 400);
}
