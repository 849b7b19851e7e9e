//! `bench`: the same jobs through pagewire, its peers and the browser's own objects, in one page, in turns.

mod jobs;
mod measure;
pub(crate) mod package;
mod report;
mod server;
mod statistics;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use serde_json::json;

use crate::engine::Engine;
use crate::{Workbench, interrupt};
use jobs::{JOBS, Job};
use package::{FAST, Packages, copy_files};
use server::Server;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The browser
    #[arg(long, value_enum, default_value_t = Browser::Chromium)]
    browser: Browser,
    /// These jobs only: get, json, download, upload, uploadbytes, stream, events, watchedevents,
    /// eventbytes, ndjson, pingpong, flood, binary, morerequests, morepolls, moremessages, moreevents
    #[arg(long, value_name = "JOB", value_delimiter = ',')]
    only: Vec<String>,
    /// So many rounds after one that does not count
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Write all times into this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Browser {
    Chromium,
    Firefox,
    Both,
}

impl Browser {
    fn engines(self) -> &'static [Engine] {
        match self {
            Browser::Chromium => &[Engine::Chromium],
            Browser::Firefox => &[Engine::Firefox],
            Browser::Both => &[Engine::Chromium, Engine::Firefox],
        }
    }
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    let jobs = chosen(&options.only)?;
    let packages = Packages::prepare(bench)?;
    let www = page(bench, &packages, &jobs)?;
    let server = Server::start(bench, &www)?;
    let versions = packages.versions()?;
    let mut runs = Vec::new();
    for engine in options.browser.engines() {
        let ready = engine.prepare(bench)?;
        let name = format!("measure in {engine}");
        let run = bench.steps.run(&name, |step| {
            bench.runtime.block_on(measure::run(bench, &ready, &server.origin, &jobs, options.rounds, step))
        })?;
        println!("\n{}", report::table(&run));
        runs.push(report::json(&run));
        if interrupt::came() {
            break;
        }
    }
    let listed: Vec<String> = versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    println!("\nVersions: {}", listed.join(", "));
    if let Some(file) = &options.json {
        let all = json!({ "versions": versions.into_iter().collect::<BTreeMap<_, _>>(), "runs": runs });
        fs::write(file, format!("{all:#}\n")).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen(only: &[String]) -> Result<Vec<&'static Job>> {
    if let Some(unknown) = only.iter().find(|name| JOBS.iter().all(|job| job.name != **name)) {
        let names: Vec<&str> = JOBS.iter().map(|job| job.name).collect();
        bail!("there is no job {unknown}; there are {}", names.join(", "));
    }
    Ok(JOBS.iter().filter(|job| only.is_empty() || only.iter().any(|name| name == job.name)).collect())
}

/// The folder that is served: the page, a module for each contender, and the npm packages.
fn page(bench: &Workbench, packages: &Packages<'_>, jobs: &[&Job]) -> Result<PathBuf> {
    let www = packages.target.join("www");
    if www.exists() {
        fs::remove_dir_all(&www)?;
    }
    fs::create_dir_all(&www)?;
    copy_files(&packages.folder.join("page"), &www)?;
    for name in ["axios/dist/esm", "ky/distribution", "eventsource-parser/dist"] {
        copy_files(&packages.node_modules().join(name), &www.join("node_modules").join(name))?;
    }
    for module in jobs::modules(jobs) {
        bench.steps.run(&format!("build the jobs by {module}"), |step| {
            packages.module(&format!("speed-{module}"), None, FAST, &www.join(module), step)
        })?;
    }
    Ok(www)
}
