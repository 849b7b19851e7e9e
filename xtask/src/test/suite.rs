//! The browser suite: the wasm test binaries, each run in every global scope that it is for.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use pagewire_server::{Options as ServerOptions, Server};

use super::judge;
use super::report::{Report, Row};
use crate::cargo::{TestBinary, WASM, test_binaries};
use crate::engine::Ready;
use crate::serve::{TEST_SERVER, announcement};
use crate::steps::Step;
use crate::{Workbench, interrupt, process, runner};

/// The test runner's own limits, in seconds: for a whole binary, and for a driver to start.
const RUN_LIMIT: u64 = 300;
const DRIVER_LIMIT: u64 = 30;

/// A global scope in which tests run.
#[derive(Clone, Copy)]
struct Scope {
    /// In the table, and what the tests' guard says of itself.
    name: &'static str,
    /// Index into [`runner::SCOPES`].
    variable: usize,
}

const PAGE: Scope = Scope {
    name: "page",
    variable: 0,
};
const WORKERS: [Scope; 3] = [
    Scope {
        name: "dedicated worker",
        variable: 1,
    },
    Scope {
        name: "shared worker",
        variable: 2,
    },
    Scope {
        name: "service worker",
        variable: 3,
    },
];

/// One binary in one scope.
struct Part {
    scope: Scope,
    label: String,
    binary: usize,
}

/// The built binaries and their tests.
pub(super) struct Suite {
    binaries: Vec<(TestBinary, Vec<String>)>,
    parts: Vec<Part>,
    filter: Option<String>,
}

impl Suite {
    /// Builds the binaries once, for every engine and scope.
    pub(super) fn build(bench: &Workbench, filter: Option<&str>) -> Result<Self> {
        let mut suite = Self {
            binaries: Vec::new(),
            parts: Vec::new(),
            filter: filter.map(str::to_owned),
        };
        bench.steps.run("build the browser tests", |step| {
            let arguments = [
                "test",
                "--package",
                "pagewire",
                "--lib",
                "--tests",
                "--no-run",
                "--target",
                WASM,
            ];
            let mut command = bench.workspace.cargo(&bench.steps, &arguments);
            command.arg("--message-format=json-render-diagnostics");
            let built = process::check(&mut command, step, "the browser tests do not compile")?;
            for binary in test_binaries(&built.stdout) {
                let tests = list(&binary.file, filter, step)?;
                suite.binaries.push((binary, tests));
            }
            Ok(())
        })?;
        suite.assign()?;
        Ok(suite)
    }

    /// Each binary to its scopes. One with browser tests that no scope runs is an error, not a silence.
    fn assign(&mut self) -> Result<()> {
        for (index, (binary, tests)) in self.binaries.iter().enumerate() {
            let scopes: &[Scope] = match binary.name.as_str() {
                _ if binary.is_library => &[PAGE],
                "web" => &[PAGE],
                "globals" => &WORKERS,
                _ if tests.is_empty() => continue,
                name => bail!(
                    "tests/{name} has {} browser tests, and no scope runs it",
                    tests.len()
                ),
            };
            if tests.is_empty() && self.filter.is_some() {
                continue;
            }
            for scope in scopes {
                let label = if binary.is_library {
                    "library's own, page".to_owned()
                } else {
                    scope.name.to_owned()
                };
                self.parts.push(Part {
                    scope: *scope,
                    label,
                    binary: index,
                });
            }
        }
        self.parts.sort_by_key(|part| part.scope.variable);
        Ok(())
    }

    /// Runs every part in one engine.
    pub(super) fn run(&self, bench: &Workbench, ready: &Ready, report: &mut Report) {
        for part in &self.parts {
            if interrupt::came() {
                return;
            }
            report.measure(bench, &ready.engine.to_string(), &part.label, |step| {
                self.run_part(bench, ready, part, step)
            });
        }
    }

    fn run_part(&self, bench: &Workbench, ready: &Ready, part: &Part, step: &Step) -> Result<Row> {
        let attempt = Attempt {
            bench,
            ready,
            scope: part.scope,
            suite: self,
            binary: part.binary,
        };
        let first = attempt.run(1, step)?;
        if first.started {
            return Ok(first.row);
        }
        step.say(&format!(
            "{} DID NOT START ITS TESTS; trying once more",
            ready.engine
        ));
        Ok(attempt.run(2, step)?.row)
    }
}

/// One run of one binary.
struct Attempt<'a> {
    bench: &'a Workbench,
    ready: &'a Ready,
    scope: Scope,
    suite: &'a Suite,
    binary: usize,
}

struct Outcome {
    row: Row,
    started: bool,
}

impl Attempt<'_> {
    fn run(&self, number: u32, step: &Step) -> Result<Outcome> {
        let (binary, tests) = &self.suite.binaries[self.binary];
        let runtime = &self.bench.runtime;
        let scratch = self.bench.workspace.scratch()?;
        // A server of its own: no run meets another's requests.
        let www = Some(self.bench.workspace.root.join("www"));
        let server = runtime.block_on(Server::start(ServerOptions {
            www,
            ..ServerOptions::default()
        }))?;
        let run = format!(
            "{}-{}-{number}",
            self.ready.engine,
            self.scope.name.replace(' ', "-")
        )
        .to_lowercase();
        fs::write(
            scratch.path().join(TEST_SERVER),
            announcement(server.origins(), &run),
        )
        .context("test-server.txt")?;

        let mut command = self.command(&binary.file, scratch.path())?;
        let finished = process::run(
            &mut command,
            step,
            Duration::from_secs(RUN_LIMIT + 2 * DRIVER_LIMIT + 60),
        )?;
        let watched: Vec<String> = server
            .journal()
            .entries(&format!("guard-{run}"))
            .into_iter()
            .filter_map(|entry| entry.body?.text)
            .collect();
        runtime.block_on(server.stop());

        let mut row = judge::judge(tests, &finished.output, finished.success);
        row.problems.extend(judge::judge_guard(&watched, self.scope.name));
        let started = judge::has_started(&finished.output);
        if !row.failed.is_empty() || !row.problems.is_empty() {
            step.say(&format!(
                "{} in {} failed:\n\n{}\n",
                binary.name,
                self.scope.name,
                finished.tail()
            ));
        }
        Ok(Outcome { row, started })
    }

    fn command(&self, binary: &Path, scratch: &Path) -> Result<Command> {
        let mut command = runner::command()?;
        command.arg(binary).args(&self.suite.filter);
        for variable in runner::SCOPES
            .iter()
            .chain(&["NO_HEADLESS", "WASM_BINDGEN_TEST_ONLY_WEB"])
        {
            command.env_remove(variable);
        }
        command.env(runner::SCOPES[self.scope.variable], "1");
        command.env("WASM_BINDGEN_TEST_TIMEOUT", RUN_LIMIT.to_string());
        command.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", DRIVER_LIMIT.to_string());
        self.ready.equip(&mut command, scratch)?;
        // The runner serves its working directory beside the tests: there they find test-server.txt.
        command.current_dir(scratch);
        Ok(command)
    }
}

/// The names of the tests in a binary.
fn list(binary: &Path, filter: Option<&str>, step: &Step) -> Result<Vec<String>> {
    let mut command = runner::command()?;
    command
        .arg(binary)
        .args(filter)
        .arg("--list")
        .env(runner::SCOPES[0], "1");
    let finished = process::check(&mut command, step, "the test runner cannot list the tests")?;
    Ok(judge::listed(&finished.stdout))
}
