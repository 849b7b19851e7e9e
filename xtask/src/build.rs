//! `build`: the ES module, from the crate `js` into `www/pkg`.

mod names;
mod panics;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, anyhow};
use serde_json::json;

use crate::Workbench;
use crate::cargo::WASM;
use crate::steps::Step;
use crate::{process, tools};

/// Where the module goes, from the root of the repository.
pub(crate) const PACKAGE: &str = "www/pkg";
/// The namespaces of the module, each a feature of the crate `js`.
pub(crate) const NAMESPACES: [&str; 9] =
    ["cors", "environment", "http", "jsonp", "ping", "poll", "sse", "stream", "websocket"];
/// How far wasm-opt goes, in the modules of the benchmarks too.
pub(crate) const OPTIMISATION: &str = "-Oz";
/// What terser does to the glue. Names of classes are seen: consoles and messages show them.
pub(crate) const MINIFICATION: [&str; 5] =
    ["--module", "--compress", "passes=3", "--mangle", "--keep-classnames"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Skip the optimisations: faster to build, slower to load
    #[arg(long)]
    dev: bool,
    /// Only these namespaces, into target/pkg: a page loads no code of what it never calls
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = namespace)]
    only: Vec<&'static str>,
}

fn namespace(name: &str) -> Result<&'static str, String> {
    let known = NAMESPACES.into_iter().find(|known| *known == name.trim());
    known.ok_or_else(|| format!("they are {}", NAMESPACES.join(", ")))
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    let exports = chosen(&options.only);
    // The page needs all of them: what it imports stays as it is.
    let folder = match options.only.is_empty() {
        true => bench.workspace.root.join(PACKAGE),
        false => bench.workspace.target.join("pkg"),
    };
    println!("The ES module will be in {}:", folder.display());
    println!("  import init, {{ {} }} from \"./pkg/pagewire.js\"", exports.join(", "));
    make(bench, &Module { release: !options.dev, exports: &exports, folder })?;
    Ok(ExitCode::SUCCESS)
}

/// Each once and in the order of the alphabet; none named is all.
fn chosen(only: &[&'static str]) -> Vec<&'static str> {
    // It explains the requests of `http`.
    let is_chosen = |name| only.contains(&name) || (name == "http" && only.contains(&"cors"));
    NAMESPACES.into_iter().filter(|name| only.is_empty() || is_chosen(*name)).collect()
}

/// What is built, and where it goes.
pub(crate) struct Module<'a> {
    pub(crate) release: bool,
    pub(crate) exports: &'a [&'a str],
    pub(crate) folder: PathBuf,
}

/// Builds the whole ES module with its types into `www/pkg`, as it is published.
pub(crate) fn module(bench: &Workbench) -> Result<()> {
    let folder = bench.workspace.root.join(PACKAGE);
    make(bench, &Module { release: true, exports: &NAMESPACES, folder })
}

/// Builds an ES module with its types.
pub(crate) fn make(bench: &Workbench, module: &Module<'_>) -> Result<()> {
    tools::wasm_target(bench)?;
    bench.steps.run(&module.title(), |step| {
        let compiled = compile(bench, module, step)?;
        match module.release {
            true => lean(&compiled, &module.folder, step)?,
            false => bind(&compiled, &module.folder, "pagewire", false)?,
        }
        describe(&module.folder)
    })
}

impl Module<'_> {
    fn is_whole(&self) -> bool {
        self.exports == NAMESPACES
    }

    fn title(&self) -> String {
        let kind = if self.release { "release" } else { "development" };
        match self.is_whole() {
            true => format!("build the {kind} module"),
            false => format!("build a {kind} module of {}", self.exports.join(", ")),
        }
    }
}

/// Binds the module with all that makes it and its glue smaller.
fn lean(module: &Path, folder: &Path, step: &Step) -> Result<()> {
    let silent = module.with_extension("silent.wasm");
    panics::silence(module, &silent)?;
    bind(&silent, folder, "pagewire", true)?;
    let (glue, wasm) = (folder.join("pagewire.js"), folder.join("pagewire_bg.wasm"));
    names::shorten(folder, &wasm)?;
    undocument(&glue)?;
    minify(&glue, step)?;
    optimise(&wasm, step)
}

