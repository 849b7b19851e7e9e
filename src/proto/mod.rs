//! The pure layer: data in, data out. It names no browser type, reads no clock and rolls no dice: time and chance are
//! passed in.

#[allow(dead_code, reason = "for the loops that try again")]
pub(crate) mod backoff;
#[allow(dead_code, reason = "for streams of JSON")]
pub(crate) mod charset;
pub(crate) mod close;
pub(crate) mod deadline;
pub(crate) mod delay;
pub(crate) mod headers;
pub(crate) mod lines;
pub(crate) mod method;
pub(crate) mod progress;
#[allow(dead_code, reason = "for the loops that try again")]
pub(crate) mod retry_after;
pub(crate) mod url;
#[allow(dead_code, reason = "for streams of text")]
pub(crate) mod utf8;
