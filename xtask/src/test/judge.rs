//! Judges the output of one wasm test binary: what was listed must have run, and nothing else counts as green.

use std::collections::BTreeSet;

use super::first_line;
use super::report::Row;

/// Lines of a run that are shown when it was not green.
const LONGEST_EXCERPT: usize = 200;
/// What the harness says on the console before the name of the test that it begins.
const INVOKING: &str = "Invoking test: ";

/// The names in the answer of the test runner to `--list`.
pub(super) fn listed(output: &str) -> Vec<String> {
    output.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// Did the browser come so far as to announce its tests?
pub(super) fn has_started(output: &str) -> bool {
    output.lines().any(|line| line.starts_with("running ") && line.contains(" test"))
}

/// The test that was begun last.
pub(super) fn last_invoked(output: &str) -> Option<&str> {
    output.lines().rev().find(|line| line.starts_with(INVOKING))
}

/// Compares the run with the list.
pub(super) fn judge(listed: &[String], output: &str, success: bool) -> Row {
    let mut row = Row { listed: listed.len(), ..Row::default() };
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
    take_out_skips(&mut row, output);
    if !success && row.failed.is_empty() && row.problems.is_empty() {
        row.problems.push("the test runner failed; its last lines are above".to_owned());
    }
    row
}

fn compare(row: &mut Row, listed: &[String], seen: &BTreeSet<&str>) {
    let listed: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    if listed.is_empty() {
        row.problems.push("there is no test in it".to_owned());
    }
    row.problems.extend(listed.difference(seen).map(|name| format!("{name} was listed and did not finish")));
    row.problems.extend(seen.difference(&listed).map(|name| format!("{name} ran and was not listed")));
}

/// The harness's own totals must agree with its lines.
fn check_totals(row: &mut Row, output: &str) {
    let Some(totals) = output.lines().filter_map(totals).next_back() else {
        row.problems.push("the run has no result line".to_owned());
        return;
    };
    let counted = [row.passed, row.failed.len(), row.skipped.len()];
    if totals != counted {
        row.problems.push(format!("its totals {totals:?} are not what its lines say, {counted:?}"));
    }
}

/// A test that finds only while it runs that it cannot do its work ends at once, which the harness takes for a success.
/// It says so on the console, `SKIPPED: REASON`, where the harness names each test that it begins.
fn take_out_skips(row: &mut Row, output: &str) {
    let mut begun = "";
    for line in output.lines() {
        begun = line.strip_prefix(INVOKING).unwrap_or(begun);
        let Some(reason) = line.strip_prefix("SKIPPED: ") else { continue };
        if row.skipped.iter().all(|(name, _)| name != begun) {
            row.passed = row.passed.saturating_sub(1);
            row.skipped.push((begun.to_owned(), reason.to_owned()));
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict<'a> {
    Passed,
    Failed,
    Ignored(&'a str),
}

/// `test NAME ... ok`, `... FAIL`, `... ignored`, `... ignored, REASON`; the runner's page ends an error of a worker
/// without a line break, so that it can stand at the end of such a line.
fn verdict(line: &str) -> Option<(&str, Verdict<'_>)> {
    line.match_indices("test ").find_map(|(start, _)| {
        let (name, verdict) = line[start..].strip_prefix("test ")?.split_once(" ... ")?;
        let verdict = match verdict {
            "ok" => Verdict::Passed,
            "FAIL" => Verdict::Failed,
            "ignored" => Verdict::Ignored("no reason given"),
            other => Verdict::Ignored(other.strip_prefix("ignored, ")?),
        };
        (!name.contains(' ')).then_some((name, verdict))
    })
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 filtered out; finished in 0.10s`
fn totals(line: &str) -> Option<[usize; 3]> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |word: &str| counts.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
    Some([count("passed")?, count("failed")?, count("ignored")?])
}

/// The guard that the tests import tells the server `watching GLOBAL` at its start and `unclaimed KIND MESSAGE` for
/// each error that nobody handled; the latter it also prints, in case the browser is gone before the request is.
pub(super) fn judge_guard(told: &[String], global: &str, output: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let watching: Vec<&str> = told.iter().filter_map(|line| line.strip_prefix("watching ")).collect();
    if watching.is_empty() {
        problems.push(
            "nothing watched for unclaimed errors: the tests do not import tests/shared/guard.js".to_owned(),
        );
    }
    let elsewhere = watching.iter().filter(|found| **found != global);
    problems.extend(
        elsewhere.map(|found| format!("it ran in a {found}, not in a {global}; has it a configure line?")),
    );
    let printed =
        output.lines().filter(|line| line.starts_with("unclaimed ")).map(|line| line.replacen(": ", " ", 1));
    let unclaimed = told.iter().filter(|line| line.starts_with("unclaimed ")).cloned().chain(printed);
    for line in unclaimed {
        let line = first_line(&line);
        if !problems.contains(&line) {
            problems.push(line);
        }
    }
    problems
}

/// What a person needs of a run that was not green: the harness's section of failures if there is one, else
/// all that was printed, less the stack frames inside the module.
pub(super) fn excerpt(output: &str) -> String {
    let run = output.find("running ").map_or(output, |start| &output[start..]);
    let failures = run.find("\nfailures:").map_or(run, |start| &run[start..]);
    let end = failures.find("\nfailures:\n\n    ").unwrap_or(failures.len());
    let is_frame = |line: &&str| line.contains("wasm-function[") || line.contains("/wasm-bindgen-test");
    let lines: Vec<&str> =
        failures[..end].lines().filter(|line| !is_frame(line) && !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LONGEST_EXCERPT)..].join("\n")
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
    fn a_result_behind_a_workers_error_is_seen() {
        let output = GREEN.replace("test ws", "Worker error: a test ... failedtest ws");
        assert_eq!(judge(&names(), &output, true).problems, [""; 0]);
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
    fn a_test_that_skips_itself_has_not_passed() {
        let said = "Invoking test: http::get\nSKIPPED: no httpbin here\ntest http::get ... ok";
        let row = judge(&names(), &GREEN.replace("test http::get ... ok", said), true);
        assert_eq!((row.passed, row.problems.len()), (1, 0));
        assert!(row.skipped.contains(&("http::get".to_owned(), "no httpbin here".to_owned())));
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
        assert!(row.problems.contains(&"ws was listed and did not finish".to_owned()));
    }

    #[test]
    fn a_test_nobody_listed_is_a_problem() {
        let row = judge(&names()[..2], GREEN, true);
        assert_eq!(row.problems, ["ws ran and was not listed"]);
    }

    #[test]
    fn a_run_cut_off_before_its_result_line_is_a_problem() {
        let cut = GREEN.split_once("test result").map_or("", |parts| parts.0);
        assert_eq!(judge(&names(), cut, true).problems, ["the run has no result line"]);
    }

    #[test]
    fn totals_that_contradict_the_lines_are_a_problem() {
        assert_eq!(judge(&names(), &GREEN.replace("2 passed", "3 passed"), true).problems.len(), 1);
    }

    #[test]
    fn a_runner_that_fails_after_green_lines_is_a_problem() {
        assert_eq!(judge(&names(), GREEN, false).problems.len(), 1);
    }

    const WATCHING: &str = "watching Window";

    #[test]
    fn a_run_that_nothing_watched_is_a_problem() {
        assert_eq!(judge_guard(&[], "Window", GREEN).len(), 1);
        assert!(judge_guard(&[WATCHING.to_owned()], "Window", GREEN).is_empty());
    }

    #[test]
    fn an_unclaimed_error_is_a_problem_once_however_it_was_told() {
        let told = [WATCHING.to_owned(), "unclaimed error boom".to_owned()];
        assert_eq!(judge_guard(&told, "Window", GREEN), ["unclaimed error boom"]);
        let printed = format!("unclaimed error: boom\n{GREEN}");
        assert_eq!(judge_guard(&told[..1], "Window", &printed), ["unclaimed error boom"]);
        assert_eq!(judge_guard(&told, "Window", &printed), ["unclaimed error boom"]);
    }

    #[test]
    fn a_run_in_another_global_scope_is_a_problem() {
        assert_eq!(judge_guard(&[WATCHING.to_owned()], "SharedWorkerGlobalScope", GREEN).len(), 1);
    }

    #[test]
    fn the_excerpt_of_a_failed_run_is_its_failures_without_frames_of_the_module() {
        let output = "running 1 test\ntest a ... FAIL\n\nfailures:\n\n---- a output ----\n  left: 1\n  at x.wasm:wasm-function[7]\n\nfailures:\n\n    a\n";
        assert_eq!(excerpt(output), "failures:\n---- a output ----\n  left: 1");
    }

    #[test]
    fn the_excerpt_of_a_run_without_failures_is_the_run() {
        assert_eq!(excerpt("Loading\nrunning 1 test\nboom\n"), "running 1 test\nboom");
    }
}
