//! A URL of its own for each request, where an answer could come from a cache.

use super::http::Request;
use crate::browser::clock;

/// Adds the parameter that never repeats to a request that a cache may answer.
pub(crate) fn made_unique(request: Request, name: Option<&str>) -> Request {
    match name.filter(|_| request.method().is_safe()) {
        Some(name) => {
            let moment = clock::now().as_millis() as u64;
            let chance = (clock::random() * 1e6) as u64;
            request.query(name, moment * 1_000_000 + chance)
        }
        None => request,
    }
}
