//! `soak`: the tests that count over many rounds, with ten times as many and more.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::peers::Peers;
use super::suite::{Rounds, Suite};
use super::{Report, chosen, conclude, in_engine};
use crate::engine::Engine;
use crate::{Workbench, tools};

/// The tests whose names begin with it: of many calls, connections, messages.
const SOAKED: &str = "::many_";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this browser engine (may be given more than once)
    #[arg(long = "browser", value_name = "ENGINE")]
    browsers: Vec<Engine>,
    /// Only tests whose name contains this
    #[arg(long, default_value = SOAKED)]
    filter: String,
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    tools::wasm_target(bench)?;
    let suite = Suite::build(bench, Some(&options.filter), Rounds::Many)?;
    if suite.is_empty() {
        bail!("no test has a name that contains {}", options.filter);
    }
    let mut report = Report::default();
    let peers = Peers::start(bench, &suite, true, &mut report);
    for engine in chosen(&options.browsers) {
        in_engine(bench, engine, false, (&suite, &peers), &[], &mut report);
    }
    conclude(bench, &report)
}
