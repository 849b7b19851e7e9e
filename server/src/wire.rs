//! The connection under a request, where a route wants more of it than HTTP gives: to hold its bytes back, or to cut it.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready as ready_or_return};

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_layer::Layer;

/// Accepts a connection, sends without delay so that each line of a stream is a packet at once, and hands its [`Wire`]
/// to the routes as a request extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WireAcceptor;

/// What a route can do to the connection that its request came by; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Arc<Wishes>);

#[derive(Debug, Default)]
struct Wishes {
    held: AtomicBool,
    reset: AtomicBool,
}

/// A connection that obeys its [`Wire`].
#[derive(Debug)]
pub(crate) struct Wired {
    stream: TcpStream,
    wire: Wire,
    held: Vec<u8>,
}

impl Wire {
    /// Keeps what is written from now on.
    pub(crate) fn hold(&self) {
        self.0.held.store(true, Ordering::Relaxed);
    }

    /// Lets all of it go in one piece, with the next that is written.
    pub(crate) fn release(&self) {
        self.0.held.store(false, Ordering::Relaxed);
    }

    /// When the connection is dropped, its peer sees a reset (RST) in place of an end (FIN).
    pub(crate) fn reset(&self) {
        self.0.reset.store(true, Ordering::Relaxed);
    }
}

impl<S> Accept<TcpStream, S> for WireAcceptor {
    type Stream = Wired;
    type Service = AddExtension<S, Wire>;
    type Future = Ready<io::Result<(Wired, AddExtension<S, Wire>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let wire = Wire::default();
        let service = Extension(wire.clone()).layer(service);
        ready(stream.set_nodelay(true).map(|()| (Wired { stream, wire, held: Vec::new() }, service)))
    }
}

impl Wired {
    /// The same as that of its [`Wire`], for who has the connection itself.
    pub(crate) fn reset(&self) {
        self.wire.reset();
    }

    fn poll_send_held(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.held.is_empty() {
            let sent = ready_or_return!(Pin::new(&mut self.stream).poll_write(context, &self.held))?;
            self.held.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }

    fn is_held(&self) -> bool {
        self.wire.0.held.load(Ordering::Relaxed)
    }
}

impl AsyncRead for Wired {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wired {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.held.is_empty() && !self.is_held() {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        self.held.extend_from_slice(bytes);
        if !self.is_held() {
            // Taken already, whether or not the connection takes all of it now.
            if let Poll::Ready(Err(error)) = self.poll_send_held(context) {
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_held() {
            ready_or_return!(self.poll_send_held(context))?;
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready_or_return!(self.poll_send_held(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Wired {
    fn drop(&mut self) {
        if self.wire.0.reset.load(Ordering::Relaxed) {
            // Fails only on a connection that is gone already.
            let _ = self.stream.set_zero_linger();
        }
    }
}
