//! What is compared: the jobs, who does them, and what pagewire must reach.
//!
//! What each job asks for, and the answer that proves it done, stands in `benches/page/jobs.js`.

use std::collections::BTreeSet;

/// One job.
pub(super) struct Job {
    /// As `--only` has it.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// What all are compared with: one of the contenders.
    pub(super) raw: &'static str,
    /// The first one is pagewire's.
    pub(super) contenders: &'static [Contender],
    pub(super) targets: &'static [Target],
    /// Done while the browser tells its developer tools of the network, as it does when they are open or a program drives
    /// it through them. Chromium alone has a way to ask for that.
    pub(super) watched: bool,
}

/// One way to do a job.
pub(super) struct Contender {
    pub(super) label: &'static str,
    /// Of `benches/page`, or the package of `benches/speed` that has this name.
    pub(super) module: &'static str,
    /// The module's function.
    pub(super) call: &'static str,
    pub(super) kind: Kind,
    /// So many of what the job is made of, in place of the job's own number; its time is then that of a thousand.
    pub(super) count: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pagewire,
    RustPeer,
    ScriptPeer,
    /// By hand in Rust: what an app without a library would be.
    ByHand,
    /// By hand in JavaScript.
    Raw,
}

impl Kind {
    pub(super) fn is_peer(self) -> bool {
        matches!(self, Kind::RustPeer | Kind::ScriptPeer)
    }

    pub(super) fn is_wasm(self) -> bool {
        matches!(self, Kind::Pagewire | Kind::RustPeer | Kind::ByHand)
    }
}

/// A figure that the ratio of pagewire's times to another's must reach.
pub(super) struct Target {
    pub(super) against: Against,
    pub(super) at_most: f64,
}

