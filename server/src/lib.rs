//! The demo and test server: an independent witness of what was on the wire.
