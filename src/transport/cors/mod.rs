//! CORS, told beforehand: [`plan`] says whether a request goes out at once or after a preflight, why, and what the server
//! must answer. And afterwards: [`Error::diagnose`](crate::Error::diagnose) finds out why a request failed.
//!
//! ```no_run
//! # fn example() -> pagewire::Result<()> {
//! use pagewire::{cors, http};
//!
//! let request = http::put("https://api.example/items/7").json(&["new"]);
//! println!("{}", cors::plan(&request)?);
//! # Ok(()) }
//! ```

mod diagnose;
mod plan;
mod probe;

pub use diagnose::{Diagnose, watch};
pub use plan::{plan, plan_across, plan_stream};

pub(crate) use plan::{conclude, failed_now, sent_handshake};

pub use crate::proto::cors::{
    Blocked, Confidence, Deviation, Diagnosis, Engine, Evidence, Kind, Line, Plan, Probe, Readable, Reason,
    Rule, SAFELISTED_RESPONSE_HEADERS, Unseen, Verdict, deviations, readable,
};
