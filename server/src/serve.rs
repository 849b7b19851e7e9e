//! Listening on two ports, and stopping.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum_server::Handle;
use tokio::task::JoinSet;

use crate::journal::Journal;
use crate::routes::{State, app};
use crate::tls;

/// How long open connections get to finish when the server stops.
const GRACE: Duration = Duration::from_millis(300);

/// What to listen on and serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// The addresses of the two origins; port 0 takes a free one.
    pub addresses: Vec<SocketAddr>,
    /// Speak TLS with a certificate made at start, and HTTP/2.
    pub tls: bool,
    /// The folder whose files are served at `/`.
    pub www: Option<PathBuf>,
}

impl Default for Options {
    /// Two free ports of 127.0.0.1, without TLS and files.
    fn default() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Options {
            addresses: vec![address, address],
            tls: false,
            www: None,
        }
    }
}

/// A running server. Dropping it stops it at once.
#[derive(Debug)]
pub struct Server {
    origins: Vec<String>,
    journal: Journal,
    handles: Vec<Handle<SocketAddr>>,
    tasks: JoinSet<()>,
}

/// Why the server could not start, in one line.
#[derive(Debug)]
pub struct StartError {
    address: Option<SocketAddr>,
    source: io::Error,
}

impl Server {
    /// Starts listening.
    ///
    /// # Errors
    /// [`StartError`] when an address cannot be had, or the certificate cannot be made.
    pub async fn start(options: Options) -> Result<Server, StartError> {
        let listeners: Vec<TcpListener> = options.addresses.iter().map(listen).collect::<Result<_, _>>()?;
        let tls = if options.tls {
            Some(tls::config().map_err(StartError::from)?)
        } else {
            None
        };
        let scheme = if options.tls { "https" } else { "http" };
        let mut origins = Vec::new();
        for listener in &listeners {
            origins.push(format!(
                "{scheme}://{}",
                listener.local_addr().map_err(StartError::from)?
            ));
        }
        let first = origins.first().cloned().unwrap_or_default();
        let second = origins.get(1).unwrap_or(&first).clone();
        let state = State::new([first, second], options.www);
        let mut server = Server {
            origins,
            journal: state.journal(),
            handles: Vec::new(),
            tasks: JoinSet::new(),
        };
        for listener in listeners {
            let handle = Handle::new();
            server.handles.push(handle.clone());
            let service = app(state.clone()).into_make_service();
            let tls = tls.clone();
            server.tasks.spawn(async move {
                // Ends when it is told to; an error of one connection is that connection's.
                let _ = match tls {
                    Some(tls) => match axum_server::from_tcp_rustls(listener, tls) {
                        Ok(server) => server.handle(handle).serve(service).await,
                        Err(error) => Err(error),
                    },
                    None => match axum_server::from_tcp(listener) {
                        Ok(server) => server.handle(handle).serve(service).await,
                        Err(error) => Err(error),
                    },
                };
            });
        }
        Ok(server)
    }

    /// The origins, in the order of the addresses.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// What arrived.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.journal.clone()
    }

    /// Stops: open connections get a moment to finish and are closed then.
    pub async fn stop(mut self) {
        for handle in &self.handles {
            handle.graceful_shutdown(Some(GRACE));
        }
        while self.tasks.join_next().await.is_some() {}
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for handle in &self.handles {
            handle.shutdown();
        }
    }
}

fn listen(address: &SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|source| StartError {
        address: Some(*address),
        source,
    })
}

impl From<io::Error> for StartError {
    fn from(source: io::Error) -> Self {
        StartError {
            address: None,
            source,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) if self.source.kind() == io::ErrorKind::AddrInUse => {
                write!(
                    f,
                    "port {} on {} is taken: choose another with --port",
                    address.port(),
                    address.ip()
                )
            }
            Some(address) => write!(f, "cannot listen on {address}: {}", self.source),
            None => write!(f, "the server cannot start: {}", self.source),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
