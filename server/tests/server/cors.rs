//! CORS as the query wishes it.

use std::time::{Duration, Instant};

use crate::client::{Answer, Served, get, preflight, serve, soon};

async fn from_page(served: &Served, path: &str) -> Answer {
    let mut request = get(path);
    request.headers_mut().insert("origin", "http://page.example".parse().unwrap());
    served.send(request).await
}

/// The CORS headers of an answer.
fn cors(answer: &Answer) -> Vec<(&str, &str)> {
    let headers = answer.headers.iter();
    let mut cors: Vec<_> = headers
        .filter(|(name, _)| name.as_str().starts_with("access-control-"))
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    cors.sort_unstable();
    cors
}

#[tokio::test]
async fn by_default_every_origin_is_allowed_with_credentials() {
    let served = serve().await;
    let answer = from_page(&served, "/status/200?header=X-Own:1").await;
    let exposed = "x-own, cross-origin-resource-policy, timing-allow-origin, vary, date";
    assert_eq!(
        cors(&answer),
        [
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-origin", "http://page.example"),
            ("access-control-expose-headers", exposed),
        ]
    );
    assert_eq!(answer.header("vary"), Some("Origin"));
    assert_eq!(answer.header("timing-allow-origin"), Some("*"));
}

#[tokio::test]
async fn by_default_a_preflight_is_granted_what_it_asks_for() {
    let served = serve().await;
    let answer = served.send(preflight("/echo", "PURGE", "x-a,x-b")).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (204, ""));
    assert_eq!(
        cors(&answer),
        [
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-headers", "x-a,x-b"),
            ("access-control-allow-methods", "PURGE"),
            ("access-control-allow-origin", "http://page.example"),
        ]
    );
    assert_eq!(answer.header("vary"), Some("Origin"));
}

#[tokio::test]
async fn without_an_origin_nobody_is_named() {
    let served = serve().await;
    let answer = served.get("/status/200").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("vary"), Some("Origin"));
}

#[tokio::test]
async fn star_allows_everyone_without_credentials() {
    let served = serve().await;
    let answer = from_page(&served, "/status/200?cors=star").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("vary"), None);
    let answer = served.send(preflight("/echo?cors=star", "PUT", "x-a")).await;
    assert_eq!(
        cors(&answer),
        [
            ("access-control-allow-headers", "x-a"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-origin", "*"),
        ]
    );
}

#[tokio::test]
async fn off_says_nothing_of_cors() {
    let served = serve().await;
    let answer = from_page(&served, "/status/200?cors=off").await;
    assert_eq!(answer.status, 200);
    assert_eq!(cors(&answer), []);
    assert_eq!(answer.header("timing-allow-origin"), None);
    assert_eq!(answer.header("vary"), None);
    let answer = served.send(preflight("/echo?cors=off", "PUT", "x-a")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(cors(&answer), []);
}

#[tokio::test]
async fn each_header_can_be_given_a_value_of_its_own() {
    let served = serve().await;
    let overrides = "acao=a&acac=TRUE&acam=B&acah=c&aceh=d&acma=5";
    let expected = [
        ("access-control-allow-credentials", "TRUE"),
        ("access-control-allow-headers", "c"),
        ("access-control-allow-methods", "B"),
        ("access-control-allow-origin", "a"),
        ("access-control-expose-headers", "d"),
        ("access-control-max-age", "5"),
    ];
    for mode in ["on", "star", "off"] {
        let path = format!("/echo?cors={mode}&{overrides}");
        assert_eq!(cors(&from_page(&served, &path).await), expected, "{mode}");
        let answer = served.send(preflight(&path, "PUT", "x-a")).await;
        assert_eq!(cors(&answer), expected, "{mode}");
    }
}

#[tokio::test]
async fn each_header_can_be_left_out() {
    let served = serve().await;
    let answer = served.send(preflight("/echo?acam=", "PUT", "x-a")).await;
    assert_eq!(
        cors(&answer),
        [
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-headers", "x-a"),
            ("access-control-allow-origin", "http://page.example"),
        ]
    );
    let answer = from_page(&served, "/status/200?acao=&acac=&aceh=").await;
    assert_eq!(cors(&answer), []);
}

#[tokio::test]
async fn a_preflight_has_the_status_asked_for() {
    let served = serve().await;
    for status in [200, 299, 302, 404, 500] {
        let path = format!("/echo?preflight={status}&header=Location:/elsewhere&key={status}");
        let answer = served.send(preflight(&path, "PUT", "")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("location"), Some("/elsewhere"));
        assert_eq!(served.entry(&status.to_string()).status, Some(status));
    }
    // The request itself is not concerned.
    assert_eq!(from_page(&served, "/echo?preflight=500").await.status, 200);
}

#[tokio::test]
async fn a_preflight_is_held_and_the_request_itself_is_not() {
    let served = serve().await;
    let start = Instant::now();
    served.send(preflight("/echo?preflight_hold=120", "PUT", "")).await;
    assert!(start.elapsed() >= Duration::from_millis(120));
    assert_eq!(soon(from_page(&served, "/echo?preflight_hold=60000")).await.status, 200);
}

#[tokio::test]
async fn a_header_of_the_query_beats_the_mode_also_twice() {
    let served = serve().await;
    let path = "/echo?header=Access-Control-Allow-Origin:a&header=Access-Control-Allow-Origin:b";
    let answer = from_page(&served, path).await;
    assert_eq!(answer.all("access-control-allow-origin"), ["a", "b"]);
}

#[tokio::test]
async fn options_without_a_wish_is_an_ordinary_request() {
    let served = serve().await;
    let answer = served.send(crate::client::request("OPTIONS", "/echo", "")).await;
    assert_eq!(answer.json()["method"], "OPTIONS");
}
