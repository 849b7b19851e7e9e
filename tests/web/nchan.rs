//! Against nginx with Nchan, in each way in which it takes subscribers.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use pagewire::http::{self, Retry};
use pagewire::poll::{self, Cursor};
use pagewire::sse::{self, Event};
use pagewire::stream;
use pagewire::websocket::{self, Message, Reconnect};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{peer, random_key, sleep, within};

/// The addresses to publish and to subscribe at, on a channel of this test alone.
async fn channel() -> Option<(String, String)> {
    let origin = peer("nchan").await?;
    let id = random_key().replace('-', "");
    Some((format!("{origin}/pub/{id}"), format!("{origin}/sub/{id}")))
}

#[wasm_bindgen_test]
async fn what_is_published_reaches_the_subscriber_in_order() {
    let Some((publish, subscribe)) = channel().await else { return };
    let mut subscriber = websocket::connect(subscribe).await.unwrap();
    let publisher = websocket::connect(publish).await.unwrap();
    for number in 0..50 {
        publisher.send(format!("message {number}")).await.unwrap();
    }
    for number in 0..50 {
        assert_eq!(subscriber.next().await.unwrap().unwrap(), Message::Text(format!("message {number}")));
    }
}

#[wasm_bindgen_test]
async fn a_late_subscriber_gets_what_the_channel_kept_with_the_handshake() {
    let Some((publish, subscribe)) = channel().await else { return };
    let mut publisher = websocket::connect(publish).await.unwrap();
    publisher.send("kept").await.unwrap();
    // Nchan answers each message with what it knows of the channel.
    publisher.next().await.unwrap().unwrap();
    let mut subscriber = websocket::connect(subscribe).await.unwrap();
    assert_eq!(subscriber.next().await.unwrap().unwrap(), Message::from("kept"));
}

#[wasm_bindgen_test]
async fn a_subprotocol_is_named_or_the_connection_fails() {
    let Some((_, subscribe)) = channel().await else { return };
    let named = websocket::connect(subscribe.as_str()).protocols(["ws+meta.nchan"]).await.unwrap();
    assert_eq!(named.protocol(), "ws+meta.nchan");
    // Nchan answers with an empty name, which one browser opens and others do not.
    let error = websocket::connect(subscribe).protocols(["other"]).await.unwrap_err();
    assert!(error.is_network(), "{error}");
}

#[wasm_bindgen_test]
async fn a_connection_that_is_kept_up_works_with_it_too() {
    let Some((publish, subscribe)) = channel().await else { return };
    let mut subscriber = websocket::connect(subscribe).reconnect(Reconnect::new());
    let publisher = websocket::connect(publish).reconnect(Reconnect::new().queue(10, 1000));
    publisher.send("queued before the connection").await.unwrap();
    assert_eq!(subscriber.next().await.unwrap().unwrap(), Message::from("queued before the connection"));
}

/// A channel to publish on by requests, and to subscribe to in one of Nchan's ways.
struct Channel {
    origin: String,
    id: String,
}

impl Channel {
    async fn new() -> Option<Self> {
        Some(Channel { origin: peer("nchan").await?, id: random_key().replace('-', "") })
    }

    fn subscriber(&self, way: &str) -> String {
        format!("{}/{way}/{}", self.origin, self.id)
    }

    async fn publish(&self, messages: impl IntoIterator<Item = String>) {
        for message in messages {
            let published = http::post(self.subscriber("pub")).body(message).await.unwrap();
            assert!(published.is_success(), "{}", published.status());
        }
    }
}

fn numbered(from: u32, to: u32) -> impl Iterator<Item = String> {
    (from..to).map(|number| format!("message {number}"))
}

async fn next<T>(stream: &mut (impl Stream<Item = pagewire::Result<T>> + Unpin)) -> T {
    within(10_000, stream.next()).await.expect("it must come").expect("not the end").unwrap()
}

fn eager() -> Retry {
    Retry::new().forever().backoff(Duration::from_millis(1), Duration::from_millis(1))
}

#[wasm_bindgen_test]
async fn a_long_poll_gets_what_was_published_before_between_and_after_its_questions_and_nothing_twice() {
    // The headers cost a preflight each across origins, and Nchan allows them.
    for cursor in [Cursor::nchan, Cursor::nchan_headers] {
        let Some(channel) = Channel::new().await else { return };
        channel.publish(numbered(0, 3)).await;
        let mut answers = poll::long(channel.subscriber("sub/lp-brief")).cursor(cursor()).open();
        for number in 0..3 {
            assert_eq!(next(&mut answers).await.text().await.unwrap(), format!("message {number}"));
        }
        // Held meanwhile, and told by 408 to ask again.
        assert!(within(1500, answers.next()).await.is_none());
        channel.publish(numbered(3, 10)).await;
        for number in 3..10 {
            assert_eq!(next(&mut answers).await.text().await.unwrap(), format!("message {number}"));
        }
        assert!(within(200, answers.next()).await.is_none());
    }
}

