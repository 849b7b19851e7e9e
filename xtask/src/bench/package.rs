//! The packages of `benches/` as a page gets them: compiled, bound and optimised, each like every other; and the npm
//! packages beside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cargo::WASM;
use crate::steps::Step;
use crate::{Workbench, build, process, tools};

/// The folder of that workspace, from the root of the repository.
const FOLDER: &str = "benches";

/// How a module is compiled, and optimised after that.
#[derive(Clone, Copy)]
pub(crate) struct Recipe {
    /// Of that workspace.
    profile: &'static str,
    /// What wasm-opt is told.
    optimisation: &'static str,
}

/// As the repository builds its own ES module.
pub(crate) const SMALL: Recipe = Recipe { profile: "release", optimisation: build::OPTIMISATION };

/// As Cargo builds a release unless it is told otherwise.
pub(crate) const FAST: Recipe = Recipe { profile: "speed", optimisation: "-O3" };

/// That workspace, and where it builds.
pub(crate) struct Packages<'a> {
    bench: &'a Workbench,
    /// `benches`
    pub(crate) folder: PathBuf,
    /// `target/bench`
    pub(crate) target: PathBuf,
}

impl<'a> Packages<'a> {
    /// Sees to the target, Node and the npm packages.
    pub(crate) fn prepare(bench: &'a Workbench) -> Result<Self> {
        tools::wasm_target(bench)?;
        let missing: Vec<&str> = [("node", "nodejs"), ("npm", "npm")]
            .iter()
            .filter(|(program, _)| tools::find(&[program]).is_none())
            .map(|(_, package)| *package)
            .collect();
        if !missing.is_empty() {
            tools::packages(bench, &missing)?;
        }
        let packages = Packages {
            bench,
            folder: bench.workspace.root.join(FOLDER),
            target: bench.workspace.target.join("bench"),
        };
        packages.npm()?;
        Ok(packages)
    }

    /// Where the npm packages are.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.target.join("npm").join("node_modules")
    }

    /// Installs the npm packages that the lock file names, unless that was done.
    fn npm(&self) -> Result<()> {
        let (lock, folder) = ("package-lock.json", self.target.join("npm"));
        let wanted = fs::read(self.folder.join(lock)).context("cannot read the lock file of npm")?;
        let done = folder.join("installed.json");
        if fs::read(&done).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        fs::create_dir_all(&folder)?;
        for file in ["package.json", lock] {
            fs::copy(self.folder.join(file), folder.join(file))?;
        }
        self.bench.steps.run("install the npm packages", |step| {
            let mut command = Command::new("npm");
            command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
            process::check(&mut command, step, "npm could not install the peers written in JavaScript")?;
            Ok(fs::write(&done, &wanted)?)
        })
    }

    /// `cargo ARGUMENTS` in that workspace.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.bench.workspace.cargo(&self.bench.steps, arguments);
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// The module of a package, or of an example of it, in the folder `out`: NAME.js and NAME_bg.wasm.
    ///
    /// Each is built by itself, so that the features that another one asks for are not in it.
    pub(crate) fn module(
        &self,
        package: &str,
        example: Option<&str>,
        recipe: Recipe,
        out: &Path,
        step: &Step,
    ) -> Result<()> {
        let mut arguments = vec!["build", "--locked", "--target", WASM, "--profile", recipe.profile];
        arguments.extend(["--package", package]);
        arguments.extend(example.map_or(["--lib"].as_slice(), |_| ["--example"].as_slice()));
        arguments.extend(example);
        process::check(&mut self.cargo(&arguments), step, &format!("{package} does not compile"))?;
        let built = self.target.join(WASM).join(recipe.profile);
        let module = match example {
            Some(example) => built.join("examples").join(example.replace('-', "_")),
            None => built.join(package.replace('-', "_")),
        };
        let name = out.file_name().and_then(|name| name.to_str()).context("a folder without a name")?;
        build::bind(&module.with_extension("wasm"), out, name, true)?;
        self.optimise(&out.join(format!("{name}_bg.wasm")), recipe, step)
    }

    /// As `xtask build` does it, by the wasm-opt of npm, whose version the lock file says.
    pub(crate) fn optimise(&self, module: &Path, recipe: Recipe, step: &Step) -> Result<()> {
        let mut command = Command::new("node");
        command.arg(self.node_modules().join("binaryen/bin/wasm-opt"));
        command.arg(recipe.optimisation).arg(module).arg("-o").arg(module);
        process::check(&mut command, step, "wasm-opt failed")?;
        Ok(())
    }

    /// As `xtask build` does it, by the terser of npm.
    pub(crate) fn minify(&self, glue: &Path, step: &Step) -> Result<()> {
        let mut command = Command::new("node");
        command.arg(self.node_modules().join("terser/bin/terser")).arg(glue);
        command.args(build::MINIFICATION).arg("--output").arg(glue);
        process::check(&mut command, step, "terser failed")?;
        Ok(())
    }

    /// Names and versions: wasm-opt, terser and the peers.
    pub(crate) fn versions(&self) -> Result<Vec<(String, String)>> {
        let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", WASM];
        let cargo: serde_json::Value = serde_json::from_str(&process::answer(&mut self.cargo(&arguments))?)?;
        let rust = [
            "pagewire",
            "gloo-net",
            "reqwest",
            "eventsource-stream",
            "ehttp",
            "ewebsock",
            "tokio-tungstenite-wasm",
            "web-sys",
            "wasm-bindgen",
        ];
        let packages = cargo["packages"].as_array().context("cargo metadata has no packages")?;
        let version = |name: &&str| {
            let package = packages.iter().find(|package| package["name"] == **name)?;
            Some(((*name).to_owned(), package["version"].as_str()?.to_owned()))
        };
        let mut versions: Vec<_> = rust.iter().filter_map(version).collect();
        let npm: serde_json::Value = serde_json::from_slice(&fs::read(self.folder.join("package.json"))?)?;
        let npm = npm["dependencies"].as_object().context("package.json has no dependencies")?;
        versions.extend(
            npm.iter().map(|(name, version)| (name.clone(), version.as_str().unwrap_or("?").to_owned())),
        );
        Ok(versions)
    }
}

/// The files of a folder and of those in it.
pub(crate) fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
