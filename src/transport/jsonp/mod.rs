//! JSONP: data of another origin by a script, for servers that have no CORS.
//!
//! ```no_run
//! # async fn example() -> pagewire::Result<()> {
//! use pagewire::jsonp;
//!
//! #[derive(serde::Deserialize)]
//! struct Weather { celsius: f64 }
//!
//! let weather: Weather = jsonp::get("https://old.example/weather").query("city", "Bonn").await?.json()?;
//! # Ok(()) }
//! ```
//!
//! A JSONP answer is a program. [`get`] runs it in a frame of its own, where it has no access to the page: only data
//! comes out, as text that is JSON. [`get_and_trust_the_server_with_this_page`] runs it in the page, for servers that need
//! the cookies of the page's own site; it can then do all that the page can.
//!
//! | what happens | the outcome |
//! | --- | --- |
//! | the script calls back | [`Answer`]; what it calls later is not heard |
//! | it runs, or cannot be parsed, and does not call back | [`Decode`](crate::ErrorKind::Decode) |
//! | it calls back with nothing, or with what JSON cannot say | [`Decode`](crate::ErrorKind::Decode) |
//! | with more than [`max_size`](Call::max_size) | [`TooLarge`](crate::ErrorKind::TooLarge) |
//! | no answer, a status that is not 200 to 299, no JavaScript type with `nosniff` | [`Network`](crate::ErrorKind::Network): a script element does not tell them apart |
//! | the page's policy forbids the frame or the script | [`Blocked`](crate::ErrorKind::Blocked) |
//! | it takes longer than [`timeout`](Call::timeout) | [`Timeout`](crate::ErrorKind::Timeout) |
//! | the signal aborts | [`Aborted`](crate::ErrorKind::Aborted) |
//!
//! In each case, and when the future is dropped, the frame, the element, the listeners and the callback are gone.

mod answer;
mod call;
mod frame;
mod page;

pub use answer::Answer;
pub use call::{Call, Calling, get, get_and_trust_the_server_with_this_page};

pub use crate::proto::referrer::ReferrerPolicy;
