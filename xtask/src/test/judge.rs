//! Judges the output of one wasm test binary: what was listed must have run, and nothing else counts as green.

use std::collections::BTreeSet;

use super::report::Row;

/// The names in the answer of the test runner to `--list`.
pub(super) fn listed(output: &str) -> Vec<String> {
    output
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect()
}

/// Did the browser come so far as to announce its tests?
pub(super) fn has_started(output: &str) -> bool {
    output
        .lines()
        .any(|line| line.starts_with("running ") && line.contains(" test"))
}

/// Compares the run with the list.
pub(super) fn judge(listed: &[String], output: &str, success: bool) -> Row {
    let mut row = Row {
        listed: listed.len(),
        ..Row::default()
    };
    let mut seen = BTreeSet::new();
    for (name, verdict) in output.lines().filter_map(verdict) {
        if !seen.insert(name) {
            row.problems.push(format!("{name} ran twice"));
        }
        match verdict {
            Verdict::Passed => row.passed += 1,
            Verdict::Failed => row.failed.push(name.to_owned()),
            Verdict::Ignored(reason) => row.skipped.push((name.to_owned(), reason.to_owned())),
        }
    }
    compare(&mut row, listed, &seen);
    check_totals(&mut row, output);
    if !success && row.failed.is_empty() && row.problems.is_empty() {
        row.problems
            .push("the test runner failed; its last lines are above".to_owned());
    }
    row
}

fn compare(row: &mut Row, listed: &[String], seen: &BTreeSet<&str>) {
    let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    if listed.is_empty() {
        row.problems.push("there is no test in it".to_owned());
    }
    row.problems.extend(
        listed
            .difference(seen)
            .map(|name| format!("{name} was listed and did not finish")),
    );
    row.problems.extend(
        seen.difference(&listed)
            .map(|name| format!("{name} ran and was not listed")),
    );
}

/// The harness's own totals must agree with its lines.
fn check_totals(row: &mut Row, output: &str) {
    let Some(totals) = output.lines().filter_map(totals).next_back() else {
        row.problems.push("the run has no result line".to_owned());
        return;
    };
    let counted = [row.passed, row.failed.len(), row.skipped.len()];
    if totals != counted {
        row.problems.push(format!(
            "its totals {totals:?} are not what its lines say, {counted:?}"
        ));
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict<'a> {
    Passed,
    Failed,
    Ignored(&'a str),
}

/// `test NAME ... ok`, `... FAIL`, `... ignored`, `... ignored, REASON`
fn verdict(line: &str) -> Option<(&str, Verdict<'_>)> {
    let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let verdict = match verdict {
        "ok" => Verdict::Passed,
        "FAIL" => Verdict::Failed,
        "ignored" => Verdict::Ignored("no reason given"),
        other => Verdict::Ignored(other.strip_prefix("ignored, ")?),
    };
    Some((name, verdict))
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 filtered out; finished in 0.10s`
fn totals(line: &str) -> Option<[usize; 3]> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |word: &str| {
        counts
            .split("; ")
            .find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
    };
    Some([count("passed")?, count("failed")?, count("ignored")?])
}

/// The scope that the guard of the tests announced must be the one asked for, and nothing may be unclaimed.
pub(super) fn judge_guard(bodies: &[String], scope: &str) -> Vec<String> {
    let watching: Vec<&str> = bodies
        .iter()
        .filter_map(|body| body.strip_prefix("watching "))
        .map(str::trim)
        .collect();
    let mut problems = Vec::new();
    if watching.is_empty() {
        problems.push(
            "nothing watched for unclaimed errors: the tests do not import tests/shared/guard.js".to_owned(),
        );
    }
    let elsewhere = watching.iter().filter(|found| **found != scope);
    problems.extend(
        elsewhere.map(|found| format!("it ran in {found} instead of {scope}: is there a configure line?")),
    );
    problems.extend(
        bodies
            .iter()
            .filter(|body| body.starts_with("unclaimed "))
            .map(|body| body.trim().to_owned()),
    );
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: &str = "Set WASM_BINDGEN_TEST_TIMEOUT to 300 seconds...\nrunning 3 tests\ntest http::get ... ok\n\
        test http::put ... ignored, no PUT here\ntest ws ... ok\n\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 filtered out; finished in 0.10s\n";

    fn names() -> Vec<String> {
        listed("http::get: test\nhttp::put: test\nws: test\n")
    }

    #[test]
    fn a_green_run_has_no_problem_and_its_skip_a_reason() {
        let row = judge(&names(), GREEN, true);
        assert_eq!((row.listed, row.passed, &row.problems), (3, 2, &Vec::new()));
        assert_eq!(row.skipped, [("http::put".to_owned(), "no PUT here".to_owned())]);
    }

    #[test]
    fn a_failed_test_is_named() {
        let output = GREEN
            .replace("test ws ... ok", "test ws ... FAIL")
            .replace("ok. 2 passed; 0", "FAILED. 1 passed; 1");
        let row = judge(&names(), &output, false);
        assert_eq!(row.failed, ["ws"]);
        assert!(row.problems.is_empty(), "{:?}", row.problems);
    }

    #[test]
    fn a_binary_without_tests_is_a_problem() {
        let row = judge(&[], "no tests to run!\n", true);
        assert!(row.problems.contains(&"there is no test in it".to_owned()));
    }

    #[test]
    fn a_skipped_binary_is_a_problem() {
        let skipped = "this test suite is only configured to run in a browser, but we're only testing node.js tests so skipping";
        assert!(!judge(&names(), skipped, true).problems.is_empty());
    }

    #[test]
    fn a_listed_test_that_did_not_run_is_named() {
        let row = judge(&names(), &GREEN.replace("test ws ... ok\n", ""), true);
        assert!(
            row.problems
                .contains(&"ws was listed and did not finish".to_owned())
        );
    }

    #[test]
    fn a_test_nobody_listed_is_a_problem() {
        let row = judge(&names()[..2], GREEN, true);
        assert_eq!(row.problems, ["ws ran and was not listed"]);
    }

    #[test]
    fn a_run_cut_off_before_its_result_line_is_a_problem() {
        let cut = GREEN.split_once("test result").map_or("", |parts| parts.0);
        assert_eq!(
            judge(&names(), cut, true).problems,
            ["the run has no result line"]
        );
    }

    #[test]
    fn totals_that_contradict_the_lines_are_a_problem() {
        assert_eq!(
            judge(&names(), &GREEN.replace("2 passed", "3 passed"), true)
                .problems
                .len(),
            1
        );
    }

    #[test]
    fn a_runner_that_fails_after_green_lines_is_a_problem() {
        assert_eq!(judge(&names(), GREEN, false).problems.len(), 1);
    }

    #[test]
    fn a_run_that_nothing_watched_is_a_problem() {
        assert_eq!(judge_guard(&[], "page").len(), 1);
    }

    #[test]
    fn an_unclaimed_error_is_told_as_it_came() {
        let bodies = ["watching page".to_owned(), "unclaimed error boom".to_owned()];
        assert_eq!(judge_guard(&bodies, "page"), ["unclaimed error boom"]);
    }

    #[test]
    fn a_run_in_another_global_scope_is_a_problem() {
        assert_eq!(
            judge_guard(&["watching page".to_owned()], "shared worker").len(),
            1
        );
        assert!(judge_guard(&["watching page".to_owned()], "page").is_empty());
    }
}
