//! The browser suite: the wasm test binaries, each run in every global scope that it is for.

use std::collections::BTreeMap;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use pagewire_server::{Options as ServerOptions, Server};

use super::judge;
use super::peers::Peers;
use super::report::{Report, Row};
use crate::cargo::{WASM, test_binaries};
use crate::engine::Ready;
use crate::process::Limits;
use crate::serve::{TEST_SERVER, announcement};
use crate::steps::Step;
use crate::{Workbench, interrupt, process, runner};

/// The test runner's own limit, in seconds, for a driver to start.
const DRIVER_LIMIT: u64 = 30;
/// How often the tests that count over many calls make them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Rounds {
    #[default]
    Usual,
    /// Ten times as often.
    Many,
}

impl Rounds {
    /// The test runner's own limit for a whole binary, in seconds.
    fn run_limit(self) -> u64 {
        match self {
            Rounds::Usual => 900,
            Rounds::Many => 3000,
        }
    }

    /// Ours: a run that says nothing for so long has a test that hangs, and its name is the last thing that was said.
    fn limits(self) -> Limits {
        let silence = if self == Rounds::Many { 900 } else { 90 };
        Limits { whole: Duration::from_secs(self.run_limit() + 100), silence: Duration::from_secs(silence) }
    }
}

/// What tells the build of the tests to make ten times as many calls.
const SOAK: &str = "PAGEWIRE_SOAK";

/// A global scope in which tests run.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Scope {
    /// In the table.
    name: &'static str,
    /// What the tests' guard finds there: the name of the global object's interface.
    global: &'static str,
    /// What tells the test runner.
    variable: &'static str,
}

const PAGE: Scope = Scope { name: "page", global: "Window", variable: runner::SCOPES[0] };
const WORKERS: [Scope; 3] = [
    Scope { name: "dedicated worker", global: "DedicatedWorkerGlobalScope", variable: runner::SCOPES[1] },
    Scope { name: "shared worker", global: "SharedWorkerGlobalScope", variable: runner::SCOPES[2] },
    Scope { name: "service worker", global: "ServiceWorkerGlobalScope", variable: runner::SCOPES[3] },
];

/// Which test binaries run where, in this order; the first is the library's own tests.
const PLAN: [(&str, &[Scope]); 3] = [("pagewire", &[PAGE]), ("web", &[PAGE]), ("globals", &WORKERS)];

/// One binary in one scope.
struct Part {
    scope: Scope,
    binary: &'static str,
    label: String,
    file: PathBuf,
    tests: Vec<String>,
}

/// The built binaries and their tests.
#[derive(Default)]
pub(super) struct Suite {
    parts: Vec<Part>,
    filter: Option<String>,
    rounds: Rounds,
}

impl Suite {
    /// Builds the binaries once, for every engine and scope.
    pub(super) fn build(bench: &Workbench, filter: Option<&str>, rounds: Rounds) -> Result<Self> {
        bench.steps.run("build the browser tests", |step| {
            let mut command = bench.workspace.cargo(
                &bench.steps,
                &["test", "--no-run", "--package", "pagewire", "--all-features", "--lib", "--tests"],
            );
            command.args(["--target", WASM, "--message-format=json-render-diagnostics"]);
            command.env_remove(SOAK);
            if rounds == Rounds::Many {
                command.env(SOAK, "1");
            }
            let built = process::check(&mut command, step, "the browser tests do not compile")?;
            let mut binaries = BTreeMap::new();
            for binary in test_binaries(&built.stdout) {
                let tests = list(&binary.file, step)?;
                binaries.insert(binary.name, (binary.file, tests));
            }
            Ok(Self { parts: assign(binaries, filter)?, filter: filter.map(str::to_owned), rounds })
        })
    }

    /// A filter can leave nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Is there a test in this module of a binary?
    pub(super) fn has_module(&self, module: &str) -> bool {
        self.parts.iter().any(|part| tests_of(module, &part.tests) > 0)
    }

    /// Runs every part in one engine: those of the page, and beside them those of the workers, as both mostly wait.
    pub(super) fn run(&self, bench: &Workbench, ready: &Ready, peers: &Peers, report: &mut Report) {
        let lane = |is_page: bool| {
            let parts = self.parts.iter().filter(move |part| (part.scope == PAGE) == is_page);
            let parts = parts.take_while(|_| !interrupt::came());
            parts.map(|part| self.measured(bench, ready, part, peers)).collect::<Vec<_>>()
        };
        let rows = thread::scope(|scope| {
            let workers = scope.spawn(|| lane(false));
            let page = lane(true);
            page.into_iter()
                .chain(workers.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect::<Vec<_>>()
        });
        rows.into_iter().for_each(|row| report.add(row));
    }

    fn measured(&self, bench: &Workbench, ready: &Ready, part: &Part, peers: &Peers) -> Row {
        Row::measured(bench, &ready.engine.to_string(), &part.label, |step| {
            self.run_part(bench, ready, part, peers, step)
        })
    }

    fn run_part(
        &self,
        bench: &Workbench,
        ready: &Ready,
        part: &Part,
        peers: &Peers,
        step: &Step,
    ) -> Result<Row> {
        let attempt =
            Attempt { bench, ready, part, peers, filter: self.filter.as_deref(), rounds: self.rounds };
        let mut outcome = attempt.run(1, step)?;
        for number in 2..=MOST_STARTS {
            if outcome.started {
                break;
            }
            step.say(&format!("{}: {} DID NOT START ITS TESTS; trying once more", ready.engine, part.label));
            outcome = attempt.run(number, step)?;
            outcome.row.notes.push(format!("started only at attempt {number}"));
        }
        Ok(outcome.row)
    }
}

/// A driver may lose its browser at start, WebKit's above all; no test has run then, so nothing is hidden by trying again.
const MOST_STARTS: u32 = 4;

/// One run of one binary.
struct Attempt<'a> {
    bench: &'a Workbench,
    ready: &'a Ready,
    part: &'a Part,
    peers: &'a Peers,
    filter: Option<&'a str>,
    rounds: Rounds,
}

