//! The workspace and the calls of cargo.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::process;
use crate::steps::Steps;

/// The target triple of everything that runs in a browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Where the repository is and where cargo builds.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

/// A test binary that cargo built.
pub(crate) struct TestBinary {
    /// `pagewire` for the library's own tests, else the name under `tests/`.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that `CARGO_TARGET_DIR` and configuration files are honoured.
    pub(crate) fn find() -> Result<Self> {
        let mut command = Command::new(program());
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        // The manifest of this crate, not the working directory, says which checkout is meant.
        command.current_dir(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into()));
        let metadata: Value = serde_json::from_str(&process::answer(&mut command)?)?;
        let path = |key: &str| {
            metadata[key].as_str().map(PathBuf::from).with_context(|| format!("cargo metadata has no {key}"))
        };
        Ok(Self { root: path("workspace_root")?, target: path("target_directory")? })
    }

    /// `cargo ARGUMENTS` in the root of the repository.
    pub(crate) fn cargo(&self, steps: &Steps, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(&self.root);
        // What `cargo run` told us of our own package; a build script that watches these would run again each time.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        if steps.on_a_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        command
    }

    /// A folder under `target/` for one run, deleted with the value.
    pub(crate) fn scratch(&self) -> Result<TempDir> {
        // Short names: browsers put sockets in it, and a socket's path holds 107 bytes.
        let parent = self.target.join("tmp");
        fs::create_dir_all(&parent).with_context(|| format!("cannot make {}", parent.display()))?;
        Ok(tempfile::Builder::new().prefix("x").rand_bytes(5).tempdir_in(parent)?)
    }
}

/// The test binaries in the output of `cargo test --no-run --message-format=json-render-diagnostics`.
pub(crate) fn test_binaries(messages: &str) -> Vec<TestBinary> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter_map(|message| test_binary(&message))
        .collect()
}

fn test_binary(message: &Value) -> Option<TestBinary> {
    let file = message["executable"].as_str()?.into();
    let name = message["target"]["name"].as_str()?.to_owned();
    Some(TestBinary { name, file })
}

/// The cargo that started us, so that the toolchain stays the same.
fn program() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
