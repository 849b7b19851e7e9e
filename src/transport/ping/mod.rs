//! Telling a server something without wanting an answer: by an image, or by a beacon.
//!
//! ```no_run
//! # async fn example() -> pagewire::Result<()> {
//! use pagewire::ping;
//!
//! let pong = ping::image("https://stats.example/seen").query("page", 7).await?;
//! println!("loaded: {}, after {:?}", pong.loaded(), pong.elapsed());
//! // When the page goes away, and nobody is left to wait:
//! ping::beacon("/left").body("bye").send()?;
//! # Ok(()) }
//! ```
//!
//! | | image | beacon |
//! | --- | --- | --- |
//! | method | GET | POST |
//! | carries | a query | text, bytes, a form, a `Blob`, at most 64 KiB |
//! | tells | whether an image came, its size, the time it took | whether the browser took it |
//! | outlives the page | no | yes |
//! | needs of CORS | nothing | nothing for a [simple](Beacon#what-is-sent-and-what-cors-makes-of-it) content type |

mod beacon;
mod image;

pub use beacon::{Beacon, Via, beacon};
pub use image::{Image, Pinging, Pong, image};

pub use crate::proto::referrer::ReferrerPolicy;
