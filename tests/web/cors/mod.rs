//! CORS, predicted and explained.

mod table;
mod truth;
