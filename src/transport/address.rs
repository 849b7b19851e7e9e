//! The addresses that an element may load.

use web_sys::Url;

use crate::browser::address::resolve;
use crate::browser::global::require_browser;
use crate::error::{Error, Result};

/// `address` as an absolute URL of the web: no `javascript:`, `data:` or `blob:`, in whichever disguise.
pub(super) fn web_url(address: &str) -> Result<Url> {
    require_browser()?;
    let url = resolve(address).ok_or_else(|| Error::invalid("not a URL").with_url(address))?;
    match url.protocol().as_str() {
        "http:" | "https:" => Ok(url),
        _ => Err(Error::invalid("only http and https URLs are loaded here").with_url(address)),
    }
}
