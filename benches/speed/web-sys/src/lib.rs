//! The jobs by hand, as a careful engineer writes them on web-sys with nothing between.

mod http;
mod socket;
mod stream;
