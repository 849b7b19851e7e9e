//! The commands of this repository: `cargo xtask demo | test | soak | build | serve | bench | size`.

mod bench;
mod build;
mod cargo;
mod demo;
mod e2e;
mod engine;
mod interrupt;
mod peers;
mod port;
mod process;
mod runner;
mod serve;
mod size;
mod steps;
mod test;
mod tools;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

use cargo::Workspace;
use steps::Steps;

/// The commands of the pagewire repository. Each installs what it needs and says so.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the ES module and show the page at http://127.0.0.1:4600
    Demo(demo::Options),
    /// Run every check and every test: native, three browser engines, end to end
    Test(test::Options),
    /// Run the tests that count over many calls with ten times as many
    Soak(test::soak::Options),
    /// Build the ES module into www/pkg
    Build(build::Options),
    /// Run the test server that `wasm-pack test` and `cargo test --target wasm32-unknown-unknown` need
    Serve(serve::Options),
    /// Run the same jobs through pagewire, its peers and the browser's own objects, and compare their times
    Bench(bench::Options),
    /// Measure what a minimal app of each module weighs, and one of each peer
    Size(size::Options),
    /// What cargo calls to run one wasm test binary in a browser (see .cargo/config.toml)
    #[command(hide = true, disable_help_flag = true)]
    WasmTestRunner {
        /// What cargo passes: the binary, then the arguments of the harness.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// What every command works with.
pub(crate) struct Workbench {
    pub(crate) workspace: Workspace,
    pub(crate) steps: Steps,
    pub(crate) runtime: Runtime,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::WasmTestRunner { arguments } => runner::run(arguments),
        command => at_the_workbench(command),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn at_the_workbench(command: Command) -> Result<ExitCode> {
    let bench = Workbench { workspace: Workspace::find()?, steps: Steps::new(), runtime: Runtime::new()? };
    interrupt::listen(&bench.runtime);
    let done = match command {
        Command::Demo(options) => demo::run(&bench, &options),
        Command::Build(options) => build::run(&bench, &options),
        Command::Serve(options) => serve::run(&bench, &options),
        Command::Test(options) => test::run(&bench, &options),
        Command::Soak(options) => test::soak::run(&bench, &options),
        Command::Bench(options) => bench::run(&bench, &options),
        Command::Size(options) => size::run(&bench, &options),
        Command::WasmTestRunner { .. } => Ok(ExitCode::SUCCESS),
    };
    if interrupt::came() { Ok(ExitCode::from(130)) } else { done }
}
