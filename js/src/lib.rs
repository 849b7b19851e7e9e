//! The ES module of pagewire: exports and conversions, no decisions.
