//! httpbin, a server that says what it was asked: <https://github.com/psf/httpbin>.

use std::path::Path;
use std::process::Command;

use super::{Recipe, python};
use crate::Workbench;

pub(super) const RECIPE: Recipe = Recipe { name: "httpbin", install, command };

fn install(bench: &Workbench) -> anyhow::Result<()> {
    python::environment(bench, RECIPE.name)
}

fn command(bench: &Workbench, port: u16, _folder: &Path) -> Command {
    let mut command = python::command(bench, RECIPE.name);
    command.args(["-m", "gunicorn", "httpbin:app", "--bind", &format!("127.0.0.1:{port}")]);
    // A thread for each answer that takes its time: a browser asks for six at once.
    command.args(["--worker-class", "gthread", "--threads", "16"]);
    // Longer than a browser leaves a connection unused here; one that closes under a request is a failure of the test.
    command.args(["--keep-alive", "75"]);
    command.args(["--no-control-socket", "--access-logfile", "-"]);
    command.env_remove("GUNICORN_CMD_ARGS");
    command
}
