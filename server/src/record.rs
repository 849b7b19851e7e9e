//! One request's place in the journal, written on while the request runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::journal::{Ended, Entry, How, Socket};

/// An [`Entry`] that can still change; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Record(Arc<Written>);

#[derive(Debug)]
struct Written {
    since: Instant,
    entry: Mutex<Entry>,
}

impl Record {
    pub(crate) fn new(mut entry: Entry) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        entry.started_ms = millis(now.unwrap_or_default().as_millis());
        Record(Arc::new(Written { since: Instant::now(), entry: Mutex::new(entry) }))
    }

    /// What is known so far.
    pub(crate) fn entry(&self) -> Entry {
        lock(&self.0.entry).clone()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Entry)) {
        change(&mut lock(&self.0.entry));
    }

    pub(crate) fn update_socket(&self, change: impl FnOnce(&mut Socket)) {
        self.update(|entry| change(entry.websocket.get_or_insert_default()));
    }

    /// Notes the end. The first word stands: what follows it are only its consequences.
    pub(crate) fn end(&self, how: How, sent: u64) {
        let after_ms = millis(self.0.since.elapsed().as_millis());
        self.update(|entry| {
            entry.ended.get_or_insert(Ended { how, after_ms, sent });
        });
    }
}

/// Notes the end of a request at the latest when it is dropped, which is all that a client's leaving does.
#[derive(Debug)]
pub(crate) struct Ending {
    record: Option<Record>,
    sent: u64,
}

impl Ending {
    pub(crate) fn new(record: Record) -> Self {
        Ending { record: Some(record), sent: 0 }
    }

    /// So many bytes more were handed to the connection.
    pub(crate) fn count(&mut self, bytes: u64) {
        self.sent += bytes;
        if let Some(record) = &self.record {
            record.update(|entry| entry.sent = self.sent);
        }
    }

    /// Bytes handed to the connection so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Everything was handed to the connection.
    pub(crate) fn complete(&mut self) {
        self.end(How::Complete);
    }

    pub(crate) fn end(&mut self, how: How) {
        if let Some(record) = self.record.take() {
            record.end(how, self.sent);
        }
    }

    /// Leaves the end to another.
    pub(crate) fn leave(mut self) {
        self.record = None;
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.end(How::Disconnected);
    }
}

/// A panic elsewhere leaves the record as it was: worth reading all the same.
pub(crate) fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn millis(count: u128) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
