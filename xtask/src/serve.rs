//! `serve`: the test server, for whoever runs the browser tests with `wasm-pack test` or plain cargo.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use pagewire_server::{Options as ServerOptions, Server};

use crate::demo::{is_free, two_ports};
use crate::{Workbench, interrupt};

/// Where the test runner serves it from, beside the tests' page. Ignored by git.
pub(crate) const TEST_SERVER: &str = "test-server.txt";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The first port; the next one is the second origin
    #[arg(long, default_value_t = 8765, value_parser = clap::value_parser!(u16).range(1..65535))]
    port: u16,
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    let addresses = two_ports(options.port);
    for address in &addresses {
        is_free(*address)?;
    }
    bench.runtime.block_on(async {
        let server = Server::start(ServerOptions { addresses, ..ServerOptions::default() }).await?;
        let file = bench.workspace.root.join(TEST_SERVER);
        let _announcement = Announcement::write(file, &announcement(server.origins(), "serve"))?;
        println!("The test server is at {} (Ctrl-C stops it)", server.origins().join(" and "));
        interrupt::wait().await;
        server.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// What the tests read: the first origin, the second origin, the name of this run; a line each.
pub(crate) fn announcement(origins: &[String], run: &str) -> String {
    format!("{}\n{run}\n", origins.join("\n"))
}

/// The file, removed with the value.
struct Announcement(PathBuf);

impl Announcement {
    fn write(file: PathBuf, text: &str) -> Result<Self> {
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self(file))
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Gone already is gone as well.
        let _ = fs::remove_file(&self.0);
    }
}
