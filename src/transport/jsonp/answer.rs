//! What a script called back with.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};

/// The data of a JSONP answer.
///
/// ```no_run
/// # async fn example() -> pagewire::Result<()> {
/// let answer = pagewire::jsonp::get("https://old.example/data").await?;
/// println!("{} bytes of JSON", answer.text().len());
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    json: String,
}

impl Answer {
    /// Takes what may be anything, as long as it is JSON of at most so many bytes.
    pub(super) fn new(json: String, max_size: usize) -> Result<Self> {
        if json.len() > max_size {
            return Err(too_large());
        }
        // The browser's own parser, which is there in any case; serde's comes with the first `json()`.
        if js_sys::JSON::parse(&json).is_err() {
            return Err(not_json());
        }
        Ok(Answer { json })
    }

    /// The data as a type of yours.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if it is not of that type.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let names: Vec<String> = pagewire::jsonp::get("https://old.example/data").await?.json()?;
    /// # Ok(()) }
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.json)
            .map_err(|error| Error::decode("the answer is not of the type it was read as").with_source(error))
    }

    /// The data as JSON text.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let answer = pagewire::jsonp::get("https://old.example/data").await?;
    /// assert!(!answer.text().is_empty());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn text(&self) -> &str {
        &self.json
    }

    /// The data as JSON text, not copied.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// let json = pagewire::jsonp::get("https://old.example/data").await?.into_text();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_text(self) -> String {
        self.json
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Contents stay out of logs.
        f.debug_struct("Answer").field("length", &self.json.len()).finish_non_exhaustive()
    }
}

pub(super) fn not_json() -> Error {
    Error::decode("the script called back with something that is not JSON, or with nothing")
}

pub(super) fn not_called() -> Error {
    Error::decode("the script came, but did not call back")
}

pub(super) fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "the answer has more bytes than max_size allows")
}

pub(super) fn not_loaded() -> Error {
    let message = "the script did not come: no server, an error status, or an answer that is no script";
    Error::new(ErrorKind::Network, message)
}

pub(super) fn name_taken() -> Error {
    Error::invalid("the callback's name is taken: every window has something of that name")
}
