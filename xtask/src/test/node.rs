//! The ES module must be importable where there is no window: in Node, as server-side rendering does.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use pagewire_server::{Options as ServerOptions, Server};

use super::native;
use super::report::{Report, Row};
use crate::build::{self, Module};
use crate::process::Limits;
use crate::{Workbench, process, tools};

/// Imports the module, without `init`, in a world where touching the page's globals is remembered.
const SCRIPT: &str = include_str!("node.mjs");

/// What a module of a few namespaces promises; they are its arguments.
const PART: &str = include_str!("part.mjs");

/// What the module promises where no page is needed.
const CLAIMS: &str = include_str!("module.mjs");

const LIMITS: Limits = Limits { whole: Duration::from_secs(120), silence: Duration::from_secs(60) };

pub(super) fn run(bench: &Workbench, must: bool, report: &mut Report) {
    if let Err(error) = prepare(bench) {
        match must {
            true => report.trouble(&error.context("Node cannot be had")),
            false => report.skip_part("Node", &error),
        }
        return;
    }
    report.measure(bench, "Node", "import the ES module", |step| {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", SCRIPT]).current_dir(bench.workspace.root.join("www"));
        process::check(&mut command, step, "the ES module cannot be imported in Node")?;
        Ok(Row::one_passed())
    });
    a_part(bench, report);
    report.measure(bench, "Node", "claims of the ES module", |step| {
        let server = bench.runtime.block_on(Server::start(ServerOptions::default()))?;
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", CLAIMS]).arg(&server.origins()[0]);
        command.current_dir(bench.workspace.root.join("www"));
        let finished = process::run(&mut command, step, LIMITS);
        bench.runtime.block_on(server.stop());
        let finished = finished?;
        let row = native::judge(&finished.stdout, finished.success, false);
        if !row.failed.is_empty() || !row.problems.is_empty() {
            step.say(&finished.output);
        }
        Ok(row)
    });
}

/// A module of three namespaces, imported and initialised.
fn a_part(bench: &Workbench, report: &mut Report) {
    let folder = bench.workspace.target.join("part");
    let exports = ["environment", "poll", "websocket"];
    if let Err(error) =
        build::make(bench, &Module { release: true, exports: &exports, folder: folder.clone() })
    {
        return report.trouble(&error);
    }
    report.measure(bench, "Node", "a module of some namespaces", |step| {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", PART]).args(exports).current_dir(folder);
        process::check(&mut command, step, "a module of some namespaces does not work")?;
        Ok(Row::one_passed())
    });
}

fn prepare(bench: &Workbench) -> Result<()> {
    match tools::find(&["node", "nodejs"]) {
        Some(_) => Ok(()),
        None => tools::packages(bench, &["nodejs"]),
    }
}
