//! Finds the tools on the PATH and installs the missing ones, saying so.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::Workbench;
use crate::cargo::WASM;
use crate::process;
use crate::steps::Step;

/// The last geckodriver known to work with the suite.
const GECKODRIVER: &str = "0.37.1";
/// Older wasm-opts exchange the tables of a module that has an externref table: it validates and does not run.
const OLDEST_WASM_OPT: u32 = 116;

/// The first of `names` that is on the PATH.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find_map(|file| {
        [file.clone(), file.with_extension(env::consts::EXE_EXTENSION)]
            .into_iter()
            .find(|file| file.is_file())
    })
}

/// Sees to the standard library for wasm32.
pub(crate) fn wasm_target(bench: &Workbench) -> Result<()> {
    let mut question = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let folder = process::answer(question.args(["--print", "target-libdir", "--target", WASM]))?;
    if Path::new(&folder).is_dir() {
        return Ok(());
    }
    bench.steps.run(&format!("install the target {WASM}"), |step| {
        rustup(
            step,
            &["target", "add", WASM],
            &format!("could not add the target; type: rustup target add {WASM}"),
        )
    })
}

/// Sees to rustfmt and clippy, which a minimal toolchain does not have.
pub(crate) fn components(bench: &Workbench) -> Result<()> {
    let missing = |program: &&str| {
        process::answer(
            bench.workspace.cargo(&bench.steps, &[program, "--version"]).env("CARGO_TERM_COLOR", "never"),
        )
        .is_err()
    };
    let components: Vec<&str> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| missing(command))
        .map(|(_, component)| component)
        .collect();
    if components.is_empty() {
        return Ok(());
    }
    let names = components.join(" ");
    let arguments: Vec<&str> = ["component", "add"].into_iter().chain(components).collect();
    bench.steps.run(&format!("install {names}"), |step| {
        rustup(step, &arguments, &format!("could not add them; type: rustup component add {names}"))
    })
}

fn rustup(step: &Step, arguments: &[&str], what_to_do: &str) -> Result<()> {
    if find(&["rustup"]).is_none() {
        bail!("{what_to_do} (there is no rustup here; your toolchain's own packages may have it)");
    }
    process::check(Command::new("rustup").args(arguments), step, what_to_do)?;
    Ok(())
}

/// Installs Debian packages: as root, or with a sudo that asks for no password.
pub(crate) fn packages(bench: &Workbench, names: &[&str]) -> Result<()> {
    let list = names.join(" ");
    if find(&["apt-get"]).is_none() {
        bail!("there is no apt-get here; install by other means what Debian calls {list}");
    }
    let Some(root) = become_root() else {
        bail!(
            "missing packages; type: sudo apt-get update && sudo apt-get install --yes --no-install-recommends {list}"
        );
    };
    bench.steps.run(&format!("install {list} with apt-get"), |step| {
        // An old list may still do, so the installation itself decides.
        if let Err(error) = process::check(&mut apt_get(&root, &["update"]), step, "apt-get update failed") {
            step.say(&format!("{error}"));
        }
        let arguments: Vec<&str> =
            ["install", "--yes", "--no-install-recommends"].iter().chain(names).copied().collect();
        let what_to_do =
            format!("could not install; type: sudo apt-get install --no-install-recommends {list}");
        process::check(&mut apt_get(&root, &arguments), step, &what_to_do)?;
        Ok(())
    })
}

fn apt_get(root: &[&str], arguments: &[&str]) -> Command {
    let words: Vec<&str> =
        root.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).copied().collect();
    let mut command = Command::new(words[0]);
    // Another run may be installing at this moment.
    command.args(&words[1..]).args(["--quiet", "--option", "DPkg::Lock::Timeout=600"]).args(arguments);
    command
}

/// The words that make a command root's, or `None` where that needs a person.
fn become_root() -> Option<Vec<&'static str>> {
    let user = process::answer(Command::new("id").arg("-u")).ok()?;
    if user == "0" {
        return Some(Vec::new());
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).stdin(Stdio::null()).stderr(Stdio::null()).status();
    sudo.is_ok_and(|status| status.success()).then(|| vec!["sudo", "-n"])
}

/// geckodriver, which Debian does not package: from the PATH, else built into `target/tools`.
pub(crate) fn geckodriver(bench: &Workbench) -> Result<PathBuf> {
    if let Some(found) = find(&["geckodriver"]) {
        return Ok(found);
    }
    let tools = bench.workspace.target.join("tools");
    let program = tools.join("bin").join("geckodriver").with_extension(env::consts::EXE_EXTENSION);
    if program.is_file() {
        return Ok(program);
    }
    bench.steps.run(&format!("install geckodriver {GECKODRIVER} with cargo (about a minute)"), |step| {
        let build = tools.join("build");
        let mut command =
            bench.workspace.cargo(&bench.steps, &["install", "geckodriver", "--version", GECKODRIVER]);
        // A debug build takes half the time and drives as fast.
        command.args(["--debug", "--locked", "--root"]).arg(&tools).arg("--target-dir").arg(&build);
        process::check(&mut command, step, "could not build geckodriver; put one on the PATH and try again")?;
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
    })?;
    Ok(program)
}

/// A wasm-opt that does no harm, if there is one on the PATH. The second value says why one was passed over.
pub(crate) fn wasm_opt() -> (Option<PathBuf>, Option<String>) {
    let Some(program) = find(&["wasm-opt"]) else {
        return (None, None);
    };
    // "wasm-opt version 108", "wasm-opt version 116 (version_116)"
    let version = process::answer(Command::new(&program).arg("--version"))
        .ok()
        .and_then(|words| words.split_whitespace().find_map(|word| word.parse::<u32>().ok()));
    match version {
        Some(version) if version >= OLDEST_WASM_OPT => (Some(program), None),
        _ => {
            let version =
                version.map_or_else(|| "of unknown version".to_owned(), |number| number.to_string());
            (
                None,
                Some(format!(
                    "wasm-opt {version} passed over: versions below {OLDEST_WASM_OPT} break such modules"
                )),
            )
        }
    }
}
