//! Runs the server until it is told to stop.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use pagewire_server::{Options, Server};

/// The demo and test server of pagewire.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The port of the first origin; 0 takes a free one.
    #[arg(long, default_value_t = 4600)]
    port: u16,
    /// The port of the second origin [default: the one after the first].
    #[arg(long)]
    second_port: Option<u16>,
    /// The address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Speak TLS, with a certificate made at start, and HTTP/2.
    #[arg(long)]
    tls: bool,
    /// The folder whose files are served at `/`.
    #[arg(long)]
    www: Option<PathBuf>,
}

impl Cli {
    fn options(self) -> Options {
        let next = match self.port {
            0 | u16::MAX => 0,
            port => port + 1,
        };
        let ports = [self.port, self.second_port.unwrap_or(next)];
        Options {
            addresses: ports.map(|port| SocketAddr::new(self.bind, port)).to_vec(),
            tls: self.tls,
            www: self.www,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().options()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let server = Server::start(options).await?;
    let asked_to_stop = asked_to_stop()?;
    println!("{}", server.origins().join(" "));
    asked_to_stop.await;
    server.stop().await;
    Ok(())
}

/// From now on Ctrl-C and, on Unix, SIGTERM do not end the process: they complete the future.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// From now on Ctrl-C does not end the process: it completes the future.
#[cfg(windows)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
