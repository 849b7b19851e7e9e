//! A connection that a route may take over, to answer byte by byte what no HTTP implementation would.
//!
//! It is any connection of the usual listeners, and not that of a listener apart: whether a browser repeats a request by
//! itself hangs on the connection having served another before, so a raw answer must come from the same origin as the
//! rest. Until it is taken, the bytes only pass through; from then on the HTTP implementation talks to nobody.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_layer::Layer;

use crate::record::lock;
use crate::wire::{Wire, WireAcceptor, Wired};

/// One connection; clones share it. It is handed to the routes as an extension.
#[derive(Debug, Clone)]
pub(crate) struct Line(Arc<Mutex<Option<Wired>>>);

impl Line {
    /// The connection itself, for the first who asks.
    pub(crate) fn take(&self) -> Option<Wired> {
        lock(&self.0).take()
    }

    fn poll<T>(&self, poll: impl FnOnce(Pin<&mut Wired>) -> Poll<T>, once_taken: Poll<T>) -> Poll<T> {
        lock(&self.0).as_mut().map_or(once_taken, |stream| poll(Pin::new(stream)))
    }
}

/// Makes each connection that the [`WireAcceptor`] accepts a [`Line`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines;

impl<S> Accept<TcpStream, S> for Lines {
    type Stream = Line;
    type Service = AddExtension<AddExtension<S, Wire>, Line>;
    type Future = Ready<io::Result<(Line, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(WireAcceptor.accept(stream, service).into_inner().map(|(wired, service)| {
            let line = Line(Arc::new(Mutex::new(Some(wired))));
            (line.clone(), Extension(line).layer(service))
        }))
    }
}

impl AsyncRead for Line {
    /// Nothing comes once it is taken, not even the end: that would cut off the route that took it.
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_read(context, buffer), Poll::Pending)
    }
}

/// Once it is taken, whatever is written is swallowed.
impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write(context, data), Poll::Ready(Ok(data.len())))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(context), Poll::Ready(Ok(())))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(context), Poll::Ready(Ok(())))
    }
}
