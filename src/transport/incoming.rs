//! A response whose body is still arriving, whichever engine brings it.

use std::future::Future;
use std::pin::Pin;

use js_sys::Uint8Array;

use super::fetch::{Cache, Fetch};
use super::http::Request;
use crate::error::Result;

/// One connection. Dropping it, or a future of it, closes it.
pub(crate) trait Incoming {
    fn status(&self) -> u16;

    /// A header's value; across origins only if the server exposes it.
    fn header(&self, name: &str) -> Option<String>;

    fn url(&self) -> &str;

    /// Waits for what comes next, and hands the connection back with it.
    fn read(self: Box<Self>) -> Reading;
}

/// The connection, once the response's headers are here. A function and not a flag says which engine it is, so that an app
/// carries only the one that it asks for.
pub(crate) type Opening = Pin<Box<dyn Future<Output = Result<Box<dyn Incoming>>>>>;

pub(crate) type Reading = Pin<Box<dyn Future<Output = Result<Step>>>>;

/// What reading came to.
pub(crate) enum Step {
    Piece(Box<dyn Incoming>, Piece),
    /// The end of the body. A null body is an empty one.
    End,
    /// The connection was closed because it has used up its budget, after all that it had shown: so many bytes.
    Full(u64),
}

/// A piece of a body.
pub(crate) enum Piece {
    /// Still in JavaScript's memory, to be copied once.
    There(Uint8Array),
    Here(Vec<u8>),
}

impl Piece {
    pub(crate) fn len(&self) -> usize {
        match self {
            Piece::There(bytes) => bytes.length() as usize,
            Piece::Here(bytes) => bytes.len(),
        }
    }

    pub(crate) fn copy_to(&self, room: &mut [u8]) {
        match self {
            Piece::There(bytes) => bytes.copy_to(room),
            Piece::Here(bytes) => room.copy_from_slice(bytes),
        }
    }

    pub(crate) fn into_vec(self) -> Vec<u8> {
        match self {
            Piece::There(bytes) => bytes.to_vec(),
            Piece::Here(bytes) => bytes,
        }
    }
}

/// A connection over `fetch`, which holds the server back and has no budget.
pub(crate) fn over_fetch(request: Request) -> Opening {
    Box::pin(async move {
        let fetch: Box<dyn Incoming> = Box::new(Fetch::start(request, Cache::Bypass).await?);
        Ok(fetch)
    })
}

impl Incoming for Fetch {
    fn status(&self) -> u16 {
        Fetch::status(self)
    }

    fn header(&self, name: &str) -> Option<String> {
        Fetch::header(self, name)
    }

    fn url(&self) -> &str {
        Fetch::url(self)
    }

    fn read(mut self: Box<Self>) -> Reading {
        Box::pin(async move {
            Ok(match self.next().await? {
                Some(piece) => Step::Piece(self, Piece::There(piece)),
                None => Step::End,
            })
        })
    }
}