pub(super) enum Against {
    /// The contender of that label.
    One(&'static str),
    /// The quickest Rust peer.
    RustPeers,
    /// The quickest peer.
    Peers,
}

const fn pagewire(call: &'static str) -> Contender {
    Contender { label: "pagewire", module: "pagewire", call, kind: Kind::Pagewire, count: None }
}

const fn rust(module: &'static str, call: &'static str) -> Contender {
    Contender { label: module, module, call, kind: Kind::RustPeer, count: None }
}

const fn script(module: &'static str, call: &'static str) -> Contender {
    Contender { label: module, module, call, kind: Kind::ScriptPeer, count: None }
}

const fn by_hand(call: &'static str) -> Contender {
    Contender { label: "web-sys by hand", module: "web-sys", call, kind: Kind::ByHand, count: None }
}

const fn raw(label: &'static str, call: &'static str) -> Contender {
    Contender { label, module: "raw", call, kind: Kind::Raw, count: None }
}

const fn at_most(at_most: f64, label: &'static str) -> Target {
    Target { against: Against::One(label), at_most }
}

/// pagewire, with so many.
const fn of(label: &'static str, call: &'static str, count: u32) -> Contender {
    Contender { label, module: "pagewire", call, kind: Kind::Pagewire, count: Some(count) }
}

/// Raw JavaScript, with so many: what the browser's own part costs as it grows.
const fn raw_of(label: &'static str, call: &'static str, count: u32) -> Contender {
    Contender { label, module: "raw", call, kind: Kind::Raw, count: Some(count) }
}

const NO_RUST_PEER_FASTER: Target = Target { against: Against::RustPeers, at_most: 1.0 };
const NO_PEER_FASTER: Target = Target { against: Against::Peers, at_most: 1.0 };

const XHR: &str = "raw XMLHttpRequest";
const FETCH: &str = "raw fetch";
const SOCKET: &str = "raw WebSocket";

pub(super) const JOBS: [Job; 17] = [
    Job {
        name: "get",
        title: "small GET, 200 in a row",
        raw: XHR,
        contenders: &[
            pagewire("get"),
            rust("gloo-net", "get"),
            rust("reqwest", "get"),
            rust("ehttp", "get"),
            by_hand("get"),
            raw(XHR, "get"),
            raw(FETCH, "fetchGet"),
            script("axios", "get"),
            script("ky", "get"),
        ],
        targets: &[at_most(1.03, XHR), NO_RUST_PEER_FASTER],
        watched: false,
    },
    Job {
        name: "json",
        title: "JSON, 5,000 rows of six fields",
        raw: "raw fetch, json()",
        contenders: &[
            pagewire("json"),
            rust("gloo-net", "json"),
            rust("reqwest", "json"),
            rust("ehttp", "json"),
            by_hand("json"),
            raw("raw fetch, json()", "json"),
            script("axios", "json"),
            script("ky", "json"),
        ],
        targets: &[at_most(0.85, "raw fetch, json()"), NO_PEER_FASTER],
        watched: false,
    },
    Job {
        name: "download",
        title: "download, 32 MB into bytes",
        raw: XHR,
        contenders: &[
            pagewire("download"),
            rust("gloo-net", "download"),
            rust("reqwest", "download"),
            rust("ehttp", "download"),
            by_hand("download"),
            raw(XHR, "download"),
            raw(FETCH, "fetchDownload"),
            script("axios", "download"),
            script("ky", "download"),
        ],
        targets: &[at_most(1.08, XHR), NO_RUST_PEER_FASTER],
        watched: false,
    },
    Job {
        name: "upload",
        title: "upload of a Blob, 32 MB with progress",
        raw: XHR,
        contenders: &[
            pagewire("uploadBlob"),
            by_hand("uploadBlob"),
            raw(XHR, "uploadBlob"),
            script("axios", "uploadBlob"),
        ],
        targets: &[at_most(1.05, XHR)],
        watched: false,
    },
    Job {
        name: "uploadbytes",
        title: "upload of an app's own bytes, 32 MB with progress",
        raw: XHR,
        contenders: &[pagewire("upload"), by_hand("upload"), raw(XHR, "upload"), script("axios", "upload")],
        targets: &[at_most(1.05, XHR)],
        watched: false,
    },
    Job {
        name: "stream",
        title: "stream, 128 MB",
        raw: FETCH,
        contenders: &[
            pagewire("stream"),
            rust("reqwest", "stream"),
            rust("ehttp", "stream"),
            by_hand("stream"),
            raw(FETCH, "stream"),
            raw("raw fetch, into one buffer", "streamIntoBuffer"),
            script("axios", "stream"),
            script("ky", "stream"),
        ],
        targets: &[at_most(1.03, FETCH)],
        watched: false,
    },
    Job {
        name: "events",
        title: "server-sent events, 50,000",
        raw: "raw EventSource",
        contenders: &[
            pagewire("events"),
            Contender {
                label: "pagewire, native",
                module: "pagewire",
                call: "nativeEvents",
                kind: Kind::Pagewire,
                count: None,
            },
            rust("gloo-net", "nativeEvents"),
            Contender {
                label: "reqwest, eventsource-stream",
                module: "reqwest",
                call: "events",
                kind: Kind::RustPeer,
                count: None,
            },
            by_hand("nativeEvents"),
            raw("raw EventSource", "nativeEvents"),
            script("eventsource-parser", "events"),
        ],
        targets: &[at_most(1.0, "eventsource-parser"), at_most(0.05, "raw EventSource")],
        watched: false,
    },
    Job {
        name: "watchedevents",
        title: "server-sent events, 50,000, with developer tools",
        raw: "raw EventSource",
        contenders: &[
            pagewire("events"),
            rust("gloo-net", "nativeEvents"),
            raw("raw EventSource", "nativeEvents"),
            script("eventsource-parser", "events"),
        ],
        targets: &[at_most(1.0, "eventsource-parser"), at_most(0.05, "raw EventSource")],
        watched: true,
    },
    // What the browser itself needs before there is an event.
    Job {
        name: "eventbytes",
        title: "server-sent events, 50,000: their bytes alone",
        raw: FETCH,
        contenders: &[pagewire("stream"), by_hand("stream"), raw(FETCH, "stream")],
        targets: &[],
        watched: false,
    },
    Job {
        name: "ndjson",
        title: "NDJSON, 50,000 records",
        raw: "raw fetch, split as it comes",
        contenders: &[
            pagewire("ndjson"),
            rust("gloo-net", "ndjson"),
            rust("reqwest", "ndjson"),
            by_hand("ndjson"),
            raw("raw fetch, split as it comes", "ndjson"),
            raw("raw fetch, split at the end", "wholeNdjson"),
        ],
        targets: &[at_most(1.0, "raw fetch, split as it comes"), at_most(1.0, "raw fetch, split at the end")],
        watched: false,
    },
    Job {
        name: "pingpong",
        title: "WebSocket, ping-pong of 2,000",
        raw: SOCKET,
        contenders: &[
            pagewire("pingPong"),
            rust("gloo-net", "pingPong"),
            rust("ewebsock", "pingPong"),
            rust("tokio-tungstenite-wasm", "pingPong"),
            by_hand("pingPong"),
            raw(SOCKET, "pingPong"),
        ],
        targets: &[at_most(1.05, SOCKET)],
        watched: false,
    },
    Job {
        name: "flood",
        title: "WebSocket, 100,000 texts received",
        raw: SOCKET,
        contenders: &[
            pagewire("flood"),
            rust("gloo-net", "flood"),
            rust("ewebsock", "flood"),
            rust("tokio-tungstenite-wasm", "flood"),
            by_hand("flood"),
            raw(SOCKET, "flood"),
        ],
        targets: &[at_most(1.1, SOCKET), NO_RUST_PEER_FASTER],
        watched: false,
    },
    Job {
        name: "binary",
        title: "WebSocket, 500 of 64 KiB both ways",
        raw: SOCKET,
        contenders: &[
            pagewire("binary"),
            rust("gloo-net", "binary"),
            rust("ewebsock", "binary"),
            rust("tokio-tungstenite-wasm", "binary"),
            by_hand("binary"),
            raw(SOCKET, "binary"),
        ],
        targets: &[at_most(1.05, SOCKET)],
        watched: false,
    },
    // What work costs as it grows: a thousand of many against a thousand of few.
    Job {
        name: "morerequests",
        title: "a thousand requests of 2,000 in a row",
        raw: "of 100",
        contenders: &[
            of("of 2,000", "get", 2000),
            of("of 100", "get", 100),
            raw_of("raw XMLHttpRequest, of 2,000", "get", 2000),
            raw_of("raw XMLHttpRequest, of 100", "get", 100),
        ],
        targets: &[at_most(1.1, "of 100")],
        watched: false,
    },
    Job {
        name: "morepolls",
        title: "a thousand polls of 2,000 in a row",
        raw: "of 100",
        contenders: &[of("of 2,000", "polls", 2000), of("of 100", "polls", 100)],
        targets: &[at_most(1.1, "of 100")],
        watched: false,
    },
    Job {
        name: "moremessages",
        title: "a thousand messages of 100,000 on a socket",
        raw: "of 10,000",
        contenders: &[
            of("of 100,000", "flood", 100_000),
            of("of 10,000", "flood", 10_000),
            raw_of("raw WebSocket, of 100,000", "flood", 100_000),
            raw_of("raw WebSocket, of 10,000", "flood", 10_000),
        ],
        targets: &[at_most(1.1, "of 10,000")],
        watched: false,
    },
    Job {
        name: "moreevents",
        title: "a thousand events of 100,000 in a stream",
        raw: "of 25,000",
        contenders: &[of("of 100,000", "events", 100_000), of("of 25,000", "events", 25_000)],
        targets: &[at_most(1.1, "of 25,000")],
        watched: false,
    },
];

/// The modules that are compiled for these jobs.
pub(super) fn modules(jobs: &[&Job]) -> BTreeSet<&'static str> {
    let contenders = jobs.iter().flat_map(|job| job.contenders);
    contenders.filter(|contender| contender.kind.is_wasm()).map(|contender| contender.module).collect()
}

#[cfg(test)]
mod tests {
    use super::{Against, JOBS, Kind};

    #[test]
    fn each_job_has_what_it_is_compared_with() {
        for job in &JOBS {
            let has = |label| job.contenders.iter().any(|contender| contender.label == label);
            assert!(has(job.raw), "{}: {}", job.name, job.raw);
            assert!(job.contenders[0].kind == Kind::Pagewire, "{}", job.name);
            for target in job.targets {
                if let Against::One(label) = target.against {
                    assert!(has(label), "{}: {label}", job.name);
                }
            }
        }
    }

    #[test]
    fn labels_are_told_apart() {
        for job in &JOBS {
            let mut labels: Vec<_> = job.contenders.iter().map(|contender| contender.label).collect();
            labels.sort_unstable();
            labels.dedup();
            assert_eq!(labels.len(), job.contenders.len(), "{}", job.name);
        }
    }
}
