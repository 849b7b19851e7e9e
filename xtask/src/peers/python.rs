//! Virtual environments for servers written in Python, under `target/tools`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{Workbench, process, tools};

/// Sees to the environment called `name`, with exactly what `xtask/src/peers/NAME.txt` asks for.
pub(super) fn environment(bench: &Workbench, name: &str) -> Result<()> {
    let requirements = bench.workspace.root.join("xtask/src/peers").join(format!("{name}.txt"));
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let folder = folder(bench, name);
    // Written last, so that an installation that broke off does not count.
    let installed = folder.join("installed.txt");
    let is_there = fs::read_to_string(&installed).is_ok_and(|text| text == wanted);
    // The interpreter that it was made with may be gone.
    if is_there && process::answer(command(bench, name).arg("--version")).is_ok() {
        return Ok(());
    }
    let python = interpreter(bench)?;
    bench.steps.run(&format!("install {name} with pip"), |step| {
        let mut make = Command::new(python);
        make.args(["-I", "-m", "venv", "--clear"]).arg(&folder);
        process::check(&mut make, step, "could not make a virtual environment of Python")?;
        let mut install = command(bench, name);
        install.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--requirement"]);
        let what_to_do = format!("could not install {name}; its packages are in {}", requirements.display());
        process::check(install.arg(&requirements), step, &what_to_do)?;
        fs::write(&installed, &wanted).with_context(|| format!("cannot write {}", installed.display()))
    })
}

/// The interpreter of an environment; nothing of the caller's own Python reaches it.
pub(super) fn command(bench: &Workbench, name: &str) -> Command {
    let mut command = Command::new(folder(bench, name).join("bin").join("python"));
    command.arg("-I");
    command
}

fn folder(bench: &Workbench, name: &str) -> PathBuf {
    bench.workspace.target.join("tools").join(name)
}

/// A Python that can make environments, which Debian packages apart.
fn interpreter(bench: &Workbench) -> Result<PathBuf> {
    if let Some(found) = able_interpreter() {
        return Ok(found);
    }
    tools::packages(bench, &["python3", "python3-venv"])?;
    able_interpreter().context("python3 still cannot make virtual environments")
}

/// The one on the PATH may be another than the one that the package completes.
fn able_interpreter() -> Option<PathBuf> {
    let candidates = tools::find(&["python3"]).into_iter().chain([PathBuf::from("/usr/bin/python3")]);
    let able = |python: &PathBuf| can_make_environments(python);
    candidates.filter(|python| python.is_file()).find(able)
}

fn can_make_environments(python: &Path) -> bool {
    process::answer(Command::new(python).args(["-I", "-c", "import ensurepip, venv"])).is_ok()
}
