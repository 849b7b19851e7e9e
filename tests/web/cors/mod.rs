//! CORS, predicted and explained.

mod diagnose;
mod table;
mod truth;
