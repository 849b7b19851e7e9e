//! Real servers by others that the tests talk to: installed when missing, on a free port, ended with the run.

mod httpbin;
mod nchan;
mod python;
mod websockets;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::process::{Group, last_words};
use crate::{Workbench, port};

/// Every server that tests can ask for.
pub(crate) const RECIPES: &[Recipe] = &[httpbin::RECIPE, nchan::RECIPE, websockets::RECIPE];

/// How one of them is had.
pub(crate) struct Recipe {
    /// In the report, in `test-server.txt`, and as the module in `tests/web` whose tests ask for it.
    pub(crate) name: &'static str,
    /// Installs what is missing; quick where nothing is.
    install: fn(&Workbench) -> Result<()>,
    /// Serves HTTP on this port of 127.0.0.1, in the foreground and in this folder, which is its own. It writes one line
    /// to its standard output for each request that it answered.
    command: fn(&Workbench, u16, &Path) -> Command,
}

/// One of them at work. Dropping it ends it with all that it started.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) origin: String,
    answers: PathBuf,
    _server: Group,
}

/// How long one may take to listen, and then to answer for the first time.
const START_LIMIT: Duration = Duration::from_secs(30);

impl Recipe {
    /// Installs and starts it.
    pub(crate) fn start(&self, bench: &Workbench) -> Result<Peer> {
        (self.install)(bench)?;
        bench.steps.run(&format!("start {}", self.name), |step| {
            self.start_at(bench, port::free()?).or_else(|error| {
                step.say(&format!("{} DID NOT START ({error:#}); trying once more", self.name));
                self.start_at(bench, port::free()?)
            })
        })
    }

    fn start_at(&self, bench: &Workbench, port: u16) -> Result<Peer> {
        let folder = bench.workspace.target.join("peers").join(self.name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let [answers, words] = ["answers.log", "words.log"].map(|name| folder.join(name));
        let mut command = (self.command)(bench, port, &folder);
        command.current_dir(&folder).stdin(Stdio::null());
        command.stdout(fs::File::create(&answers)?).stderr(fs::File::create(&words)?);
        let mut server = Group::start(&mut command)?;
        bench
            .runtime
            .block_on(port::open(&mut server, port, START_LIMIT))
            .and_then(|()| first_answer(port))
            .with_context(|| format!("{} {}", self.name, last_words(&words)))?;
        Ok(Peer { name: self.name, origin: format!("http://127.0.0.1:{port}"), answers, _server: server })
    }
}

impl Peer {
    /// How many requests it has answered so far, by its own record.
    pub(crate) fn answered(&self) -> usize {
        fs::read_to_string(&self.answers).unwrap_or_default().lines().count()
    }
}

/// A server may listen before it can answer.
fn first_answer(port: u16) -> Result<()> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(START_LIMIT))?;
    connection.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
    let mut start = [0; 7];
    connection.read_exact(&mut start).context("it gave no answer")?;
    if start != *b"HTTP/1." {
        bail!("it does not speak HTTP");
    }
    Ok(())
}
