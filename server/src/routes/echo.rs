//! `/echo`: the request, as the journal has it.

use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::record::Record;

pub(super) async fn echo(Extension(record): Extension<Record>) -> Json<Value> {
    let entry = record.entry();
    Json(json!({
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "http": entry.http,
        "port": entry.port,
        "origin": entry.origin,
        "headers": entry.headers,
        "body": entry.body,
    }))
}
