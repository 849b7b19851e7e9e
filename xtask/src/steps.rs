//! Progress: a spinner with its time on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use console::style;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The steps of a command, shown as they go and remembered with their times. Some go on side by side.
pub(crate) struct Steps {
    /// On a terminal.
    bars: Option<MultiProgress>,
    done: Mutex<Vec<(String, Duration)>>,
    began: Instant,
}

/// A step at work.
pub(crate) struct Step {
    bar: Option<Bar>,
}

/// The line of a step, among those of the others.
struct Bar {
    all: MultiProgress,
    bar: ProgressBar,
}

impl Steps {
    pub(crate) fn new() -> Self {
        let bars = stderr().is_terminal().then(MultiProgress::new);
        Self { bars, done: Mutex::default(), began: Instant::now() }
    }

    /// Does `work` as the step called `name`.
    pub(crate) fn run<T>(&self, name: &str, work: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let step = Step { bar: self.bars.as_ref().map(|bars| Bar::new(bars, name)) };
        if step.bar.is_none() {
            eprintln!("{name} ...");
        }
        let result = work(&step);
        let time = started.elapsed();
        step.finish(name, time, result.is_ok());
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push((name.to_owned(), time));
        result
    }

    /// The finished steps and their times.
    pub(crate) fn done(&self) -> Vec<(String, Duration)> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The time since the command began; of steps side by side it is less than their sum.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// May tools colour their words?
    pub(crate) fn on_a_terminal(&self) -> bool {
        self.bars.is_some()
    }
}

impl Step {
    /// The newest line of the tool at work: shown beside the spinner, gone with the next.
    pub(crate) fn detail(&self, line: &str) {
        if let Some(Bar { bar, .. }) = &self.bar {
            bar.set_message(line.trim().to_owned());
        }
    }

    /// A line that stays.
    pub(crate) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.all.suspend(|| eprintln!("  {line}")),
            None => eprintln!("  {line}"),
        }
    }

    fn finish(&self, name: &str, time: Duration, fine: bool) {
        let seconds = time.as_secs_f64();
        let Some(Bar { all, bar }) = &self.bar else {
            let word = if fine { "done" } else { "FAILED" };
            eprintln!("{name}: {word} after {seconds:.1} s");
            return;
        };
        let mark = if fine { style("✓").green() } else { style("✗").red() };
        // A line that is printed and no bar that has ended: those are wiped with the lines between them.
        bar.finish_and_clear();
        all.remove(bar);
        all.suspend(|| eprintln!("{} {name} ({seconds:.1} s)", mark.for_stderr()));
    }
}

impl Bar {
    fn new(all: &MultiProgress, name: &str) -> Self {
        let bar = all.add(ProgressBar::new_spinner().with_prefix(name.to_owned()));
        let look = ProgressStyle::with_template("{spinner:.cyan} {prefix} ({elapsed}) {wide_msg:.dim}");
        bar.set_style(look.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { all: all.clone(), bar }
    }
}
