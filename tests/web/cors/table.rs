//! The requests of the table: every rule of the Fetch Standard from both sides of its boundary.

use pagewire::http::{self, Request};
use std::time::Duration;

use super::truth::bodies;

/// One request, built for a URL of its own so that no preflight is answered from a cache.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) request: Box<dyn Fn(String) -> Request>,
    pub(super) sender: Sender,
    /// Whether it is started with a stream of its events.
    pub(super) with_events: bool,
}

/// Who sends it.
#[derive(Clone, Copy)]
pub(super) enum Sender {
    Xhr,
    Stream,
}

pub(super) fn rows() -> Vec<Row> {
    [
        methods(),
        accept(),
        languages(),
        content_types(),
        ranges(),
        combined(),
        own_headers(),
        repeated(),
        carried(),
        uploads(),
        streams(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn row(name: impl Into<String>, request: impl Fn(String) -> Request + 'static) -> Row {
    Row { name: name.into(), request: Box::new(request), sender: Sender::Xhr, with_events: false }
}

fn header(name: &'static str, value: &str) -> Row {
    let value = value.to_owned();
    let shown =
        if value.len() > 40 { format!("{} bytes", value.chars().count()) } else { format!("{value:?}") };
    row(format!("GET with {name}: {shown}"), move |url| http::get(url).header(name, &value))
}

fn methods() -> Vec<Row> {
    let mut rows = Vec::new();
    for method in ["GET", "get", "HEAD", "POST", "PUT", "DELETE", "PATCH", "patch", "OPTIONS", "PURGE"] {
        for with in [None, Some("accept"), Some("x-any")] {
            for credentials in [false, true] {
                let name = format!("{method} with header {with:?}, credentials {credentials}");
                rows.push(row(name, move |url| {
                    let request = http::request(method, url).with_credentials(credentials);
                    with.into_iter().fold(request, |request, name| request.header(name, "1"))
                }));
            }
        }
    }
    rows
}

/// Every class of unsafe bytes, and what stands next to them.
fn accept() -> Vec<Row> {
    let unsafe_bytes = "\"():<>?@[\\]{}\u{1}\u{8}\u{b}\u{1f}\u{7f}";
    let safe_bytes = "!#$%&'*+-./;=^_`|~,\t 09AZaz\u{80}\u{e9}\u{ff}";
    let marks = unsafe_bytes.chars().chain(safe_bytes.chars());
    let mut rows: Vec<Row> = marks.map(|mark| header("accept", &format!("a{mark}b"))).collect();
    rows.extend([0, 1, 127, 128, 129, 1000].map(|length| header("accept", &"a".repeat(length))));
    rows.push(header("accept", &"\u{e9}".repeat(128)));
    rows.push(header("accept", &"\u{e9}".repeat(129)));
    rows
}

fn languages() -> Vec<Row> {
    let mut rows = Vec::new();
    for name in ["accept-language", "content-language"] {
        rows.extend(
            "\"():<>?@[\\]{}!#$%&'+/^_`|~\t\u{1}\u{7f}\u{e9} *,-.;=09AZaz"
                .chars()
                .map(|mark| header(name, &format!("a{mark}b"))),
        );
        rows.extend([127, 128, 129].map(|length| header(name, &"a".repeat(length))));
        rows.push(header(name, "de-AT,de;q=0.9,*;q=0.1"));
    }
    rows
}

fn content_types() -> Vec<Row> {
    let padded = |length: usize| format!("text/plain;x={}", "y".repeat(length - 13));
    let mut values: Vec<String> = [
        "text/plain",
        "TEXT/Plain",
        "text/plain;charset=utf-8",
        "text/plain; charset=latin1",
        "text/plain;charset=\"latin1\"",
        "text/plain;x=\"y\"",
        "multipart/form-data",
        "multipart/form-data;boundary=b",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "application/json",
        "text/html",
        "text/plain, text/plain",
        "text/plain,",
        "text",
        "text/",
        "/plain",
        "*/*",
        "text/plain text",
        "text/plain;",
        "text/plain ; x",
        "text/xml",
        "application/octet-stream",
        "text/csv",
    ]
    .map(str::to_owned)
    .to_vec();
    values.extend([127, 128, 129].map(padded));
    values.extend(
        "\"():<>?@[\\]{}!#$%&'*+-./^_`|~,\t\u{1}\u{7f}\u{e9}"
            .chars()
            .map(|mark| format!("text/plain;x=a{mark}b")),
    );
    let mut rows = Vec::new();
    for value in values {
        for (body, with) in [("text", true), ("bytes", false)] {
            let value = value.clone();
            rows.push(row(format!("POST of {body} with content-type: {value}"), move |url| {
                let request = http::post(url).header("content-type", &value);
                if with { request.body("text") } else { request.body(vec![1, 2]) }
            }));
        }
        rows.push(header("content-type", &value));
    }
    rows
}

/// What goes together: method, header, body, listeners and credentials.
fn combined() -> Vec<Row> {
    let mut rows = Vec::new();
    for method in ["POST", "PUT"] {
        for (name, value) in [("accept", "a"), ("accept", "\""), ("x-any", "1")] {
            for json in [false, true] {
                for listens in [false, true] {
                    for credentials in [false, true] {
                        let shown = format!(
                            "{method} with {name}: {value}, JSON {json}, upload events {listens}, credentials {credentials}"
                        );
                        rows.push(row(shown, move |url| {
                            let request =
                                http::request(method, url).header(name, value).with_credentials(credentials);
                            let request = if json { request.json(&[1]) } else { request.body("text") };
                            if listens { request.upload_events() } else { request }
                        }));
                    }
                }
            }
        }
    }
    rows
}

fn ranges() -> Vec<Row> {
    let long = format!("bytes=0-{}", "9".repeat(120));
    [
        "bytes=0-",
        "bytes=0-0",
        "bytes=1-1000",
        "bytes=500-499",
        "bytes=-500",
        "bytes=0-1,3-4",
        "bytes= 0-1",
        "bytes=0 -1",
        "Bytes=0-1",
        "lines=0-1",
        "bytes=-",
        "bytes=a-b",
        "bytes",
        "bytes=0-2147483648",
        "bytes=0-9223372036854775806",
        "bytes=0-9223372036854775807",
        "bytes=9223372036854775808-",
        "bytes=0-18446744073709551615",
        "bytes=0-18446744073709551616",
        &long,
        &format!("{long}9"),
    ]
    .map(|value| header("range", value))
    .into()
}

/// Headers that look harmless, those that once were safelisted among them.
fn own_headers() -> Vec<Row> {
    let names = [
        "x-any",
        "authorization",
        "if-none-match",
        "if-modified-since",
        "cache-control",
        "pragma",
        "last-event-id",
        "x-requested-with",
        "traceparent",
        "save-data",
        "dpr",
        "device-memory",
        "width",
        "viewport-width",
        "rtt",
        "downlink",
        "ect",
        "dnt2",
        "user-agent",
        "content-disposition",
        "link",
        "from",
        "priority",
        "upgrade-insecure-requests",
        "service-worker",
        "purpose",
    ];
    let mut rows: Vec<Row> = names.into_iter().map(|name| header(name, "1")).collect();
    let hints = ["device-memory", "dpr", "width", "viewport-width", "rtt", "downlink"];
    for value in ["1.5", "a", "-1", "", ".5", "5."] {
        rows.extend(hints.map(|name| header(name, value)));
    }
    rows.extend([header("save-data", "on"), header("ect", "4g"), header("ect", "5g")]);
    rows.push(row("GET with three own headers", |url| {
        http::get(url).header("X-B", "1").header("x-a", "2").header("X-c", "3")
    }));
    rows.push(row("GET with a safe and an own header", |url| {
        http::get(url).header("X-B", "1").header("accept", "a")
    }));
    rows.push(row("PUT of JSON with a token and credentials", |url| {
        http::put(url).json(&[1]).bearer_auth("t").with_credentials(true)
    }));
    rows
}

/// An XMLHttpRequest joins the values of one name by a comma and a space.
fn repeated() -> Vec<Row> {
    let mut rows: Vec<Row> = [(63, 63), (63, 64), (64, 64)]
        .map(|(first, second)| {
            row(format!("GET with accept twice, {first} and {second} bytes"), move |url| {
                http::get(url)
                    .header("accept", &"a".repeat(first))
                    .append_header("Accept", &"a".repeat(second))
            })
        })
        .into();
    rows.push(row("GET with an own header twice", |url| {
        http::get(url).header("x-a", "1").append_header("X-A", "2")
    }));
    rows.push(row("GET with all safelisted headers as long as may be", |url| {
        let long = "a".repeat(128);
        http::get(url)
            .header("accept", &long)
            .header("accept-language", &long)
            .header("content-language", &long)
            .header("content-type", &format!("text/plain;x={}", "y".repeat(115)))
            .header("range", &format!("bytes=0-{}", "9".repeat(120)))
    }));
    rows
}

fn carried() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, with_body) in bodies() {
        rows.push(row(format!("POST of {name}"), move |url| with_body(http::post(url))));
        rows.push(row(format!("PUT of {name}"), move |url| with_body(http::put(url))));
        rows.push(row(format!("POST of {name} said to be text"), move |url| {
            with_body(http::post(url).header("content-type", "text/plain"))
        }));
    }
    rows
}

/// Listeners on the upload, and the time limits that need them.
fn uploads() -> Vec<Row> {
    let long = Duration::from_secs(60);
    let mut rows = Vec::new();
    for credentials in [false, true] {
        for (name, with_body) in bodies() {
            rows.push(row(
                format!("POST of {name} with upload events, credentials {credentials}"),
                move |url| with_body(http::post(url)).upload_events().with_credentials(credentials),
            ));
        }
        rows.push(row(format!("GET with upload events, credentials {credentials}"), move |url| {
            http::get(url).upload_events().with_credentials(credentials)
        }));
        rows.push(row(
            format!("POST of nothing with upload events, credentials {credentials}"),
            move |url| http::post(url).upload_events().with_credentials(credentials),
        ));
    }
    rows.push(row("POST with a first-byte limit", move |url| {
        http::post(url).body("x").first_byte_timeout(long)
    }));
    rows.push(row("POST with an idle limit", move |url| http::post(url).body("x").idle_timeout(long)));
    rows.push(row("POST with a total limit", move |url| http::post(url).body("x").timeout(long)));
    rows.push(row("GET with all limits", move |url| {
        http::get(url).first_byte_timeout(long).idle_timeout(long).timeout(long)
    }));
    let heard = |name: &str, request: fn(String) -> Request| Row { with_events: true, ..row(name, request) };
    rows.push(heard("POST whose download events are heard", |url| http::post(url).body("x")));
    rows.push(heard("POST whose upload events are heard", |url| http::post(url).body("x").upload_events()));
    rows
}

/// `fetch` keeps repeated headers apart, so that many short ones can be long together.
fn streams() -> Vec<Row> {
    let mut rows = vec![
        row("stream of a GET", http::get),
        row("stream of a GET with an own header", |url| http::get(url).header("X-A", "1")),
        row("stream of a POST of text", |url| http::post(url).body("x")),
        row("stream of a POST of JSON", |url| http::post(url).json(&[1])),
        row("stream of a POST of text with a quoted charset", |url| {
            http::post(url).body("x").header("content-type", "text/plain;charset=\"latin1\"")
        }),
        row("stream of a PUT with credentials", |url| http::put(url).body("x").with_credentials(true)),
    ];
    for (times, length, more) in
        [(2, 64, 0), (2, 63, 0), (8, 128, 0), (7, 128, 128), (8, 128, 1), (7, 128, 127), (2, 128, 0)]
    {
        rows.push(row(
            format!("stream of a GET with {times} accepts of {length} bytes and {more} bytes of language"),
            move |url| {
                let request = (0..times)
                    .fold(http::get(url), |request, _| request.append_header("accept", &"a".repeat(length)));
                if more == 0 { request } else { request.header("accept-language", &"b".repeat(more)) }
            },
        ));
    }
    rows.into_iter().map(|row| Row { sender: Sender::Stream, ..row }).collect()
}
