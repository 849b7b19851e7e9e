//! Server-sent events, by both engines.

pub(crate) mod lifecycle;
mod limits;
mod native;
mod over_xhr;
mod own;
mod vectors;

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use pagewire::http::Retry;
use pagewire::sse::{Event, EventStream};
use pagewire::{Error, Result};

use crate::shared::{Entry, within};

/// No wait to speak of between two attempts, and no end of them.
fn eager() -> Retry {
    Retry::new().forever().backoff(Duration::from_millis(1), Duration::from_millis(1))
}

/// A body of events made by hand, which then ends as `end` says.
fn made(text: &str, end: &str) -> String {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("/pieces?type=text/event-stream&hex={hex}&end={end}")
}

/// Everything to the end of the stream: the data of the events, and the error if there was one.
async fn all(stream: EventStream) -> (Vec<String>, Option<Error>) {
    let items: Vec<Result<Event>> = within(15_000, stream.collect()).await.expect("a stream must end");
    let (mut data, mut failure) = (Vec::new(), None);
    for item in items {
        match item {
            Ok(event) => data.push(event.into_data()),
            Err(error) => failure = Some(error),
        }
    }
    (data, failure)
}

/// The next item, which must be an event.
async fn next(stream: &mut (impl Stream<Item = Result<Event>> + Unpin)) -> Event {
    within(10_000, stream.next()).await.expect("an event must come").expect("not the end").unwrap()
}

/// The requests for events among what the server saw.
fn asked(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.method != "OPTIONS").collect()
}
