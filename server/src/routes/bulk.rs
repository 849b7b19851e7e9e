//! `/bulk`: many records or events in one go, for clients whose own speed is to be measured: they are made once.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, Mutex};

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::params::{BadParam, Params};
use crate::record::lock;

/// The most that are made.
const MOST: u32 = 100_000;

const CITIES: [&str; 5] = ["Aachen", "Bergen", "Córdoba", "Győr", "Łódź"];

type Form = fn(u32) -> String;

/// What was made, by its form and number.
static MADE: LazyLock<Mutex<HashMap<(String, u32), Bytes>>> = LazyLock::new(Mutex::default);

/// `/bulk/json`, an array of records, `/bulk/ndjson`, a record to a line, or `/bulk/sse`, events: `?count=1000`.
pub(super) async fn bulk(Path(form): Path<String>, params: Params) -> Result<Response, BadParam> {
    let count = params.parse("count", 1000)?;
    if count > MOST {
        return Err(BadParam::new("count", &count.to_string()));
    }
    let (kind, make): (&str, Form) = match form.as_str() {
        "json" => ("application/json", json),
        "ndjson" => ("application/x-ndjson", ndjson),
        "sse" => ("text/event-stream", sse),
        other => return Err(BadParam::new("form", other)),
    };
    let made = lock(&MADE).entry((form, count)).or_insert_with(|| make(count).into()).clone();
    Ok(([(CONTENT_TYPE, kind)], made).into_response())
}

#[derive(Serialize)]
struct Row {
    id: u32,
    name: String,
    email: String,
    active: bool,
    score: f64,
    city: &'static str,
}

fn rows(count: u32) -> impl Iterator<Item = Row> {
    (1..=count).map(|id| Row {
        id,
        name: format!("Name {id}"),
        email: format!("user{id}@mail.example"),
        active: id % 3 == 0,
        score: f64::from(id % 1000) / 4.0,
        city: CITIES[id as usize % CITIES.len()],
    })
}

fn json(count: u32) -> String {
    serde_json::to_string(&rows(count).collect::<Vec<_>>()).unwrap_or_default()
}

fn ndjson(count: u32) -> String {
    rows(count)
        .filter_map(|row| serde_json::to_string(&row).ok())
        .fold(String::new(), |all, row| all + &row + "\n")
}

/// The blocks of `/sse`.
fn sse(count: u32) -> String {
    (1..=count).fold(String::new(), |mut all, number| {
        // Writing to a string does not fail.
        let _ = write!(all, "id: {number}\ndata: event {number}\n\n");
        all
    })
}
