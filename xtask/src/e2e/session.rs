//! A WebDriver session: a driver on a free port, a browser without a window.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::engine::Ready;
use crate::process::{Group, last_words};
use crate::{Workbench, port};

/// How long a driver, and then a browser, may take to start.
const DRIVER_LIMIT: Duration = Duration::from_secs(30);
const BROWSER_LIMIT: Duration = Duration::from_secs(60);

/// A browser under control. Dropping it ends the browser and its driver.
pub(crate) struct Session {
    pub(crate) client: Client,
    _driver: Group,
    _scratch: TempDir,
}

impl Session {
    /// Starts the driver and a browser, with these arguments besides, whose window is 1280 by 900.
    pub(crate) async fn start(bench: &Workbench, ready: &Ready, arguments: &[String]) -> Result<Self> {
        let scratch = bench.workspace.scratch()?;
        // The port may be taken between here and the driver's start; the caller tries once more.
        let port = port::free()?;
        let log = scratch.path().join("driver.log");
        let mut driver = start_driver(ready, port, scratch.path(), &log)?;
        let said = || format!("the driver {}", last_words(&log));
        port::open(&mut driver, port, DRIVER_LIMIT).await.with_context(said)?;
        let client = timeout(BROWSER_LIMIT, connect(ready, port, arguments))
            .await
            .context("the browser did not start in time")?
            .with_context(said)?;
        client.set_window_size(1280, 900).await?;
        Ok(Self { client, _driver: driver, _scratch: scratch })
    }

    /// Name and version of the browser, as it tells them.
    pub(crate) fn browser(&self) -> String {
        let told = |key: &str| {
            self.client.capabilities().and_then(|all| all.get(key)?.as_str()).unwrap_or("?").to_owned()
        };
        format!("{} {}", told("browserName"), told("browserVersion"))
    }

    /// Closes the browser in good order.
    pub(crate) async fn close(self) {
        // Whatever does not close is ended with the driver.
        let _ = timeout(Duration::from_secs(5), self.client.close()).await;
    }
}

fn start_driver(ready: &Ready, port: u16, scratch: &Path, log: &Path) -> Result<Group> {
    let mut command = Command::new(&ready.driver);
    command.arg(format!("--port={port}")).args(ready.driver_arguments());
    ready.equip(&mut command, scratch)?;
    let log = fs::File::create(log)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Group::start(&mut command)
}

async fn connect(ready: &Ready, port: u16, arguments: &[String]) -> Result<Client> {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(ready.capabilities(arguments)?);
    Ok(builder.connect(&format!("http://127.0.0.1:{port}")).await?)
}
