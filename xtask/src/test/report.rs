//! What was run, listed, passed, failed and skipped: the table at the end and the last line.

use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail};

use crate::Workbench;
use crate::steps::Step;

/// One line of the table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// `checks`, `native`, `Node` or an engine.
    pub(crate) part: String,
    /// What was run there.
    pub(crate) scope: String,
    /// How many tests there are.
    pub(crate) listed: usize,
    pub(crate) passed: usize,
    /// The names of those that failed.
    pub(crate) failed: Vec<String>,
    /// Name and reason.
    pub(crate) skipped: Vec<(String, String)>,
    /// What a reader should know though nothing failed.
    pub(crate) notes: Vec<String>,
    /// What is wrong beyond single tests; each counts as a failure.
    pub(crate) problems: Vec<String>,
    pub(crate) time: Duration,
}

impl Row {
    /// A row of one check that passed.
    pub(crate) fn one_passed() -> Self {
        Self { listed: 1, passed: 1, ..Self::default() }
    }

    /// Does `work` as a step. Whatever failed is printed by `work` as it goes.
    pub(crate) fn measured(
        bench: &Workbench,
        part: &str,
        scope: &str,
        work: impl FnOnce(&Step) -> Result<Row>,
    ) -> Self {
        let mut row = Row::default();
        let started = Instant::now();
        // The step's own result only chooses its mark.
        let _ = bench.steps.run(&format!("{part}: {scope}"), |step| {
            row = work(step).unwrap_or_else(|error| super::failed(&error, step));
            if row.failures() > 0 { bail!("failed") } else { Ok(()) }
        });
        Row { part: part.to_owned(), scope: scope.to_owned(), time: started.elapsed(), ..row }
    }

    fn failures(&self) -> usize {
        self.failed.len() + self.problems.len()
    }

    /// A filter can leave nothing of a row.
    fn is_empty(&self) -> bool {
        self.listed == 0 && self.failures() == 0
    }

    fn name(&self) -> String {
        format!("{}: {}", self.part, self.scope)
    }
}

/// The rows of a run.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    /// Whole parts that were left out, with the reason.
    left_out: Vec<String>,
    /// What kept parts from running at all.
    troubles: Vec<String>,
}

impl Report {
    /// Does `work` as a step and adds its row.
    pub(crate) fn measure(
        &mut self,
        bench: &Workbench,
        part: &str,
        scope: &str,
        work: impl FnOnce(&Step) -> Result<Row>,
    ) {
        self.add(Row::measured(bench, part, scope, work));
    }

    /// Adds a row that was measured beside others.
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// A failure that belongs to no row.
    pub(crate) fn trouble(&mut self, error: &Error) {
        eprintln!("error: {error:#}");
        self.troubles.push(super::first_line(&format!("{error:#}")));
    }

    /// Leaves a part out, loudly.
    pub(crate) fn skip_part(&mut self, part: &str, reason: &Error) {
        eprintln!("SKIPPED: {part}: {reason:#}");
        self.left_out.push(format!("{part}: {}", super::first_line(&format!("{reason:#}"))));
    }

