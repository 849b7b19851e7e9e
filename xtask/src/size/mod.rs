//! `size`: what a minimal app of each module weighs, and one of each peer, as a page loads it.

mod apps;
mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::bench::package::{Packages, SMALL};
use crate::build::{Module, NAMESPACES};
use crate::steps::Step;
use crate::{Workbench, build, process};
use apps::{APPS, App, ES_MODULE, FIGURES, Figure};
use record::Sizes;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write all sizes into this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Fail if anything has grown by more than 5 % beyond what is recorded in benches/size/sizes.json
    #[arg(long, conflicts_with = "record")]
    check: bool,
    /// Record the sizes as they are now
    #[arg(long)]
    record: bool,
}

/// What a page loads, in bytes, compressed.
struct Weight {
    name: String,
    wasm: u64,
    glue: u64,
}

impl Weight {
    fn total(&self) -> u64 {
        self.wasm + self.glue
    }
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    let packages = Packages::prepare(bench)?;
    let scales = Scales { bench, packages: &packages };
    let mut weights = APPS.iter().map(|app| scales.app(app)).collect::<Result<Vec<_>>>()?;
    for namespace in NAMESPACES {
        weights.push(scales.es_module(&format!("{ES_MODULE} of {namespace}"), &[namespace])?);
    }
    weights.push(scales.es_module(ES_MODULE, &NAMESPACES)?);
    let sizes: Sizes = weights.iter().map(|weight| (weight.name.clone(), weight.total())).collect();
    println!("\n{}\n\n{}", table(&weights), figures(&sizes));
    if let Some(file) = &options.json {
        write_json(file, &weights, &packages)?;
    }
    let recorded = packages.folder.join("size/sizes.json");
    if options.record {
        record::write(&recorded, &sizes)?;
    }
    if !options.check {
        return Ok(ExitCode::SUCCESS);
    }
    let faults = record::compare(&record::read(&recorded)?, &sizes);
    faults.iter().for_each(|fault| eprintln!("{fault}"));
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Scales<'a> {
    bench: &'a Workbench,
    packages: &'a Packages<'a>,
}

impl Scales<'_> {
    fn app(&self, app: &App) -> Result<Weight> {
        let out = self.packages.target.join("size").join(app.name);
        self.bench.steps.run(&format!("build {}", app.name), |step| {
            self.packages.module(&format!("size-{}", app.package), Some(app.name), SMALL, &out, step)?;
            weigh(app.name, &out, step)
        })
    }

    /// The module that `build` makes where the tools are installed that it takes if they are.
    fn es_module(&self, name: &str, exports: &[&str]) -> Result<Weight> {
        let folder = self.packages.target.join("size").join("es-module");
        let module = Module { release: true, exports, folder };
        build::make(self.bench, &module)?;
        self.bench.steps.run(&format!("weigh the {name}"), |step| {
            self.packages.optimise(&module.folder.join("pagewire_bg.wasm"), SMALL, step)?;
            self.packages.minify(&module.folder.join("pagewire.js"), step)?;
            weigh(name, &module.folder, step)
        })
    }
}

/// Brotli at its best, as Node has it: a length to a line.
const BROTLI: &str = "const { brotliCompressSync, constants } = require('zlib');
for (const file of process.argv.slice(1)) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    console.log(brotliCompressSync(require('fs').readFileSync(file), { params }).length);
}";

fn weigh(name: &str, folder: &Path, step: &Step) -> Result<Weight> {
    let mut files = Vec::new();
    served(folder, &mut files)?;
    let mut command = Command::new("node");
    command.args(["--eval", BROTLI]).args(&files);
    let finished = process::check(&mut command, step, "Node could not compress the module")?;
    let mut weight = Weight { name: name.to_owned(), wasm: 0, glue: 0 };
    for (file, length) in files.iter().zip(finished.stdout.lines()) {
        let length: u64 = length.trim().parse().with_context(|| format!("{length} is no length"))?;
        match file.extension().is_some_and(|extension| extension == "wasm") {
            true => weight.wasm += length,
            false => weight.glue += length,
        }
    }
    Ok(weight)
}

/// The files that a page loads.
fn served(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            served(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "wasm" || extension == "js") {
            files.push(path);
        }
    }
    Ok(())
}

fn table(weights: &[Weight]) -> String {
    let mut lines =
        vec!["| app | wasm | glue | both |".to_owned(), "| --- | ---: | ---: | ---: |".to_owned()];
    lines.extend(weights.iter().map(|weight| {
        format!("| {} | {} | {} | {} |", weight.name, weight.wasm, weight.glue, weight.total())
    }));
    lines.join("\n")
}

fn figures(sizes: &Sizes) -> String {
    let lines = FIGURES.iter().filter_map(|figure| figure_line(figure, sizes));
    let head = ["| app | figure | measured | |".to_owned(), "| --- | --- | --- | --- |".to_owned()];
    head.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

fn figure_line(figure: &Figure, sizes: &Sizes) -> Option<String> {
    let (app, other, at_most) = match *figure {
        Figure::Bytes { app, at_most } => {
            let size = *sizes.get(app)?;
            let word = verdict(size <= at_most);
            return Some(format!("| {app} | <= {at_most} bytes | {size} | {word} |"));
        }
        Figure::Share { app, of, at_most } => (app, of, at_most),
    };
    let share = *sizes.get(app)? as f64 / *sizes.get(other)? as f64;
    Some(format!("| {app} | <= {at_most} x {other} | {share:.2} | {} |", verdict(share <= at_most)))
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "not reached" }
}

fn write_json(file: &Path, weights: &[Weight], packages: &Packages<'_>) -> Result<()> {
    let apps: Vec<_> = weights
        .iter()
        .map(|weight| json!({ "name": weight.name, "wasm": weight.wasm, "glue": weight.glue, "both": weight.total() }))
        .collect();
    let all = json!({ "versions": packages.versions()?, "compression": "brotli, quality 11", "bytes": apps });
    fs::write(file, format!("{all:#}\n")).with_context(|| format!("cannot write {}", file.display()))
}
