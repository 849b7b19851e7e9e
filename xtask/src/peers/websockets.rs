//! websockets, a WebSocket server in Python: <https://websockets.readthedocs.io/>.

use std::path::Path;
use std::process::Command;

use super::{Recipe, python};
use crate::Workbench;

pub(super) const RECIPE: Recipe = Recipe { name: "websockets", install, command };

fn install(bench: &Workbench) -> anyhow::Result<()> {
    python::environment(bench, RECIPE.name)
}

fn command(bench: &Workbench, port: u16, _folder: &Path) -> Command {
    let mut command = python::command(bench, RECIPE.name);
    command.arg(bench.workspace.root.join("xtask/src/peers/websockets.py")).arg(port.to_string());
    command
}