    /// Has nothing been run, and nothing gone wrong?
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.iter().all(Row::is_empty) && self.troubles.is_empty()
    }

    pub(crate) fn is_green(&self) -> bool {
        let (passed, failed) = self.totals();
        passed > 0 && failed == 0
    }

    fn totals(&self) -> (usize, usize) {
        let passed = self.rows.iter().map(|row| row.passed).sum();
        let failed = self.rows.iter().map(Row::failures).sum::<usize>() + self.troubles.len();
        // A run in which nothing ran has failed.
        (passed, if passed == 0 && failed == 0 { 1 } else { failed })
    }

    /// The table, then what to look at, and as the last line the totals.
    pub(crate) fn print(&self, bench: &Workbench) {
        println!();
        for line in self.table() {
            println!("{line}");
        }
        for line in self.remarks() {
            println!("{line}");
        }
        println!("{}", self.times(&bench.steps.done(), bench.steps.elapsed()));
        let (passed, failed) = self.totals();
        println!("{passed} passed, {failed} failed");
    }

    fn table(&self) -> Vec<String> {
        let head =
            ["", "scope", "listed", "run", "passed", "failed", "skipped", "seconds"].map(str::to_owned);
        let mut cells = vec![head];
        let mut part = "";
        for row in self.rows.iter().filter(|row| !row.is_empty()) {
            let shown = if row.part == part { "" } else { &row.part };
            part = &row.part;
            let numbers =
                [row.listed, row.passed + row.failed.len(), row.passed, row.failures(), row.skipped.len()];
            let [listed, run, passed, failed, skipped] = numbers.map(|number| number.to_string());
            let seconds = format!("{:.1}", row.time.as_secs_f64());
            cells.push([shown.to_owned(), row.scope.clone(), listed, run, passed, failed, skipped, seconds]);
        }
        aligned(&cells)
    }

    fn remarks(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut section = |title: &str, items: Vec<String>| {
            if !items.is_empty() {
                lines.extend([String::new(), title.to_owned()]);
                lines.extend(items.iter().map(|item| format!("  {item}")));
            }
        };
        let skipped = self.rows.iter().flat_map(|row| {
            row.skipped.iter().map(|(name, reason)| format!("{}: {name}: {reason}", row.name()))
        });
        section("skipped tests, each with its reason:", skipped.collect());
        let notes =
            self.rows.iter().flat_map(|row| row.notes.iter().map(|note| format!("{}: {note}", row.name())));
        section("to know:", notes.collect());
        section("NOT RUN, since it could not be had (an error with --all-engines):", self.left_out.clone());
        let failures = self.rows.iter().flat_map(|row| {
            row.failed.iter().chain(&row.problems).map(|what| format!("{}: {what}", row.name()))
        });
        section("failed:", failures.chain(self.troubles.iter().cloned()).collect());
        lines.push(String::new());
        lines
    }

    /// The time of what has no row: setting up and building.
    fn times(&self, steps: &[(String, Duration)], whole: Duration) -> String {
        let names: Vec<String> = self.rows.iter().map(Row::name).collect();
        let mut parts: Vec<String> = steps
            .iter()
            .filter(|(name, _)| !names.contains(name))
            .map(|(name, time)| format!("{name} {:.1} s", time.as_secs_f64()))
            .collect();
        parts.push(format!("the whole {:.1} s", whole.as_secs_f64()));
        format!("beside the table: {}", parts.join(", "))
    }
}

/// Columns: the first two to the left, numbers to the right.
fn aligned(cells: &[[String; 8]]) -> Vec<String> {
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..8).map(width).collect();
    let line = |row: &[String; 8]| {
        let words = row.iter().zip(&widths).enumerate().map(|(column, (word, width))| {
            if column < 2 { format!("{word:<width$}") } else { format!("{word:>width$}") }
        });
        words.collect::<Vec<_>>().join("  ")
    };
    cells.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rows: Vec<Row>) -> Report {
        Report { rows, ..Report::default() }
    }

    #[test]
    fn a_run_without_a_test_is_red() {
        assert_eq!(report(Vec::new()).totals(), (0, 1));
        assert!(!report(Vec::new()).is_green());
    }

    #[test]
    fn a_problem_counts_as_a_failure_beside_the_tests_that_passed() {
        let row = Row { passed: 3, problems: vec!["an unclaimed error".to_owned()], ..Row::one_passed() };
        assert_eq!(report(vec![row]).totals(), (3, 1));
    }

    #[test]
    fn a_trouble_outside_of_every_row_is_red() {
        let mut report = report(vec![Row::one_passed()]);
        report.troubles.push("does not compile".to_owned());
        assert_eq!(report.totals(), (1, 1));
        assert!(!report.is_green());
    }

    #[test]
    fn a_skipped_test_is_shown_with_its_reason() {
        let skipped = vec![("upload".to_owned(), "no XMLHttpRequest here".to_owned())];
        let row = Row { part: "Firefox".to_owned(), scope: "page".to_owned(), skipped, ..Row::one_passed() };
        assert!(
            report(vec![row])
                .remarks()
                .contains(&"  Firefox: page: upload: no XMLHttpRequest here".to_owned())
        );
    }

    #[test]
    fn a_note_is_shown_with_its_row() {
        let notes = vec!["started only at attempt 2".to_owned()];
        let row = Row { part: "WebKit".to_owned(), scope: "page".to_owned(), notes, ..Row::one_passed() };
        assert!(
            report(vec![row]).remarks().contains(&"  WebKit: page: started only at attempt 2".to_owned())
        );
    }

    #[test]
    fn columns_line_up() {
        let lines = report(vec![Row { scope: "a long scope".to_owned(), ..Row::one_passed() }]).table();
        assert_eq!(lines[0].chars().count(), lines[1].chars().count());
    }
}
