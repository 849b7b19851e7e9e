//! The tests that need no browser: unit, integration and documentation tests.

use std::time::Duration;

use super::report::{Report, Row};
use crate::process::Limits;
use crate::{Workbench, process};

/// A hanging test is ended by these.
const LIMITS: Limits = Limits { whole: Duration::from_secs(20 * 60), silence: Duration::from_secs(5 * 60) };
/// Lines that are shown when something failed.
const LONGEST_EXCERPT: usize = 120;

/// Runs them in two calls: together they would rebuild the many dependencies of this tool with other features.
pub(super) fn run(bench: &Workbench, filter: Option<&str>, report: &mut Report) {
    let everything = ["test", "--workspace", "--exclude", "xtask", "--all-features", "--no-fail-fast"];
    for (scope, arguments) in
        [("library, server", &everything[..]), ("these commands", &["test", "--package", "xtask"])]
    {
        report.measure(bench, "native", scope, |step| {
            let mut command = bench.workspace.cargo(&bench.steps, arguments);
            command.arg("--").args(filter);
            let finished = process::run(&mut command, step, LIMITS)?;
            let row = judge(&finished.stdout, finished.success, filter.is_some());
            if !row.failed.is_empty() || !row.problems.is_empty() {
                step.say(&format!("native tests failed:\n\n{}\n", excerpt(&finished.output)));
            }
            Ok(row)
        });
    }
}

/// Reads what the harness of the standard library printed.
pub(super) fn judge(output: &str, success: bool, filtered: bool) -> Row {
    let mut row = Row::default();
    for line in output.lines() {
        let Some((name, verdict)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
        else {
            continue;
        };
        match verdict {
            "ok" => row.passed += 1,
            "FAILED" => row.failed.push(name.to_owned()),
            ignored if ignored.starts_with("ignored") => {
                let reason = ignored.strip_prefix("ignored, ").unwrap_or("no reason given");
                row.skipped.push((name.to_owned(), reason.to_owned()));
            }
            _ => {}
        }
    }
    row.listed = listed(output);
    let seen = row.passed + row.failed.len() + row.skipped.len();
    if seen != row.listed {
        row.problems.push(format!("{} tests were announced and {seen} have a result", row.listed));
    }
    if row.listed == 0 && !filtered {
        row.problems.push("there was no test to run".to_owned());
    }
    if !success && row.failed.is_empty() && row.problems.is_empty() {
        row.problems.push("cargo test failed; its last lines are above".to_owned());
    }
    row
}

/// The end of what was printed, less all that tells of tests that passed.
fn excerpt(output: &str) -> String {
    let is_fine = |line: &&str| {
        line.trim().is_empty()
            || line.starts_with("running ")
            || line.starts_with("test result: ok")
            || (line.starts_with("test ") && line.ends_with(" ... ok"))
    };
    let lines: Vec<&str> = output.lines().filter(|line| !is_fine(line)).collect();
    lines[lines.len().saturating_sub(LONGEST_EXCERPT)..].join("\n")
}

/// The sum of the harness's own announcements: "running 12 tests".
fn listed(output: &str) -> usize {
    let announced = |line: &str| line.strip_prefix("running ")?.split_once(" test")?.0.parse::<usize>().ok();
    output.lines().filter_map(announced).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: &str = "\nrunning 3 tests\ntest a::one ... ok\ntest two ... ignored, slow\ntest src/lib.rs - get (line 7) ... ok\n\n\
        test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";

    #[test]
    fn a_green_run_is_counted_with_its_skips() {
        let row = judge(GREEN, true, false);
        assert_eq!((row.listed, row.passed, row.problems.len()), (3, 2, 0));
        assert_eq!(row.skipped, [("two".to_owned(), "slow".to_owned())]);
    }

    #[test]
    fn a_failing_test_is_named() {
        let row = judge(&GREEN.replace("one ... ok", "one ... FAILED"), false, false);
        assert_eq!(row.failed, ["a::one"]);
        assert!(row.problems.is_empty());
    }

    #[test]
    fn a_binary_that_dies_between_its_tests_is_a_problem() {
        let row = judge(
            "running 2 tests\ntest one ... ok\nerror: test failed (signal: 6, SIGABRT)\n",
            false,
            false,
        );
        assert_eq!(row.problems, ["2 tests were announced and 1 have a result"]);
    }

    #[test]
    fn the_excerpt_leaves_out_what_passed() {
        assert_eq!(excerpt(GREEN), "test two ... ignored, slow");
    }

    #[test]
    fn a_build_that_fails_is_a_problem() {
        assert_eq!(judge("error: could not compile\n", false, true).problems.len(), 1);
    }

    #[test]
    fn no_test_at_all_is_a_problem_unless_a_filter_chose_none() {
        let none = "running 0 tests\n\ntest result: ok. 0 passed; 0 failed\n";
        assert_eq!(judge(none, true, false).problems, ["there was no test to run"]);
        assert!(judge(none, true, true).problems.is_empty());
    }
}
