//! Runs the tools: output caught line by line, each in a process group of its own that ends with it.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::interrupt;
use crate::steps::Step;

/// How many of a failed tool's last lines are shown.
const TAIL: usize = 60;
/// No tool of ours works longer than this.
const LONGEST: Limits = Limits { whole: Duration::from_secs(40 * 60), silence: Duration::from_secs(20 * 60) };

/// How long a tool may work, and how long it may say nothing meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) whole: Duration,
    pub(crate) silence: Duration,
}

/// What a tool left behind.
#[derive(Default)]
pub(crate) struct Finished {
    pub(crate) success: bool,
    /// It went beyond its limits and was ended.
    pub(crate) overtime: bool,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Both of its outputs, in the order in which the lines came, less what only tells progress.
    pub(crate) output: String,
}

impl Finished {
    /// The last lines, for a failure's message.
    pub(crate) fn tail(&self) -> String {
        let lines: Vec<&str> = self.output.trim_end().lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }

    fn take(&mut self, source: Source, line: &str, step: &Step) {
        if source == Source::Stdout {
            self.stdout.push_str(line);
            self.stdout.push('\n');
        }
        if line.starts_with("{\"reason\":") {
            return;
        }
        step.detail(line);
        if !is_progress(line) {
            self.output.push_str(line);
            self.output.push('\n');
        }
    }
}

/// Runs a tool to its end; a tool that fails is an error: the line `what_to_do`, then its last lines.
pub(crate) fn check(command: &mut Command, step: &Step, what_to_do: &str) -> Result<Finished> {
    let finished = run(command, step, LONGEST)?;
    if finished.success {
        return Ok(finished);
    }
    let overtime = if finished.overtime { " (it took too long and was ended)" } else { "" };
    Err(anyhow!("{what_to_do}{overtime}\n\n{}", finished.tail()))
}

/// Runs a tool within its limits, whatever its exit status; on a terminal its newest line is shown.
pub(crate) fn run(command: &mut Command, step: &Step, limits: Limits) -> Result<Finished> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = Group::start(command)?;
    let lines = read_lines(&mut group.child);
    let mut finished = Finished::default();
    let latest = Instant::now() + limits.whole;
    let mut heard = Instant::now();
    let mut exited = None;
    let status = loop {
        match lines.recv_timeout(Duration::from_millis(50)) {
            Ok((source, line)) => {
                heard = Instant::now();
                finished.take(source, &line, step);
            }
            Err(RecvTimeoutError::Disconnected) => break Some(group.child.wait()?),
            // Exited, and a moment later nothing more has come: something it left running holds the pipe.
            Err(RecvTimeoutError::Timeout) if exited.is_some() => break exited,
            Err(RecvTimeoutError::Timeout) => exited = group.child.try_wait()?,
        }
        if Instant::now() > latest || heard.elapsed() > limits.silence {
            break None;
        }
    };
    if interrupt::came() {
        bail!("interrupted");
    }
    finished.overtime = status.is_none();
    finished.success = status.is_some_and(|status| status.success());
    Ok(finished)
}

/// What cargo says while it works: of no use once it has failed.
fn is_progress(line: &str) -> bool {
    let words =
        ["Compiling", "Checking", "Documenting", "Downloading", "Downloaded", "Fresh", "Locking", "Updating"];
    console::strip_ansi_codes(line).split_whitespace().next().is_some_and(|word| words.contains(&word))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Stdout,
    Stderr,
}

fn read_lines(child: &mut Child) -> mpsc::Receiver<(Source, String)> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        read_from(stdout, Source::Stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        read_from(stderr, Source::Stderr, sender);
    }
    receiver
}

fn read_from(pipe: impl Read + Send + 'static, source: Source, sender: mpsc::Sender<(Source, String)>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
            if sender.send((source, line)).is_err() {
                return;
            }
        }
    });
}

/// A process with all that it starts. Dropping it ends them all.
pub(crate) struct Group {
    pub(crate) child: Child,
}

/// The groups at work, for the signal that ends them all.
static AT_WORK: LazyLock<Mutex<Vec<u32>>> = LazyLock::new(Mutex::default);

impl Group {
    /// Starts a process in a group of its own; none any more once a signal has come.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        if interrupt::came() {
            bail!("interrupted");
        }
        lead_a_group(command);
        let child = command.spawn().map_err(|error| {
            let name = command.get_program().display();
            match error.kind() {
                ErrorKind::NotFound => anyhow!("`{name}` is not installed, or not on the PATH"),
                _ => anyhow!("`{name}` does not start: {error}"),
            }
        })?;
        AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).push(child.id());
        Ok(Self { child })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let id = self.child.id();
        end_group(id, &mut self.child);
        AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).retain(|group| *group != id);
    }
}

/// Asks every group at work to end.
pub(crate) fn end_all_groups() {
    for group in AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        ask_to_end(*group);
    }
}

#[cfg(unix)]
fn lead_a_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(unix)]
fn group_id(leader: u32) -> Option<rustix::process::Pid> {
    i32::try_from(leader).ok().and_then(rustix::process::Pid::from_raw)
}

#[cfg(unix)]
fn ask_to_end(leader: u32) {
    use rustix::process::{Signal, kill_process_group};
    if let Some(group) = group_id(leader) {
        // An error means that nobody is left in it.
        let _ = kill_process_group(group, Signal::TERM);
    }
}

/// Asks the group to end, waits a little, then insists.
#[cfg(unix)]
fn end_group(leader: u32, child: &mut Child) {
    use rustix::process::{Signal, kill_process_group, test_kill_process_group};
    let Some(group) = group_id(leader) else { return };
    ask_to_end(leader);
    let insist = Instant::now() + Duration::from_millis(500);
    loop {
        let ended = matches!(child.try_wait(), Ok(Some(_)));
        if ended && test_kill_process_group(group).is_err() {
            return;
        }
        if Instant::now() > insist {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

#[cfg(not(unix))]
fn lead_a_group(_command: &mut Command) {}

#[cfg(not(unix))]
fn ask_to_end(_leader: u32) {}

#[cfg(not(unix))]
fn end_group(_leader: u32, child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A short answer of a tool, or an error: for questions such as `--version`.
pub(crate) fn answer(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("`{name}` does not start"))?;
    if !output.status.success() {
        bail!("`{name}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The end of what a process that stays on wrote into its log.
pub(crate) fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    format!("said:\n{}\n", lines[lines.len().saturating_sub(20)..].join("\n"))
}
