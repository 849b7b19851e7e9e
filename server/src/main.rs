//! Runs the server until it is told to stop.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use pagewire_server::{Options, Server};

/// The demo and test server of pagewire.
#[derive(Parser)]
struct Cli {
    /// The port of the first origin.
    #[arg(long, default_value_t = 4600)]
    port: u16,
    /// The port of the second origin [default: the one after the first].
    #[arg(long)]
    second_port: Option<u16>,
    /// The address to listen on: loopback, unless told otherwise.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// Speak TLS, with a certificate made at start, and HTTP/2.
    #[arg(long)]
    tls: bool,
    /// The folder whose files are served at `/`.
    #[arg(long)]
    www: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let second = cli.second_port.unwrap_or_else(|| cli.port.saturating_add(1));
    let addresses = [cli.port, second]
        .map(|port| SocketAddr::new(cli.bind, port))
        .to_vec();
    match Server::start(Options {
        addresses,
        tls: cli.tls,
        www: cli.www,
    })
    .await
    {
        Ok(server) => {
            println!("{}", server.origins().join(" "));
            // Without a signal handler there is nothing to wait for but the end of the process.
            let _ = tokio::signal::ctrl_c().await;
            server.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
