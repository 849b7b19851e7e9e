//! What arrived: a bounded record of requests, by key.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

/// A new key takes the place of the oldest one beyond this many.
const MOST_KEYS: usize = 2000;

/// Requests of one key beyond this many are not recorded.
const MOST_ENTRIES: usize = 5000;

/// The record of all keys; clones share it.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    started: Instant,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    keys: HashMap<String, Vec<Entry>>,
    oldest_first: VecDeque<String>,
}

/// One request, as it arrived.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Counts all recorded requests, from 0.
    pub seq: u64,
    /// The request's method.
    pub method: String,
    /// The path of its URL.
    pub path: String,
    /// The query of its URL, as it was written.
    pub query: String,
    /// `1.0`, `1.1` or `2`.
    pub http: &'static str,
    /// The port that it came to.
    pub port: Option<u16>,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// All headers in the order of the wire; the bytes of a value are read as Latin-1.
    pub headers: Vec<(String, String)>,
    /// The body, once it was read to its end.
    pub body: Option<Body>,
    /// The status of the answer, once there is one.
    pub status: Option<u16>,
    /// When it arrived, in milliseconds since the server was started.
    pub started_ms: u64,
    /// How it ended, once it has.
    pub ended: Option<Ended>,
    /// The socket that it became, if it did.
    pub websocket: Option<Socket>,
}

/// A request's body.
#[derive(Debug, Clone, Serialize)]
pub struct Body {
    /// Its length in bytes.
    pub length: u64,
    /// The hash of all of it, in hexadecimal.
    pub sha256: String,
    /// The text, if it is UTF-8 and at most 64 KiB.
    pub text: Option<String>,
}

/// The end of an answer.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// `complete`, or `disconnected` if the client went away before.
    pub how: &'static str,
    /// Milliseconds since the request arrived.
    pub after_ms: u64,
    /// Bytes of the body that were handed to the connection.
    pub sent: u64,
}

/// A WebSocket connection.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Socket {
    /// The subprotocol that was chosen.
    pub protocol: Option<String>,
    /// Messages that came.
    pub messages_in: u64,
    /// Bytes in them.
    pub bytes_in: u64,
    /// Messages that went.
    pub messages_out: u64,
    /// The first close frame.
    pub close: Option<Close>,
}

/// A close frame.
#[derive(Debug, Clone, Serialize)]
pub struct Close {
    /// Its code; none in an empty frame.
    pub code: Option<u16>,
    /// Its reason.
    pub reason: String,
    /// `client` or `server`, whoever was first.
    pub by: &'static str,
}

/// The place of one request in the journal.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    journal: Journal,
    key: String,
    seq: u64,
    since: Instant,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Journal(Arc::new(Shared {
            started: Instant::now(),
            inner: Mutex::default(),
        }))
    }

    /// Everything recorded under `key`, oldest first.
    #[must_use]
    pub fn entries(&self, key: &str) -> Vec<Entry> {
        self.lock().keys.get(key).cloned().unwrap_or_default()
    }

    /// Forgets what is recorded under `key`.
    pub fn clear(&self, key: &str) {
        let mut inner = self.lock();
        inner.keys.remove(key);
        inner.oldest_first.retain(|known| known != key);
    }

    /// Opens a record under `key`; nothing is kept beyond the bounds.
    pub(crate) fn begin(&self, key: &str, mut entry: Entry) -> Record {
        let since = Instant::now();
        let mut inner = self.lock();
        entry.seq = inner.next;
        entry.started_ms = millis(self.0.started);
        inner.next += 1;
        let record = Record {
            journal: self.clone(),
            key: key.to_owned(),
            seq: entry.seq,
            since,
        };
        if !inner.keys.contains_key(key) {
            inner.oldest_first.push_back(key.to_owned());
            if inner.oldest_first.len() > MOST_KEYS
                && let Some(oldest) = inner.oldest_first.pop_front()
            {
                inner.keys.remove(&oldest);
            }
        }
        let entries = inner.keys.entry(key.to_owned()).or_default();
        if entries.len() < MOST_ENTRIES {
            entries.push(entry);
        }
        record
    }

    // A panic elsewhere leaves the record as it was: worth reading all the same.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    pub(crate) fn update(&self, change: impl FnOnce(&mut Entry)) {
        let mut inner = self.journal.lock();
        let entries = inner.keys.get_mut(&self.key);
        // Newest last, and mostly it is one of the newest that changes.
        if let Some(entry) = entries.and_then(|all| all.iter_mut().rev().find(|entry| entry.seq == self.seq))
        {
            change(entry);
        }
    }

    pub(crate) fn update_socket(&self, change: impl FnOnce(&mut Socket)) {
        self.update(|entry| change(entry.websocket.get_or_insert_default()));
    }

    /// Notes the end; the first word stands.
    pub(crate) fn end(&self, how: &'static str, sent: u64) {
        let after_ms = millis(self.since);
        self.update(|entry| {
            entry.ended.get_or_insert(Ended { how, after_ms, sent });
        });
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
