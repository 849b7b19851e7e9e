//! `test`: every check and every test, and the proof that none was left out.

mod checks;
mod judge;
mod native;
mod node;
mod peers;
mod report;
pub(crate) mod soak;
mod suite;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::engine::Engine;
use crate::steps::Step;
use crate::{Workbench, build, e2e, interrupt, tools};
use peers::Peers;
use report::Report;
pub(crate) use report::Row;
use suite::{Rounds, Suite};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this browser engine (may be given more than once)
    #[arg(long = "browser", value_name = "ENGINE")]
    browsers: Vec<Engine>,
    /// Only tests whose name contains this; no formatting, lints or documentation
    #[arg(long)]
    filter: Option<String>,
    /// A browser engine, or a server for the tests, that cannot be had is an error, not a skip
    #[arg(long)]
    all_engines: bool,
}

impl Options {
    fn engines(&self) -> impl Iterator<Item = Engine> {
        chosen(&self.browsers)
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }
}

/// The engines that were named, or all.
fn chosen(named: &[Engine]) -> impl Iterator<Item = Engine> {
    Engine::ALL.into_iter().filter(|engine| named.is_empty() || named.contains(engine))
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    let mut report = Report::default();
    if let Err(error) = work(bench, options, &mut report) {
        report.trouble(&error);
    }
    conclude(bench, &report)
}

/// Prints the report, unless the run was broken off.
fn conclude(bench: &Workbench, report: &Report) -> Result<ExitCode> {
    if interrupt::came() {
        bail!("interrupted");
    }
    report.print(bench);
    Ok(if report.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each part adds its rows; an error ends only what cannot go on without it.
fn work(bench: &Workbench, options: &Options, report: &mut Report) -> Result<()> {
    let filter = options.filter();
    tools::wasm_target(bench)?;
    if filter.is_none() {
        checks::run(bench, report)?;
    }
    native::run(bench, filter, report);
    let scenarios = e2e::chosen(filter);
    if !scenarios.is_empty() {
        match build::module(bench) {
            Err(error) => report.trouble(&error),
            Ok(()) if filter.is_none() => node::run(bench, options.all_engines, report),
            Ok(()) => {}
        }
    }
    let suite = Suite::build(bench, filter, Rounds::Usual).unwrap_or_else(|error| {
        report.trouble(&error);
        Suite::default()
    });
    if !suite.is_empty() || !scenarios.is_empty() {
        let peers = Peers::start(bench, &suite, options.all_engines, report);
        for engine in options.engines() {
            in_engine(bench, engine, options.all_engines, (&suite, &peers), &scenarios, report);
        }
    }
    if let Some(word) = filter.filter(|_| report.is_empty()) {
        bail!("no test has a name that contains {word}");
    }
    Ok(())
}

fn in_engine(
    bench: &Workbench,
    engine: Engine,
    must_be_had: bool,
    (suite, peers): (&Suite, &Peers),
    scenarios: &[e2e::Claim],
    report: &mut Report,
) {
    if interrupt::came() {
        return;
    }
    match engine.prepare(bench) {
        Ok(ready) => {
            suite.run(bench, &ready, peers, report);
            if !scenarios.is_empty() {
                report.measure(bench, &engine.to_string(), "end to end", |step| {
                    e2e::run(bench, &ready, scenarios, step)
                });
            }
        }
        Err(error) if must_be_had => report.trouble(&error.context(format!("{engine} cannot be had"))),
        Err(error) => report.skip_part(&engine.to_string(), &error),
    }
}

/// A row that failed as a whole, for the error that kept it from running.
fn failed(error: &anyhow::Error, step: &Step) -> Row {
    step.say(&format!("{error:#}"));
    Row { problems: vec![first_line(&format!("{error:#}"))], ..Row::default() }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