#[wasm_bindgen_test]
async fn a_long_poll_outlives_its_channel() {
    for cursor in [Cursor::nchan, Cursor::nchan_headers] {
        let Some(channel) = Channel::new().await else { return };
        channel.publish(numbered(0, 1)).await;
        let long = poll::long(channel.subscriber("sub/lp-brief")).cursor(cursor());
        let mut answers = long.spacing(Duration::from_millis(50)).open();
        next(&mut answers).await;
        assert!(within(300, answers.next()).await.is_none());
        // Nchan answers those who wait by 410.
        assert!(http::delete(channel.subscriber("pub")).await.unwrap().is_success());
        // An id is the second of publication and a number in it: in one second a new channel has the old one's ids.
        assert!(within(1200, answers.next()).await.is_none());
        channel.publish(numbered(1, 2)).await;
        assert_eq!(next(&mut answers).await.text().await.unwrap(), "message 1");
    }
}

#[wasm_bindgen_test]
async fn a_long_poll_goes_on_where_another_one_left() {
    let Some(channel) = Channel::new().await else { return };
    channel.publish(numbered(0, 4)).await;
    let ask = || poll::long(channel.subscriber("sub/lp-brief")).cursor(Cursor::nchan());
    let mut first = ask().open();
    next(&mut first).await;
    next(&mut first).await;
    let position = first.position().unwrap();
    drop(first);
    let mut second = ask().from_position(&position).open();
    assert_eq!(next(&mut second).await.text().await.unwrap(), "message 2");
}

#[wasm_bindgen_test]
async fn polls_at_a_beat_get_every_message_and_nothing_for_nothing() {
    let Some(channel) = Channel::new().await else { return };
    channel.publish(numbered(0, 5)).await;
    // Nchan takes what it said of the last message as the place to go on at: a conditional poll is a cursor here.
    let every = poll::every(Duration::from_millis(20), channel.subscriber("sub/poll")).conditional();
    let mut answers = every.open();
    for number in 0..5 {
        assert_eq!(next(&mut answers).await.text().await.unwrap(), format!("message {number}"));
    }
    assert!(within(300, answers.next()).await.is_none());
    channel.publish(numbered(5, 6)).await;
    assert_eq!(next(&mut answers).await.text().await.unwrap(), "message 5");
}

#[wasm_bindgen_test]
async fn events_come_by_both_engines_and_go_on_after_the_server_has_ended_the_connection() {
    let Some(channel) = Channel::new().await else { return };
    channel.publish(numbered(0, 3)).await;
    let url = channel.subscriber("sub/sse-brief");
    // Across origins Nchan refuses the header `Last-Event-ID`.
    let own = sse::connect(url.as_str()).resume_by_query("last_event_id").retry(eager()).open();
    let native = sse::native(url).resume_by_query("last_event_id").retry(eager()).open();
    let mut streams = [own, native];
    for events in &mut streams {
        for number in 0..3 {
            let event: Event = next(events).await;
            assert_eq!(event.data(), format!("message {number}"));
            assert!(event.last_event_id().contains(':'), "{}", event.last_event_id());
        }
    }
    sleep(1500).await;
    channel.publish(numbered(3, 5)).await;
    for events in &mut streams {
        for number in 3..5 {
            let event: Event = next(events).await;
            assert_eq!((event.data(), event.follows_gap()), (format!("message {number}").as_str(), false));
        }
    }
}

#[wasm_bindgen_test]
async fn a_raw_stream_is_read_line_by_line_while_it_is_published() {
    let Some(channel) = Channel::new().await else { return };
    channel.publish(numbered(0, 2)).await;
    let mut lines = stream::lines(channel.subscriber("sub/raw"));
    for number in 0..2 {
        assert_eq!(next(&mut lines).await, format!("message {number}"));
    }
    channel.publish(numbered(2, 20)).await;
    for number in 2..20 {
        assert_eq!(next(&mut lines).await, format!("message {number}"));
    }
}

#[wasm_bindgen_test]
async fn a_multipart_stream_is_read_part_by_part_while_it_is_published() {
    let Some(channel) = Channel::new().await else { return };
    channel.publish(numbered(0, 1)).await;
    let request = http::get(channel.subscriber("sub/multipart")).header("accept", "multipart/mixed");
    let mut text = stream::text(request);
    let mut seen = String::new();
    for number in 0..3 {
        let message = format!("message {number}");
        while !seen.contains(&message) {
            seen.push_str(&next(&mut text).await);
        }
        channel.publish(numbered(number + 1, number + 2)).await;
    }
    assert!(seen.starts_with("--") && seen.to_ascii_lowercase().contains("etag: "), "{seen}");
}
