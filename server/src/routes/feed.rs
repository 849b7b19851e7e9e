//! `/feed`: messages that somebody publishes, for those who poll, wait, or have them streamed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::params::{BadParam, Params};
use crate::record::lock;
use crate::routes;

/// Beyond this many messages of a feed the oldest one is dropped.
const MOST_MESSAGES: usize = 1000;

/// Beyond this many feeds the oldest one is dropped.
const MOST_FEEDS: usize = 200;

/// The feeds by name; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Feeds(Arc<Mutex<IndexMap<String, Arc<Feed>>>>);

#[derive(Debug, Default)]
struct Feed {
    kept: Mutex<VecDeque<Message>>,
    /// The id of the latest message, 0 before the first.
    newest: watch::Sender<u64>,
}

#[derive(Debug, Clone, Serialize)]
struct Message {
    /// Counts from 1.
    id: u64,
    /// When it was published, in milliseconds since the Unix epoch.
    sent: f64,
    text: String,
}

/// `GET`: where the feed stands, to begin after it, and the server's clock.
pub(super) async fn newest(State(state): State<routes::State>, params: Params) -> Json<Value> {
    Json(json!({ "newest": *state.feeds.named(&params).newest.borrow(), "now": now() }))
}

/// `POST`: publishes the body, and tells the message's id and time.
pub(super) async fn publish(State(state): State<routes::State>, params: Params, text: String) -> Json<Value> {
    let (id, sent) = state.feeds.named(&params).publish(text);
    Json(json!({ "id": id, "sent": sent }))
}

/// What is there after a position, at once.
pub(super) async fn poll(
    State(state): State<routes::State>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let news = state.feeds.named(&params).after(position(&params, &headers)?);
    Ok(answer(news, &headers))
}

/// The same, held back for up to `hold` ms while there is nothing.
pub(super) async fn long(
    State(state): State<routes::State>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let news = state.feeds.named(&params).news(position(&params, &headers)?);
    let news = timeout(params.millis("hold", 25_000)?, news).await;
    Ok(answer(news.unwrap_or_default(), &headers))
}

/// One answer without an end, a line of JSON for each message.
pub(super) async fn ndjson(
    State(state): State<routes::State>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let news = state.feeds.named(&params).follow(position(&params, &headers)?);
    let lines = news.map(|message| Ok::<_, Infallible>(json(&message) + "\n"));
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

/// The same as server-sent events.
pub(super) async fn events(
    State(state): State<routes::State>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, BadParam> {
    let news = state.feeds.named(&params).follow(position(&params, &headers)?);
    let block = |message: Message| format!("id: {}\ndata: {}\n\n", message.id, json(&message));
    let blocks = news.map(move |message| Ok::<_, Infallible>(block(message)));
    Ok(([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(blocks)).into_response())
}

/// The id of the last message that the reader has. The headers are newer: the query is that of the first request.
fn position(params: &Params, headers: &HeaderMap) -> Result<u64, BadParam> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let told = header(IF_NONE_MATCH.as_str()).or_else(|| header("last-event-id"));
    match told.and_then(|told| told.trim_matches('"').parse().ok()) {
        Some(id) => Ok(id),
        None => params.parse("after", 0),
    }
}

/// Nothing new is 304 for who asked with an `ETag`, and otherwise 204.
fn answer(news: Vec<Message>, headers: &HeaderMap) -> Response {
    match news.last() {
        Some(last) => {
            let etag =
                [("etag", format!("\"{}\"", last.id)), ("access-control-expose-headers", "etag".into())];
            (etag, Json(json!({ "next": last.id, "messages": news }))).into_response()
        }
        None => match headers.get(IF_NONE_MATCH) {
            Some(known) => (StatusCode::NOT_MODIFIED, [(ETAG, known.clone())]).into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        },
    }
}

fn json(message: &Message) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

fn now() -> f64 {
    let now: Duration = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs_f64() * 1000.0
}

impl Feeds {
    /// The feed that the query names by `feed`.
    fn named(&self, params: &Params) -> Arc<Feed> {
        let mut feeds = lock(&self.0);
        let name = params.get("feed").unwrap_or_default();
        let feed = feeds.entry(name.to_owned()).or_default().clone();
        if feeds.len() > MOST_FEEDS {
            feeds.shift_remove_index(0);
        }
        feed
    }
}

impl Feed {
    fn publish(&self, text: String) -> (u64, f64) {
        let mut kept = lock(&self.kept);
        let (id, sent) = (*self.newest.borrow() + 1, now());
        if kept.len() == MOST_MESSAGES {
            kept.pop_front();
        }
        kept.push_back(Message { id, sent, text });
        self.newest.send_replace(id);
        (id, sent)
    }

    /// What is kept after this message. An id that was never given is one of a server before this: all is new then.
    fn after(&self, id: u64) -> Vec<Message> {
        let kept = lock(&self.kept);
        let id = if id > *self.newest.borrow() { 0 } else { id };
        kept.iter().filter(|message| message.id > id).cloned().collect()
    }

    /// The same, once it is something.
    async fn news(self: Arc<Self>, id: u64) -> Vec<Message> {
        let mut newest = self.newest.subscribe();
        loop {
            let news = self.after(id);
            // Fails if there is nobody to publish, and this is one who could.
            if !news.is_empty() || newest.changed().await.is_err() {
                return news;
            }
        }
    }

    fn follow(self: Arc<Self>, id: u64) -> impl Stream<Item = Message> {
        let news = stream::unfold(id, move |id| {
            let feed = self.clone();
            async move {
                let news = feed.news(id).await;
                let id = news.last()?.id;
                Some((stream::iter(news), id))
            }
        });
        news.flatten()
    }
}
