//! What a cross-origin request costs and what its server must answer, as the Fetch Standard has it.

pub(crate) mod decide;
mod deviation;
mod lines;
mod plan;
mod safelist;
mod verdict;

pub use deviation::{Deviation, Engine, deviations};
pub use lines::{Line, Readable, SAFELISTED_RESPONSE_HEADERS, readable};
pub(crate) use plan::{Asked, Sent};
pub use plan::{Kind, Plan, Reason, Rule};
pub use verdict::{Blocked, Confidence, Diagnosis, Evidence, Probe, Unseen, Verdict};
