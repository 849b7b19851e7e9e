//! What arrived: a bounded record of requests, by key.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;
use serde::Serialize;

use crate::record::{Record, lock};

/// Beyond this many keys the oldest one is dropped.
const MOST_KEYS: usize = 2000;

/// Beyond this many entries of one key the oldest one is dropped.
const MOST_ENTRIES: usize = 5000;

/// What the server saw, by key; clones share it.
///
/// It is bounded: it holds 2000 keys and 5000 entries of each, and drops the oldest of what is beyond that.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<Kept>>);

/// One request: what arrived, what was answered, and how it ended.
///
/// It is recorded when its head has arrived, and is written on until `ended` is there.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Counts the recorded requests of all keys, from 0.
    pub seq: u64,
    /// The method.
    pub method: String,
    /// The path, percent-encoded as it came.
    pub path: String,
    /// The query, percent-encoded as it came; empty if there is none.
    pub query: String,
    /// The version of HTTP: `1.0`, `1.1` or `2`.
    pub http: &'static str,
    /// The port that it came to; none where [`app`](crate::app) is called without a socket.
    pub port: Option<u16>,
    /// The port that it came from: requests with the same one came by the same connection.
    pub client_port: Option<u16>,
    /// The value of the `Origin` header.
    pub origin: Option<String>,
    /// All headers as they came, names in lower case, those of one name side by side. Each byte of a value is the
    /// character of its number (Latin-1), so nothing is lost.
    pub headers: Vec<(String, String)>,
    /// The body, once it has been read or has broken off.
    pub body: Option<Body>,
    /// The status of the answer, once there is one; none of a raw answer that does not begin with one.
    pub status: Option<u16>,
    /// When it arrived, in milliseconds since the Unix epoch.
    pub started_ms: u64,
    /// Bytes of content that were handed to the connection so far; of a raw answer its end tells them.
    pub sent: u64,
    /// How it ended, once it has.
    pub ended: Option<Ended>,
    /// The WebSocket that it became, if it did; `ended` is then the end of the socket.
    pub websocket: Option<Socket>,
}

/// The body of a request.
#[derive(Debug, Clone, Serialize)]
pub struct Body {
    /// Its length in bytes.
    pub length: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Its text, if it is UTF-8 and no longer than 64 KiB.
    pub text: Option<String>,
    /// False if it broke off; the other fields then tell of the part that came.
    pub whole: bool,
}

/// The end of an answer or of a WebSocket.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// In which way.
    pub how: How,
    /// Milliseconds since the request arrived.
    pub after_ms: u64,
    /// Bytes of content that were handed to the connection, of a raw answer all its bytes; how many of them arrived, no
    /// server knows.
    pub sent: u64,
}

/// In which way something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// All of the answer was handed to the connection; both sides of a WebSocket sent a close frame.
    Complete,
    /// The connection, or the stream of an HTTP/2 connection, went away before that.
    Disconnected,
}

/// A WebSocket.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Socket {
    /// The subprotocol that the server chose.
    pub protocol: Option<String>,
    /// Text and binary messages that came.
    pub messages_in: u64,
    /// Bytes in them.
    pub bytes_in: u64,
    /// Text and binary messages that were sent.
    pub messages_out: u64,
    /// The first close frame.
    pub close: Option<Close>,
    /// How it ended, once it has.
    pub ended: Option<How>,
}

/// A close frame.
#[derive(Debug, Clone, Serialize)]
pub struct Close {
    /// Its code; none if the frame was empty.
    pub code: Option<u16>,
    /// Its reason.
    pub reason: String,
    /// Who sent it.
    pub by: Side,
}

/// One of the two ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The browser, or whoever connected.
    Client,
    /// This server.
    Server,
}

#[derive(Debug, Default)]
struct Kept {
    recorded: u64,
    /// In the order in which the keys came.
    by_key: IndexMap<String, VecDeque<Record>>,
}

impl Journal {
    /// Everything that is recorded under `key`, in the order of arrival.
    #[must_use]
    pub fn entries(&self, key: &str) -> Vec<Entry> {
        let kept = lock(&self.0);
        let records = kept.by_key.get(key);
        records.map_or_else(Vec::new, |records| records.iter().map(Record::entry).collect())
    }

    /// Forgets what is recorded under `key`.
    pub fn clear(&self, key: &str) {
        lock(&self.0).by_key.shift_remove(key);
    }

    pub(crate) fn add(&self, key: String, record: &Record) {
        let mut kept = lock(&self.0);
        record.update(|entry| entry.seq = kept.recorded);
        kept.recorded += 1;
        let records = kept.by_key.entry(key).or_default();
        if records.len() == MOST_ENTRIES {
            records.pop_front();
        }
        records.push_back(record.clone());
        if kept.by_key.len() > MOST_KEYS {
            kept.by_key.shift_remove_index(0);
        }
    }
}
