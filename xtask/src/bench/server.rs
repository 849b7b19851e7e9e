//! The server of a measurement: a process of its own, optimised, so that it is not what is measured.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::Workbench;
use crate::process::{self, Group};

/// How the server is compiled: for speed, unlike the modules, and without the minute that one unit would take.
const PROFILE: [&str; 4] = [
    "profile.server.inherits='release'",
    "profile.server.opt-level=3",
    "profile.server.lto=false",
    "profile.server.codegen-units=16",
];

/// A server at work. Dropping it ends it.
pub(super) struct Server {
    pub(super) origin: String,
    _process: Group,
}

impl Server {
    /// Compiles it and starts it with the files of `www`.
    pub(super) fn start(bench: &Workbench, www: &Path) -> Result<Self> {
        bench.steps.run("build the server", |step| {
            let mut command = bench
                .workspace
                .cargo(&bench.steps, &["build", "--package", "pagewire-server", "--profile", "server"]);
            for setting in PROFILE {
                command.args(["--config", setting]);
            }
            process::check(&mut command, step, "the server does not compile")
        })?;
        let program = bench.workspace.target.join("server").join("pagewire-server");
        let mut command = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION));
        command.args(["--port", "0", "--www"]).arg(www);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = Group::start(&mut command)?;
        let mut origins = String::new();
        if let Some(stdout) = process.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut origins)?;
        }
        match origins.split_whitespace().next() {
            Some(origin) => Ok(Server { origin: origin.to_owned(), _process: process }),
            None => bail!("the server did not start"),
        }
    }
}
