//! The end-to-end run: drives the built page in a real browser and judges it by what the server saw.

mod page;
mod session;

use std::fmt::Display;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fantoccini::Client;
use pagewire_server::{Entry, Journal, Options, Server};
use tokio::time::{sleep, timeout};

use crate::engine::{Engine, Ready};
use crate::process;
use crate::steps::Step;
use crate::workspace::Workspace;
use session::Session;

/// How long one scenario may take.
const SCENARIO_LIMIT: Duration = Duration::from_secs(30);

/// A scenario's running: `Ok` when its claim held, else one line that says what was seen instead.
pub(crate) type Scene<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

/// One claim about the page. Written as `fn name(page: &Page) -> Scene<'_> { Box::pin(async move { ... }) }`.
pub(crate) type Scenario = for<'a> fn(&'a Page) -> Scene<'a>;

/// What a scenario is given: the page, just opened at `<first>/?key=<key>`, and its witness, the server.
///
/// When the scenario has returned, `window.__unclaimed` of the page must be an empty array too.
pub(crate) struct Page {
    /// The browser: window of 1280 by 900, the page loaded.
    pub(crate) client: Client,
    /// The page's own origin, such as `http://127.0.0.1:4600`.
    pub(crate) first: String,
    /// The server's other port: another origin, the same site.
    pub(crate) second: String,
    /// What the server recorded.
    pub(crate) journal: Journal,
    /// Unique to this scenario and engine.
    pub(crate) key: String,
    /// The browser engine that shows the page.
    pub(crate) engine: Engine,
}

impl Page {
    /// What the server recorded for one demo, under `<key>-<demo>`.
    pub(crate) fn record(&self, demo: &str) -> Vec<Entry> {
        self.journal.entries(&format!("{}-{demo}", self.key))
    }

    /// Asks `probe` every 20 ms until it gives a value. `what` names what was awaited, for the failure's line.
    pub(crate) async fn until<T>(&self, what: &str, limit: Duration, mut probe: impl AsyncFnMut() -> Option<T>) -> Result<T, String> {
        let give_up = Instant::now() + limit;
        loop {
            if let Some(value) = probe().await {
                return Ok(value);
            }
            if Instant::now() > give_up {
                return Err(format!("after {} ms still not: {what}", limit.as_millis()));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}
