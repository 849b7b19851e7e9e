//! The recorded sizes, and what has grown since.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Bytes by name.
pub(super) type Sizes = BTreeMap<String, u64>;

/// Growth in per cent that passes: more than a compiler's new version is likely to make.
const TOLERANCE: u64 = 5;

pub(super) fn read(file: &Path) -> Result<Sizes> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} does not hold sizes", file.display()))
}

pub(super) fn write(file: &Path, sizes: &Sizes) -> Result<()> {
    let text = serde_json::to_string_pretty(sizes)?;
    fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
}

/// A line for each that has grown too much, or has no record, or is recorded and gone.
pub(super) fn compare(recorded: &Sizes, sizes: &Sizes) -> Vec<String> {
    let grown = sizes.iter().filter_map(|(name, size)| match recorded.get(name) {
        None => Some(format!("{name}: {size} bytes, and no record: cargo xtask size --record")),
        Some(known) if size * 100 > known * (100 + TOLERANCE) => Some(format!(
            "{name}: {size} bytes, {known} recorded: more than {TOLERANCE} % grown; find out why, or record it"
        )),
        Some(_) => None,
    });
    let gone = recorded.keys().filter(|name| !sizes.contains_key(*name));
    grown.chain(gone.map(|name| format!("{name}: recorded, and not there any more"))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Sizes, compare};

    fn sizes(all: &[(&str, u64)]) -> Sizes {
        all.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect()
    }

    #[test]
    fn growth_within_five_per_cent_passes() {
        let recorded = sizes(&[("get", 10_000), ("echo", 2000)]);
        assert_eq!(compare(&recorded, &sizes(&[("get", 10_500), ("echo", 1000)])), [""; 0]);
    }

    #[test]
    fn a_byte_more_does_not_and_is_named() {
        let recorded = sizes(&[("get", 10_000), ("echo", 2000)]);
        let faults = compare(&recorded, &sizes(&[("get", 10_501), ("echo", 2000)]));
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("get: 10501 bytes, 10000 recorded"), "{faults:?}");
    }

    #[test]
    fn a_new_app_must_be_recorded_and_an_old_one_taken_off() {
        let faults = compare(&sizes(&[("old", 1)]), &sizes(&[("new", 1)]));
        assert!(
            faults.len() == 2 && faults[0].starts_with("new") && faults[1].starts_with("old"),
            "{faults:?}"
        );
    }
}
