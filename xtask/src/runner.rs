//! `wasm-test-runner`: wasm-bindgen's own test runner, in exactly the version of `Cargo.lock`.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

/// The variables that choose the global scope of a binary without a configure line.
pub(crate) const SCOPES: [&str; 4] = [
    "WASM_BINDGEN_USE_BROWSER",
    "WASM_BINDGEN_USE_DEDICATED_WORKER",
    "WASM_BINDGEN_USE_SHARED_WORKER",
    "WASM_BINDGEN_USE_SERVICE_WORKER",
];

/// Runs one wasm test binary, as `wasm-bindgen-test-runner` does, in the scope that a variable names.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<ExitCode> {
    if SCOPES.iter().all(|scope| env::var_os(scope).is_none()) {
        // The runner's own default is Node, where none of these tests can run.
        let status = command()?.args(&arguments).env(usual_scope(&arguments), "1").status()?;
        return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let arguments = [OsString::from("wasm-bindgen-test-runner")].into_iter().chain(arguments);
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// The command that runs this very program as the runner.
pub(crate) fn command() -> Result<Command> {
    let mut command = Command::new(env::current_exe().context("where this program is")?);
    command.arg("wasm-test-runner");
    Ok(command)
}

/// A page, but a dedicated worker for the tests of the workers.
fn usual_scope(arguments: &[OsString]) -> &'static str {
    let file = arguments.first().and_then(|binary| Path::new(binary).file_name()?.to_str());
    if file.is_some_and(|name| name.starts_with("globals-")) { SCOPES[1] } else { SCOPES[0] }
}
