//! The pure layer: data in, data out. It names no browser type, reads no clock and rolls no dice: time and chance are
//! passed in.

pub(crate) mod address;
pub(crate) mod backoff;
pub(crate) mod base64;
#[allow(dead_code, reason = "for answers that may be JSON")]
pub(crate) mod charset;
pub(crate) mod close;
pub(crate) mod cors;
pub(crate) mod deadline;
pub(crate) mod decimal;
pub(crate) mod delay;
pub(crate) mod frames;
pub(crate) mod headers;
pub(crate) mod heartbeat;
pub(crate) mod hex;
pub(crate) mod json;
pub(crate) mod jsonp;
pub(crate) mod lines;
pub(crate) mod method;
pub(crate) mod mime;
pub(crate) mod pending;
pub(crate) mod progress;
pub(crate) mod reconnect;
pub(crate) mod referrer;
pub(crate) mod refusal;
pub(crate) mod retry_after;
pub(crate) mod sse;
pub(crate) mod url;
pub(crate) mod user_defined;
pub(crate) mod utf8;
