//! The minimal apps are the examples: a module each.
