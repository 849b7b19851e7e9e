//! Listening, and stopping.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::Extension;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::journal::Journal;
use crate::line::Lines;
use crate::routes::{State, app};
use crate::tls::Identity;
use crate::wire::WireAcceptor;
use crate::witness::Port;

/// How long open connections get to finish when the server stops.
const GRACE: Duration = Duration::from_millis(300);

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// Bytes that a connection takes before a route reads them. With the megabytes that a system grants by itself, a
/// client would believe most uploads sent at once, however slowly they are read.
const RECEIVE_BUFFER: u32 = 64 * 1024;

/// What to listen on, and what to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// The addresses of the origins, usually two; port 0 takes a free one.
    pub addresses: Vec<SocketAddr>,
    /// Speak TLS, with a certificate made at start for localhost, 127.0.0.1 and `::1`, and HTTP/2.
    pub tls: bool,
    /// The folder whose files are served at `/`.
    pub www: Option<PathBuf>,
}

impl Default for Options {
    /// Two free ports of 127.0.0.1, without TLS, without files.
    fn default() -> Self {
        Options { addresses: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); 2], tls: false, www: None }
    }
}

/// A running server. Dropping it cuts its connections.
#[derive(Debug)]
pub struct Server {
    state: State,
    certificate: Option<Vec<u8>>,
    handles: Vec<Handle<SocketAddr>>,
    listening: JoinSet<io::Result<()>>,
}

/// Why the server could not start. It is displayed as one line.
#[derive(Debug)]
pub struct StartError {
    attempt: Attempt,
    source: io::Error,
}

#[derive(Debug)]
enum Attempt {
    Listen(SocketAddr),
    MakeCertificate,
}

impl Server {
    /// Starts to listen on all addresses. To be called within a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] if an address cannot be had or the certificate cannot be made; nothing listens then.
    pub async fn start(options: Options) -> Result<Server, StartError> {
        let identity = options.tls.then(Identity::new).transpose();
        let identity = identity.map_err(|source| Attempt::MakeCertificate.failed(source))?;
        let (certificate, tls) = identity.map(|identity| (identity.certificate, identity.config)).unzip();
        let bound: Vec<(TcpListener, SocketAddr)> =
            options.addresses.into_iter().map(listen).collect::<Result<_, _>>()?;
        let scheme = if options.tls { "https" } else { "http" };
        let origins = bound.iter().map(|(_, address)| format!("{scheme}://{address}"));
        let mut server = Server {
            state: State::new(origins.collect(), options.www),
            certificate,
            handles: Vec::new(),
            listening: JoinSet::new(),
        };
        for (listener, address) in bound {
            let handle = Handle::new();
            server.handles.push(handle.clone());
            let state = server.state.clone();
            server.listening.spawn(serve(listener, address.port(), tls.clone(), handle, state));
        }
        Ok(server)
    }

    /// The origins, in the order of the addresses, such as `http://127.0.0.1:4600`.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.state.origins
    }

    /// What arrived.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.state.journal()
    }

    /// The certificate, if the server speaks TLS: it is its own issuer. DER, for a client that is to trust it.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Stops to listen, gives open answers and WebSockets less than half a second to finish, and cuts what is left.
    pub async fn stop(mut self) {
        self.state.sockets.stop();
        for handle in &self.handles {
            handle.graceful_shutdown(Some(GRACE));
        }
        while self.listening.join_next().await.is_some() {}
        // Those left over are cut by their own, shorter patience.
        let _ = timeout(GRACE, self.state.sockets.stopped()).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.sockets.stop();
        for handle in &self.handles {
            handle.shutdown();
        }
    }
}

/// Takes the address, and says which it became.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bind = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // Elsewhere than on Unix this would let two servers share a port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        // Accepted connections inherit it.
        socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bind().map_err(|source| Attempt::Listen(address).failed(source))
}

async fn serve(
    listener: TcpListener,
    port: u16,
    tls: Option<RustlsConfig>,
    handle: Handle<SocketAddr>,
    state: State,
) -> io::Result<()> {
    let app = app(state).layer(Extension(Port(port)));
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::Server::from_listener(listener).handle(handle);
    match tls {
        // Nothing is raw under TLS.
        Some(config) => {
            let accept = RustlsAcceptor::new(config).acceptor(WireAcceptor);
            server.acceptor(accept).serve(service).await
        }
        None => server.acceptor(Lines).serve(service).await,
    }
}

impl Attempt {
    fn failed(self, source: io::Error) -> StartError {
        StartError { attempt: self, source }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.source;
        match self.attempt {
            Attempt::Listen(address) if source.kind() == io::ErrorKind::AddrInUse => {
                let (ip, port) = (address.ip(), address.port());
                write!(f, "port {port} on {ip} is taken by another program; choose another with --port")
            }
            Attempt::Listen(address) => write!(f, "cannot listen on {address}: {source}"),
            Attempt::MakeCertificate => write!(f, "cannot make a certificate: {source}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
