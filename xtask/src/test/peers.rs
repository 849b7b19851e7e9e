//! The real servers that the browser tests ask for: started for the run, announced to the tests, counted in the report.

use super::report::{Report, Row};
use super::suite::{Suite, tests_of};
use crate::peers::{Peer, RECIPES};
use crate::{Workbench, interrupt};

/// Those that are there.
pub(super) struct Peers(Vec<Peer>);

impl Peers {
    /// Starts every one that a test of the suite asks for. One that cannot be had is left out, or where all `must` be
    /// there, is an error.
    pub(super) fn start(bench: &Workbench, suite: &Suite, must: bool, report: &mut Report) -> Self {
        let mut peers = Vec::new();
        for recipe in RECIPES.iter().filter(|recipe| suite.has_module(recipe.name)) {
            match recipe.start(bench) {
                Ok(peer) => peers.push(peer),
                Err(_) if interrupt::came() => break,
                Err(error) if must => {
                    report.trouble(&error.context(format!("{} cannot be had", recipe.name)))
                }
                Err(error) => report.skip_part(recipe.name, &error),
            }
        }
        Self(peers)
    }

    /// What the tests read of them, after the test server's own lines: `NAME=ORIGIN`, a line each.
    pub(super) fn announcement(&self) -> String {
        self.0.iter().map(|peer| format!("{}={}\n", peer.name, peer.origin)).collect()
    }

    /// How many requests each has answered so far.
    pub(super) fn answered(&self) -> Vec<usize> {
        self.0.iter().map(Peer::answered).collect()
    }

    /// Notes in a row how many of its tests had a real server to talk to, and what that server saw since `before`.
    pub(super) fn account(&self, before: &[usize], tests: &[String], row: &mut Row) {
        for (peer, before) in self.0.iter().zip(before) {
            note(row, peer.name, tests, peer.answered().saturating_sub(*before));
        }
    }
}

fn note(row: &mut Row, peer: &str, tests: &[String], answered: usize) {
    let all = tests_of(peer, tests);
    let skipped: Vec<String> = row.skipped.iter().map(|(name, _)| name.clone()).collect();
    let skipped = tests_of(peer, &skipped);
    if skipped > 0 {
        row.problems.push(format!("{skipped} tests for {peer} were skipped though it is there"));
    } else if all > 0 && answered == 0 {
        row.problems.push(format!("{all} tests are for {peer}, and it was asked nothing"));
    } else if all > 0 {
        row.notes.push(format!("{all} tests ran against {peer}, which answered {answered} requests"));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn noted(skipped: &[&str], answered: usize) -> Row {
        let skipped = skipped.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        let mut row = Row { skipped, ..Row::default() };
        let tests =
            ["httpbin::cookies", "httpbin::status", "httpbins::other", "http::get"].map(str::to_owned);
        note(&mut row, "httpbin", &tests, answered);
        row
    }

    #[test]
    fn tests_against_a_real_server_are_counted() {
        let row = noted(&["http::get"], 7);
        assert_eq!(row.notes, ["2 tests ran against httpbin, which answered 7 requests"]);
        assert!(row.problems.is_empty());
    }

    #[test]
    fn a_real_server_that_was_asked_nothing_is_a_problem() {
        assert_eq!(noted(&[], 0).problems.len(), 1);
    }

    #[test]
    fn a_test_that_did_not_find_the_server_that_is_there_is_a_problem() {
        assert_eq!(noted(&["httpbin::status"], 7).problems.len(), 1);
    }

    #[test]
    fn every_real_server_has_tests_of_its_name() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/web");
        for recipe in RECIPES {
            assert!(tests.join(format!("{}.rs", recipe.name)).is_file(), "{}", recipe.name);
        }
    }
}
