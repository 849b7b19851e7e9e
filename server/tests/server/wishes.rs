//! What every answer has, and what the query may add to any.

use crate::client::{preflight, request, serve};

#[tokio::test]
async fn an_isolated_page_may_load_every_answer() {
    let served = serve().await;
    for path in ["/echo", "/echo?cors=off", "/no/such", "/status/500", "/echo?cors=nonsense"] {
        let answer = served.get(path).await;
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("cross-origin"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn the_query_adds_headers() {
    let served = serve().await;
    let answer = served
        .get("/status/200?header=X-A:1&header=x-a:%20two:%20parts&header=X-Empty:&header=ETag:%22v%22")
        .await;
    assert_eq!(answer.all("x-a"), ["1", "two: parts"]);
    assert_eq!(answer.header("x-empty"), Some(""));
    assert_eq!(answer.header("etag"), Some("\"v\""));
}

#[tokio::test]
async fn a_header_of_the_query_takes_the_place_of_the_usual_one() {
    let served = serve().await;
    let answer = served
        .get("/lines?count=1&header=Content-Type:text/csv&header=Cache-Control:max-age=60&header=Cross-Origin-Resource-Policy:same-origin")
        .await;
    assert_eq!(answer.all("content-type"), ["text/csv"]);
    assert_eq!(answer.all("cache-control"), ["max-age=60"]);
    assert_eq!(answer.all("cross-origin-resource-policy"), ["same-origin"]);
}

#[tokio::test]
async fn a_header_value_is_sent_byte_for_byte() {
    let served = serve().await;
    let answer = served.get("/status/200?header=X-A:%C3%A9%C3%BF").await;
    assert_eq!(answer.headers["x-a"].as_bytes(), b"\xe9\xff");
}

#[tokio::test]
async fn the_query_sets_a_cookie_on_the_answer_and_not_on_its_preflight() {
    let served = serve().await;
    let answer = served.get("/redirect?to=/&set_cookie=name=value").await;
    assert_eq!(answer.all("set-cookie"), ["name=value; Path=/"]);
    let answer = served.send(preflight("/echo?set_cookie=name=value", "PUT", "")).await;
    assert_eq!(answer.header("set-cookie"), None);
}

#[tokio::test]
async fn a_wish_that_makes_no_sense_is_refused_by_name() {
    let served = serve().await;
    for (path, wish) in [
        ("/lines?count=many", "count=many"),
        ("/lines?every=-1", "every=-1"),
        ("/lines?ending=tab", "ending=tab"),
        ("/bytes/10?chunk=0", "chunk=0"),
        ("/bytes/10?chunk=9999999", "chunk=9999999"),
        ("/bytes/10?length=maybe", "length=maybe"),
        ("/bytes/10?delay=x", "delay=x"),
        ("/echo?cors=maybe", "cors=maybe"),
        ("/echo?preflight=100", "preflight=100"),
        ("/echo?header=none", "header=none"),
        ("/echo?header=X-A:%E2%82%AC", "header=X-A:€"),
        ("/echo?header=X-A:a%0Ab", "header=X-A:a\nb"),
        ("/echo?acao=%0A", "acao=\n"),
        ("/echo?set_cookie=%0A", "set_cookie=\n"),
        ("/redirect?to=%0A", "to=\n"),
        ("/redirect?to=/&hold=long", "hold=long"),
        ("/echo?preflight_hold=long", "preflight_hold=long"),
        ("/lines?nosniff=maybe", "nosniff=maybe"),
        ("/status/200?hex=abc", "hex=abc"),
        ("/status/200?hex=xy", "hex=xy"),
        ("/raw?send=%E2%82%AC", "send=€"),
        ("/raw?end=never", "end=never"),
        ("/raw?read=all", "read=all"),
        ("/raw?times=x", "times=x"),
        ("/raw?pause=x", "pause=x"),
        ("/flaky?fails=x", "fails=x"),
        ("/flaky?status=100", "status=100"),
        ("/flaky?retry_after=%0A", "retry_after=\n"),
        ("/versions?each=x", "each=x"),
    ] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        let expected = format!("{wish} makes no sense here");
        assert_eq!(answer.json()["error"], expected, "{path}");
    }
    for pace in ["0", "-1", "fast"] {
        let answer = served.send(request("POST", &format!("/upload?pace={pace}"), "")).await;
        assert_eq!(answer.status, 400, "{pace}");
    }
}
