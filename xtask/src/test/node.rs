//! The ES module must be importable where there is no window: in Node, as server-side rendering does.

use std::process::Command;

use anyhow::Result;

use super::report::{Report, Row};
use crate::{Workbench, process, tools};

/// Imports the module, without `init`, in a world where touching the page's globals is remembered.
const SCRIPT: &str = include_str!("node.mjs");

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
}

fn prepare(bench: &Workbench) -> Result<()> {
    match tools::find(&["node", "nodejs"]) {
        Some(_) => Ok(()),
        None => tools::packages(bench, &["nodejs"]),
    }
}
