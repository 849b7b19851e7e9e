//! What is weighed, and the figures that it must reach.

/// A minimal app: an example of a package of `benches/size`.
pub(super) struct App {
    /// The package without `size-`.
    pub(super) package: &'static str,
    /// The example.
    pub(super) name: &'static str,
}

const fn app(package: &'static str, name: &'static str) -> App {
    App { package, name }
}

pub(super) const APPS: [App; 24] = [
    app("pagewire", "pagewire-get"),
    app("pagewire", "pagewire-http-json"),
    app("pagewire", "pagewire-upload"),
    app("pagewire", "pagewire-stream-bytes"),
    app("pagewire", "pagewire-stream-lines"),
    app("pagewire", "pagewire-sse"),
    app("pagewire", "pagewire-sse-native"),
    app("pagewire", "pagewire-poll-every"),
    app("pagewire", "pagewire-poll-long"),
    app("pagewire", "pagewire-websocket"),
    app("pagewire", "pagewire-websocket-reconnect"),
    app("pagewire", "pagewire-ping"),
    app("pagewire", "pagewire-beacon"),
    app("pagewire", "pagewire-jsonp"),
    app("pagewire", "pagewire-cors-plan"),
    app("pagewire", "pagewire-diagnose"),
    app("web-sys", "web-sys-get"),
    app("web-sys", "web-sys-echo"),
    app("gloo-net", "gloo-net-get"),
    app("gloo-net", "gloo-net-echo"),
    app("ehttp", "ehttp-get"),
    app("reqwest", "reqwest-get"),
    app("ewebsock", "ewebsock-echo"),
    app("tokio-tungstenite-wasm", "tokio-tungstenite-wasm-echo"),
];

/// The name under which the ES module is weighed.
pub(super) const ES_MODULE: &str = "ES module";

/// What a size must reach.
pub(super) enum Figure {
    Bytes { app: &'static str, at_most: u64 },
    Share { app: &'static str, of: &'static str, at_most: f64 },
}

const fn share(app: &'static str, at_most: f64, of: &'static str) -> Figure {
    Figure::Share { app, of, at_most }
}

pub(super) const FIGURES: [Figure; 6] = [
    share("pagewire-get", 1.15, "web-sys-get"),
    share("pagewire-get", 0.85, "gloo-net-get"),
    share("pagewire-get", 0.85, "ehttp-get"),
    share("pagewire-get", 0.85, "reqwest-get"),
    share("pagewire-websocket", 1.0, "gloo-net-echo"),
    Figure::Bytes { app: ES_MODULE, at_most: 60_000 },
];
