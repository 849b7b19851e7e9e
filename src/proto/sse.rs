//! The event-stream format: <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::lines::{LineTooLong, Lines};

/// An incremental parser: [`feed`](Parser::feed) it, then take events until there are none.
///
/// Its work is linear in the bytes fed, however they are cut.
#[derive(Debug)]
pub(crate) struct Parser {
    lines: Lines,
    block: Block,
    limit: usize,
}

/// One event as it is dispatched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dispatched {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) data: String,
    pub(crate) last_event_id: Rc<str>,
}

/// The fields of the block that is being read, and what outlives it.
#[derive(Debug)]
struct Block {
    /// `None` until there is a `data` line: the standard's "empty string", since each such line adds an LF to its buffer.
    data: Option<String>,
    kind: String,
    /// The last event ID buffer.
    id: Rc<str>,
    /// The event source's last event ID string: what a reconnect sends.
    last_id: Rc<str>,
    retry: Option<Duration>,
    /// Whether a line of the block was read. A comment is no part of one.
    begun: bool,
}

impl Parser {
    /// A line, and the data of an event, may have at most `limit` bytes.
    pub(crate) fn new(limit: usize, last_event_id: &str) -> Parser {
        let id: Rc<str> = last_event_id.into();
        let block = Block {
            data: None,
            kind: String::new(),
            id: Rc::clone(&id),
            last_id: id,
            retry: None,
            begun: false,
        };
        Parser { lines: Lines::new(limit).without_bom(), block, limit }
    }

    /// Begins a new stream, after a reconnect. An unfinished block is discarded, its `id` too.
    ///
    /// The last event ID buffer starts as the ID that the reconnect sent, not empty: so do the browsers, and otherwise
    /// the first event without an `id` would forget where the stream stands.
    pub(crate) fn restart(&mut self) {
        self.lines = Lines::new(self.limit).without_bom();
        self.block.clear();
        self.block.id = Rc::clone(&self.block.last_id);
    }

    /// Adds what has arrived.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(crate) fn feed(&mut self, chunk: &[u8]) {
        self.lines.feed(chunk);
    }

    /// Adds `len` bytes that `write` puts in their place.
    pub(crate) fn feed_with(&mut self, len: usize, write: impl FnOnce(&mut [u8])) {
        self.lines.feed_with(len, write);
    }

    /// The next event that is complete.
    ///
    /// # Errors
    /// [`EventTooLarge`], after which the stream cannot be read on.
    pub(crate) fn next_event(&mut self) -> Result<Option<Dispatched>, EventTooLarge> {
        while let Some(line) = self.lines.next_line()? {
            let offset = line.offset;
            match self.block.read(line.bytes) {
                Some(event) => return Ok(Some(event)),
                None if self.block.data_len() > self.limit => {
                    return Err(EventTooLarge { offset, limit: self.limit });
                }
                None => {}
            }
        }
        Ok(None)
    }

    /// What a reconnect sends as `Last-Event-ID`; empty if there is none.
    pub(crate) fn last_event_id(&self) -> &str {
        &self.block.last_id
    }

    /// The reconnection time that the server named since this was last asked.
    pub(crate) fn take_retry(&mut self) -> Option<Duration> {
        self.block.retry.take()
    }

    /// Whether the stream stands between two blocks, if only in a comment: one that ends elsewhere was cut.
    pub(crate) fn is_between_blocks(&self) -> bool {
        !self.block.begun && matches!(self.lines.rest(), [] | [b':', ..])
    }
}

impl Block {
    /// Takes a line without its end; an empty one may dispatch.
    fn read(&mut self, line: &[u8]) -> Option<Dispatched> {
        if line.is_empty() {
            return self.dispatch();
        }
        // The colon comes early or never: field names are short, so no search is worth its start.
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            // A comment.
            Some(0) => return None,
            Some(colon) => {
                (&line[..colon], line[colon + 1..].strip_prefix(b" ").unwrap_or(&line[colon + 1..]))
            }
            None => (line, &b""[..]),
        };
        self.begun = true;
        match name {
            b"data" => self.push_data(&decode(value)),
            b"event" => self.kind = decode(value).into_owned(),
            b"id" if !value.contains(&0) => self.id = decode(value).into(),
            b"retry" => self.retry = milliseconds(value).or(self.retry),
            _ => {}
        }
        None
    }

    fn push_data(&mut self, value: &str) {
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
    }

    /// <https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage>
    fn dispatch(&mut self) -> Option<Dispatched> {
        if !Rc::ptr_eq(&self.last_id, &self.id) {
            self.last_id = Rc::clone(&self.id);
        }
        let data = self.data.take();
        let kind = std::mem::take(&mut self.kind);
        self.clear();
        let kind = if kind.is_empty() { Cow::Borrowed("message") } else { Cow::Owned(kind) };
        Some(Dispatched { kind, data: data?, last_event_id: Rc::clone(&self.last_id) })
    }

    fn clear(&mut self) {
        self.data = None;
        self.kind.clear();
        self.begun = false;
    }

    fn data_len(&self) -> usize {
        self.data.as_ref().map_or(0, String::len)
    }
}

/// Line ends are no part of a character, so a line decodes as it would within the stream.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// "If the field value consists of only ASCII digits": neither a sign nor nothing at all.
fn milliseconds(value: &[u8]) -> Option<Duration> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |number: u64, digit: &u8| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(Duration::from_millis(value.iter().fold(0, digit)))
}

/// A line, or the data of an event, grew beyond the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventTooLarge {
    /// Where the line begins that was too much, in bytes from the start of the stream.
    pub(crate) offset: u64,
    /// The limit, in bytes.
    pub(crate) limit: usize,
}

impl From<LineTooLong> for EventTooLarge {
    fn from(LineTooLong { offset, limit }: LineTooLong) -> Self {
        EventTooLarge { offset, limit }
    }
}

impl fmt::Display for EventTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the event at byte {} has more than {} bytes", self.offset, self.limit)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
