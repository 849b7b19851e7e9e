//! Progress: a spinner with its time on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The steps of a command, shown as they go and remembered with their times. Some go on side by side.
pub(crate) struct Steps {
    /// On a terminal.
    bars: Option<MultiProgress>,
    done: Mutex<Vec<(String, Duration)>>,
}

/// A step at work.
pub(crate) struct Step {
    bar: Option<ProgressBar>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self { bars: stderr().is_terminal().then(MultiProgress::new), done: Mutex::default() }
    }

    /// Does `work` as the step called `name`.
    pub(crate) fn run<T>(&self, name: &str, work: impl FnOnce(&Step) -> Result<T>) -> Result<T> {
        let started = Instant::now();
        let step = Step { bar: self.bars.as_ref().map(|bars| spinner(bars, name)) };
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

    /// May tools colour their words?
    pub(crate) fn on_a_terminal(&self) -> bool {
        self.bars.is_some()
    }
}

impl Step {
    /// The newest line of the tool at work: shown beside the spinner, gone with the next.
    pub(crate) fn detail(&self, line: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(line.trim().to_owned());
        }
    }

    /// A line that stays.
    pub(crate) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("  {line}")),
            None => eprintln!("  {line}"),
        }
    }

    fn finish(&self, name: &str, time: Duration, fine: bool) {
        let seconds = time.as_secs_f64();
        let Some(bar) = &self.bar else {
            let word = if fine { "done" } else { "FAILED" };
            eprintln!("{name}: {word} after {seconds:.1} s");
            return;
        };
        let (mark, template) =
            if fine { ("✓", "{prefix:.green} {msg}") } else { ("✗", "{prefix:.red} {msg}") };
        bar.set_style(style(template));
        bar.set_prefix(mark);
        bar.finish_with_message(format!("{name} ({seconds:.1} s)"));
    }
}

fn spinner(bars: &MultiProgress, name: &str) -> ProgressBar {
    let bar = bars.add(ProgressBar::new_spinner().with_prefix(name.to_owned()));
    bar.set_style(style("{spinner:.cyan} {prefix} ({elapsed}) {wide_msg:.dim}"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
