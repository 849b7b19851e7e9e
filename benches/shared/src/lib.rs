//! What the contenders written in Rust share: the records of the jobs, and the digests that prove a job done. The page's
//! `digest.js` makes the same digests in JavaScript.

use serde::Deserialize;

/// One of the server's records: `/bulk/json` and `/bulk/ndjson`.
#[derive(Debug, Deserialize)]
pub struct Row {
    pub id: u32,
    pub name: String,
    pub email: String,
    pub active: bool,
    pub score: f64,
    pub city: String,
}

/// What is told of many records.
#[derive(Debug, Default)]
pub struct Rows {
    count: u32,
    ids: f64,
    scores: f64,
    active: u32,
    last: Option<Row>,
}

impl Rows {
    pub fn add(&mut self, row: Row) {
        self.count += 1;
        self.ids += f64::from(row.id);
        self.scores += row.score;
        self.active += u32::from(row.active);
        self.last = Some(row);
    }

    pub fn digest(self) -> String {
        let last = self.last.map(|row| format!("{}:{}:{}", row.name, row.email, row.city));
        let (count, ids, scores, active) = (self.count, self.ids, self.scores, self.active);
        format!("{count}:{ids}:{scores}:{active}:{}", last.unwrap_or_default())
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let mut all = Self::default();
        rows.into_iter().for_each(|row| all.add(row));
        all
    }
}

/// Looks at one byte in so many: a prime, so that no piece of a power of two looks like the one before it.
const STEP: usize = 4099;

/// What is told of many bytes: their number, and a sum of some, which costs no contender anything to speak of.
#[derive(Debug, Default)]
pub struct Sample {
    length: usize,
    sum: u64,
}

impl Sample {
    pub fn add(&mut self, bytes: &[u8]) {
        let first = (STEP - self.length % STEP) % STEP;
        self.sum += bytes.iter().skip(first).step_by(STEP).map(|byte| u64::from(*byte)).sum::<u64>();
        self.length += bytes.len();
    }

    pub fn digest(&self) -> String {
        format!("{}:{}", self.length, self.sum)
    }
}

/// What is told of many texts: their number and their length.
#[derive(Debug, Default)]
pub struct Tally {
    pub count: u32,
    length: usize,
}

impl Tally {
    pub fn add(&mut self, text: &str) {
        self.count += 1;
        self.length += text.len();
    }

    pub fn digest(&self) -> String {
        format!("{}:{}", self.count, self.length)
    }
}

/// The text that a ping-pong sends as its message `number`.
pub fn ping(number: u32) -> String {
    format!("message {number}")
}

/// What an upload sends: byte i is i modulo 251.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

/// What is told of an upload: the server's answer, and where the last report of progress stood.
pub fn uploaded(answer: &str, loaded: f64) -> String {
    format!("{answer}:{loaded}")
}

/// Something came that was not asked for.
#[derive(Debug)]
pub struct Unexpected(pub &'static str);

impl std::fmt::Display for Unexpected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unexpected: {}", self.0)
    }
}

impl std::error::Error for Unexpected {}