/// Compiles it, and says where the outcome is.
fn compile(bench: &Workbench, module: &Module<'_>, step: &Step) -> Result<PathBuf> {
    let mut command =
        bench.workspace.cargo(&bench.steps, &["build", "--package", "pagewire-js", "--target", WASM]);
    if !module.is_whole() {
        command.args(["--no-default-features", "--features", &module.exports.join(",")]);
    }
    if module.release {
        command.arg("--release");
    }
    process::check(&mut command, step, "the ES module does not compile")?;
    let profile = if module.release { "release" } else { "debug" };
    Ok(bench.workspace.target.join(WASM).join(profile).join("pagewire_js.wasm"))
}

/// wasm-bindgen, in exactly the version of `Cargo.lock`: writes NAME.js, NAME.d.ts and NAME_bg.wasm into the folder `out`,
/// which it empties first.
pub(crate) fn bind(module: &Path, out: &Path, name: &str, release: bool) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("cannot empty {}", out.display()))?;
    }
    let mut arguments: Vec<OsString> =
        ["wasm-bindgen", "--target", "web", "--out-name", name].map(Into::into).to_vec();
    arguments.extend(["--out-dir".into(), out.into(), module.into()]);
    if release {
        arguments.extend(["--remove-name-section", "--remove-producers-section"].map(Into::into));
    }
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(arguments)
        .map_err(|error| anyhow!("wasm-bindgen refused the module: {error:#}"))
}

/// What makes the folder a package: Node takes a `.js` file for an ES module only where its package says so.
fn describe(folder: &Path) -> Result<()> {
    let package = json!({
        "name": "pagewire",
        "version": env!("CARGO_PKG_VERSION"),
        "license": env!("CARGO_PKG_LICENSE"),
        "type": "module",
        "main": "pagewire.js",
        "types": "pagewire.d.ts",
        "sideEffects": ["./snippets/*"],
    });
    fs::write(folder.join("package.json"), format!("{package:#}\n"))
        .context("cannot write www/pkg/package.json")
}

/// Takes the documentation off the glue, a third of what it weighs: editors read it in the types.
fn undocument(glue: &Path) -> Result<()> {
    let text = fs::read_to_string(glue).with_context(|| format!("cannot read {}", glue.display()))?;
    fs::write(glue, without_docs(&text)).with_context(|| format!("cannot write {}", glue.display()))
}

/// The lines outside `/** ... */` comments that have their lines to themselves.
fn without_docs(text: &str) -> String {
    let mut in_docs = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let begins = line.trim_start().starts_with("/**");
        if !in_docs && !begins {
            kept.push_str(line);
        }
        in_docs = (in_docs || begins) && !line.trim_end().ends_with("*/");
    }
    kept
}

/// Smaller glue where a terser happens to be installed; none is needed.
fn minify(glue: &Path, step: &Step) -> Result<()> {
    let Some(program) = tools::find(&["terser"]) else { return Ok(()) };
    let mut command = Command::new(program);
    command.arg(glue).args(MINIFICATION).arg("--output").arg(glue);
    process::check(&mut command, step, "terser failed; take it off the PATH to do without")?;
    Ok(())
}

/// A smaller module where a wasm-opt happens to be installed; none is needed.
fn optimise(module: &Path, step: &Step) -> Result<()> {
    let (program, passed_over) = tools::wasm_opt();
    if let Some(reason) = passed_over {
        step.say(&reason);
    }
    let Some(program) = program else { return Ok(()) };
    let mut command = Command::new(program);
    command.arg(OPTIMISATION).arg(module).arg("-o").arg(module);
    process::check(&mut command, step, "wasm-opt failed; take it off the PATH to do without")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_taken_once_and_cors_with_http() {
        assert_eq!(chosen(&["sse", "cors", "sse"]), ["cors", "http", "sse"]);
        assert_eq!(chosen(&[]), NAMESPACES);
        assert_eq!(namespace(" sse"), Ok("sse"));
        assert!(namespace("see").is_err());
    }

    #[test]
    fn only_documentation_is_taken_off() {
        let glue = "/* @ts-self-types=\"./a.d.ts\" */\n/** One line. */\nclass A {\n    /**\n     * More.\n     */\n    a() { return \"/** no */\"; } // why\n}\n";
        let kept =
            "/* @ts-self-types=\"./a.d.ts\" */\nclass A {\n    a() { return \"/** no */\"; } // why\n}\n";
        assert_eq!(without_docs(glue), kept);
    }
}
