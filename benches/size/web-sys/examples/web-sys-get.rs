//! A GET by hand: its status, its text, or what is known of the failure.

use std::fmt;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{XmlHttpRequest, console};

enum Error {
    Refused,
    Network,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Refused => "refused",
            Error::Network => "no response",
        })
    }
}

#[wasm_bindgen]
pub async fn run(url: String) {
    match get(&url).await {
        Ok((status, text)) => {
            console::log_1(&status.into());
            console::log_1(&text.into());
        }
        Err(error) => console::error_1(&error.to_string().into()),
    }
}

async fn get(url: &str) -> Result<(u16, String), Error> {
    let xhr = XmlHttpRequest::new().map_err(|_| Error::Refused)?;
    xhr.open("GET", url).map_err(|_| Error::Refused)?;
    let promise = Promise::new(&mut |resolve, reject| {
        xhr.set_onload(Some(&resolve));
        xhr.set_onerror(Some(&reject));
    });
    xhr.send().map_err(|_| Error::Refused)?;
    JsFuture::from(promise).await.map_err(|_| Error::Network)?;
    let text = xhr.response_text().ok().flatten().unwrap_or_default();
    Ok((xhr.status().unwrap_or(0), text))
}
