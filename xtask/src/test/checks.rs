//! Format, lints and documentation: all without a warning.

use anyhow::Result;

use super::report::{Report, Row};
use crate::build::NAMESPACES;
use crate::cargo::WASM;
use crate::{Workbench, process, tools};

const DENY: [&str; 3] = ["--", "-D", "warnings"];

/// Runs every check; each is a row of its own.
pub(super) fn run(bench: &Workbench, report: &mut Report) -> Result<()> {
    tools::components(bench)?;
    let native = [&["clippy", "--workspace", "--all-targets", "--all-features"][..], &DENY].concat();
    let library = [
        &["clippy", "--package", "pagewire", "--all-features", "--lib", "--tests", "--target", WASM][..],
        &DENY,
    ]
    .concat();
    let module = [&["clippy", "--package", "pagewire-js", "--target", WASM][..], &DENY].concat();
    let documented = ["doc", "--workspace", "--all-features", "--no-deps"];
    let documented_for_wasm =
        ["doc", "--package", "pagewire", "--package", "pagewire-js", "--no-deps", "--target", WASM];
    check(bench, report, "format", &["fmt", "--all", "--check"], "not formatted; type: cargo fmt --all");
    check(bench, report, "lints, native", &native, "clippy has something to say");
    check(bench, report, "lints, library on wasm32", &library, "clippy has something to say");
    check(bench, report, "lints, ES module on wasm32", &module, "clippy has something to say");
    each_namespace(bench, report);
    check(bench, report, "documentation, native", &documented, "the documentation has warnings");
    check(bench, report, "documentation, wasm32", &documented_for_wasm, "the documentation has warnings");
    Ok(())
}

/// Whoever builds a module of a few namespaces must get one: each stands without the others.
fn each_namespace(bench: &Workbench, report: &mut Report) {
    report.measure(bench, "checks", "lints, each namespace of the ES module", |step| {
        for namespace in NAMESPACES {
            let module = ["clippy", "--package", "pagewire-js", "--target", WASM, "--no-default-features"];
            let arguments = [&module[..], &["--features", namespace], &DENY].concat();
            let mut command = bench.workspace.cargo(&bench.steps, &arguments);
            process::check(&mut command, step, &format!("{namespace} alone is no module"))?;
        }
        Ok(Row::one_passed())
    });
}

fn check(bench: &Workbench, report: &mut Report, scope: &str, arguments: &[&str], what_to_do: &str) {
    report.measure(bench, "checks", scope, |step| {
        let mut command = bench.workspace.cargo(&bench.steps, arguments);
        command.env("RUSTDOCFLAGS", "-D warnings");
        process::check(&mut command, step, what_to_do)?;
        Ok(Row::one_passed())
    });
}
