//! `demo`: builds the ES module and serves the page beside the server that answers it.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use pagewire_server::{Options as ServerOptions, Server};

use crate::{Workbench, build, interrupt};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The page's port; the next one is the second origin, for the cross-origin calls
    #[arg(long, default_value_t = 4600, value_parser = clap::value_parser!(u16).range(1..65535))]
    port: u16,
    /// Serve over TLS with a certificate made at start (the browser will warn), with HTTP/2
    #[arg(long)]
    tls: bool,
    /// Serve www/pkg as it is
    #[arg(long)]
    no_build: bool,
}

pub(crate) fn run(bench: &Workbench, options: &Options) -> Result<ExitCode> {
    let addresses = two_ports(options.port);
    // Before the long build, so that a taken port is told at once.
    for address in &addresses {
        is_free(*address)?;
    }
    if !options.no_build {
        build::module(bench)?;
    } else if !bench.workspace.root.join("www/pkg/pagewire.js").is_file() {
        bail!("there is no www/pkg yet; leave --no-build out");
    }
    let www = Some(bench.workspace.root.join("www"));
    bench.runtime.block_on(serve(ServerOptions { addresses, tls: options.tls, www }))
}

async fn serve(options: ServerOptions) -> Result<ExitCode> {
    let server = Server::start(options).await?;
    println!("The page is at {}/ (Ctrl-C stops it)", server.origins()[0]);
    interrupt::wait().await;
    server.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The port and the next one, on the loopback address.
pub(crate) fn two_ports(port: u16) -> Vec<SocketAddr> {
    [port, port + 1].map(|port| (Ipv4Addr::LOCALHOST, port).into()).to_vec()
}

/// Says in one line what to do when the port is taken.
pub(crate) fn is_free(address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            Err(anyhow!("port {} on {} is taken; choose another with --port", address.port(), address.ip()))
        }
        Err(error) => Err(anyhow!("port {} on {} cannot be used: {error}", address.port(), address.ip())),
    }
}
