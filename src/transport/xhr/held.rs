//! How the browser holds a response's body, where it is not a buffer.

use std::rc::Rc;

use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use super::Shared;
use crate::browser::global::{Scope, scope};
use crate::browser::listener::Listener;
use crate::error::{Error, Result};
use crate::transport::http::{Request, ResponseType};

/// A [`Companion`](super::Companion).
pub(crate) fn hold(shared: &Rc<Shared>, request: &Request, _: &mut Vec<Listener>) -> Result<()> {
    if request.options.response_type == ResponseType::Document && scope() != Scope::Window {
        let error = Error::unsupported("a document is read only in a page, not in a worker");
        return Err(error.with_url(&request.context.sent.url));
    }
    set_response_type(&shared.raw, request.options.response_type);
    Ok(())
}

pub(crate) fn set_response_type(raw: &XmlHttpRequest, response_type: ResponseType) {
    raw.set_response_type(match response_type {
        ResponseType::Bytes => XmlHttpRequestResponseType::Arraybuffer,
        ResponseType::Blob => XmlHttpRequestResponseType::Blob,
        ResponseType::Document => XmlHttpRequestResponseType::Document,
    });
}
