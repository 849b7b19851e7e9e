//! Which request of its key this is: for routes that answer the first ones otherwise.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::State;
use crate::params::Params;
use crate::record::Record;

/// How many requests of the same key and path came before, preflights aside: 0 for the first, and always without a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn(pub(super) u64);

impl FromRequestParts<State> for Turn {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let params = Params::from_request_parts(parts, state).await?;
        let record = parts.extensions.get::<Record>().map(Record::entry);
        let turn = params.get("key").zip(record).map(|(key, own)| {
            let earlier =
                state.journal.entries(key).into_iter().filter(|entry| {
                    entry.seq < own.seq && entry.path == own.path && entry.method != "OPTIONS"
                });
            earlier.count() as u64
        });
        Ok(Turn(turn.unwrap_or_default()))
    }
}
