//! A connection that a route may take over, to answer byte by byte what no HTTP implementation would.
//!
//! It is any connection of the usual listeners, and not that of a listener apart: whether a browser repeats a request by
//! itself hangs on the connection having served another before, so a raw answer must come from the same origin as the
//! rest. Until it is taken, the bytes only pass through; from then on the HTTP implementation talks to nobody.

use std::future::{Ready, ready};
use std::io::{self, IoSlice};
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

/// One connection; clones share it. It is handed to the routes as an extension.
#[derive(Debug, Clone)]
pub(crate) struct Line(Arc<Mutex<Option<TcpStream>>>);

impl Line {
    /// The connection itself, for the first who asks.
    pub(crate) fn take(&self) -> Option<TcpStream> {
        lock(&self.0).take()
    }

    fn poll<T>(&self, poll: impl FnOnce(Pin<&mut TcpStream>) -> Poll<T>, once_taken: Poll<T>) -> Poll<T> {
        lock(&self.0).as_mut().map_or(once_taken, |stream| poll(Pin::new(stream)))
    }
}

/// Makes each accepted connection a [`Line`], without delay, so that each line of a stream is a packet at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines;

impl<S> Accept<TcpStream, S> for Lines {
    type Stream = Line;
    type Service = AddExtension<S, Line>;
    type Future = Ready<io::Result<(Line, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(stream.set_nodelay(true).map(|()| {
            let line = Line(Arc::new(Mutex::new(Some(stream))));
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

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = pieces.iter().map(|piece| piece.len()).sum();
        self.poll(|stream| stream.poll_write_vectored(context, pieces), Poll::Ready(Ok(length)))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(context), Poll::Ready(Ok(())))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(context), Poll::Ready(Ok(())))
    }
}