struct Outcome {
    row: Row,
    started: bool,
}

impl Attempt<'_> {
    fn run(&self, number: u32, step: &Step) -> Result<Outcome> {
        let runtime = &self.bench.runtime;
        let scratch = self.bench.workspace.scratch()?;
        // A server of its own: no run meets another's requests.
        let www = Some(self.bench.workspace.root.join("www"));
        let server = runtime.block_on(Server::start(ServerOptions { www, ..ServerOptions::default() }))?;
        let names =
            [&self.ready.engine.to_string(), self.part.binary, self.part.scope.name, &number.to_string()];
        let run = names.join("-").replace(' ', "-").to_lowercase();
        let told = announcement(server.origins(), &run) + &self.peers.announcement();
        fs::write(scratch.path().join(TEST_SERVER), told).context("test-server.txt")?;
        let answered = self.peers.answered();

        let mut command = self.command(scratch.path())?;
        let finished = process::run(&mut command, step, self.rounds.limits())?;
        let watched: Vec<String> = server
            .journal()
            .entries(&format!("guard-{run}"))
            .into_iter()
            .filter_map(|entry| entry.body?.text)
            .collect();
        runtime.block_on(server.stop());

        let mut row = judge::judge(&self.part.tests, &finished.output, finished.success);
        if finished.overtime {
            let last = judge::last_invoked(&finished.output).unwrap_or("no test had begun");
            row.problems.insert(0, format!("ended, since it hung; last: {last}"));
        }
        row.notes.extend(watched.iter().filter_map(|line| line.strip_prefix("note ")).map(str::to_owned));
        row.problems.extend(judge::judge_guard(&watched, self.part.scope.global, &finished.output));
        self.peers.account(&answered, &self.part.tests, &mut row);
        let started = judge::has_started(&finished.output);
        let log = self.keep(&run, &finished.output)?;
        if !row.failed.is_empty() || !row.problems.is_empty() {
            step.say(&format!(
                "{run} failed:\n\n{}\n\n  all it printed: {}",
                judge::excerpt(&finished.output),
                log.display()
            ));
        }
        Ok(Outcome { row, started })
    }

    /// Keeps what a run printed under `target/browser`.
    fn keep(&self, run: &str, output: &str) -> Result<PathBuf> {
        let folder = self.bench.workspace.target.join("browser");
        fs::create_dir_all(&folder)?;
        let log = folder.join(format!("{run}.log"));
        fs::write(&log, output)?;
        Ok(log)
    }

    fn command(&self, scratch: &Path) -> Result<Command> {
        let mut command = runner::command()?;
        // Uncaptured, the console tells what happened outside of the tests too, such as a task's panic.
        command.arg(&self.part.file).args(self.filter).arg("--nocapture");
        for variable in runner::SCOPES.iter().chain(&["NO_HEADLESS", "WASM_BINDGEN_TEST_ONLY_WEB"]) {
            command.env_remove(variable);
        }
        command.env(self.part.scope.variable, "1");
        command.env("WASM_BINDGEN_TEST_TIMEOUT", self.rounds.run_limit().to_string());
        command.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", DRIVER_LIMIT.to_string());
        self.ready.equip(&mut command, scratch)?;
        // The runner serves its working directory beside the tests: there they find test-server.txt.
        command.current_dir(scratch);
        Ok(command)
    }
}

/// How many of these tests are in a module.
pub(super) fn tests_of(module: &str, tests: &[String]) -> usize {
    tests.iter().filter(|test| test.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"))).count()
}

/// Gives each binary its scopes. One that is missing, or that no scope runs, is an error and not a silence.
fn assign(mut binaries: BTreeMap<String, (PathBuf, Vec<String>)>, filter: Option<&str>) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for (name, scopes) in PLAN {
        let Some((file, mut tests)) = binaries.remove(name) else { bail!("there is no test binary {name}") };
        if let Some(word) = filter {
            tests.retain(|test| test.contains(word));
            if tests.is_empty() {
                continue;
            }
        }
        for scope in scopes {
            let label =
                if name == PLAN[0].0 { "page, the library's own".to_owned() } else { scope.name.to_owned() };
            parts.push(Part { scope: *scope, binary: name, label, file: file.clone(), tests: tests.clone() });
        }
    }
    match binaries.iter().find(|(_, (_, tests))| !tests.is_empty()) {
        Some((name, (_, tests))) => {
            bail!("tests/{name} has {} browser tests, and no scope runs it", tests.len())
        }
        None => Ok(parts),
    }
}

/// The names of the tests in a binary.
fn list(binary: &Path, step: &Step) -> Result<Vec<String>> {
    let mut command = runner::command()?;
    command.arg(binary).arg("--list").env(runner::SCOPES[0], "1");
    let finished = process::check(&mut command, step, "the test runner cannot list the tests")?;
    Ok(judge::listed(&finished.stdout))
}
