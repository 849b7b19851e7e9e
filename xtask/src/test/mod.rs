//! `test`: every check and every test, and the proof that none was left out.

mod checks;
mod judge;
mod native;
mod node;
mod report;
mod suite;

use std::process::ExitCode;

use anyhow::Result;

use crate::engine::{Engine, Ready};
use crate::steps::Step;
use crate::{Workbench, build, e2e, interrupt, tools};
use report::Report;
pub(crate) use report::Row;
use suite::Suite;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this browser engine (may be given more than once)
    #[arg(long = "browser", value_name = "ENGINE")]
    browsers: Vec<Engine>,
    /// Only tests whose name contains this; no formatting, lints or documentation
    #[arg(long)]
    filter: Option<String>,
    /// A browser engine that cannot be had is an error, not a skip
    #[arg(long)]
    all_engines: bool,
}

impl Options {
    fn engines(&self) -> impl Iterator<Item = Engine> {
        Engine::ALL
            .into_iter()
            .filter(|engine| self.browsers.is_empty() || self.browsers.contains(engine))
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    let mut report = Report::default();
    if let Err(error) = work(bench, options, &mut report) {
        report.trouble(&error);
    }
    if interrupt::came() {
        anyhow::bail!("interrupted");
    }
    report.print(bench);
    Ok(if report.is_green() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Each part adds its rows; an error ends only what cannot go on without it.
fn work(bench: &Workbench, options: &Options, report: &mut Report) -> Result<()> {
    tools::wasm_target(bench)?;
    if options.filter.is_none() {
        checks::run(bench, report)?;
    }
    native::run(bench, options.filter(), report);
    if let Err(error) = build::module(bench, true) {
        report.trouble(&error);
    } else if options.filter.is_none() {
        node::run(bench, options.all_engines, report);
    }
    let suite = Suite::build(bench, options.filter())
        .map_err(|error| report.trouble(&error))
        .ok();
    for engine in options.engines() {
        match engine.prepare(bench) {
            Ok(ready) => in_browser(bench, &ready, suite.as_ref(), options.filter(), report),
            Err(error) if options.all_engines => {
                report.trouble(&error.context(format!("{engine} cannot be had")));
            }
            Err(error) => report.skip_part(&engine.to_string(), &error),
        }
        if interrupt::came() {
            break;
        }
    }
    Ok(())
}

fn in_browser(
    bench: &Workbench,
    ready: &Ready,
    suite: Option<&Suite>,
    filter: Option<&str>,
    report: &mut Report,
) {
    if let Some(suite) = suite {
        suite.run(bench, ready, report);
    }
    let part = ready.engine.to_string();
    report.measure(bench, &part, "end to end", |step| {
        e2e::run(bench, ready, filter, step)
    });
}

/// A row that failed as a whole, for the error that kept it from running.
fn failed(error: &anyhow::Error, step: &Step) -> Row {
    step.say(&format!("{error:#}"));
    Row {
        problems: vec![first_line(&format!("{error:#}"))],
        ..Row::default()
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
