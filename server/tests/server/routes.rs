//! The routes whose answer is short.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use pagewire_server::{State, app};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::client::{get, request, serve};

#[tokio::test]
async fn echo_tells_the_request_as_it_came() {
    let served = serve().await;
    let mut sent = request("PATCH", "/echo?a=%20b&a=2", "grüße");
    sent.headers_mut().insert("origin", "http://page.example".parse().unwrap());
    sent.headers_mut().insert("x-first", "1".parse().unwrap());
    let echo = served.send(sent).await.json();
    assert_eq!(echo["method"], "PATCH");
    assert_eq!(echo["path"], "/echo");
    assert_eq!(echo["query"], "a=%20b&a=2");
    assert_eq!(echo["http"], "1.1");
    assert_eq!(echo["port"], served.address(0).port());
    assert_eq!(echo["origin"], "http://page.example");
    assert_eq!(
        echo["headers"],
        json!([
            ["origin", "http://page.example"],
            ["x-first", "1"],
            ["host", served.address(0).to_string()],
            ["content-length", "7"]
        ])
    );
    assert_eq!(
        echo["body"],
        json!({
            "length": 7,
            "sha256": "8285d1ad84c6b6e475d3b50dbf90389c8c7a07a278d9ae46d5698cbe872e3834",
            "text": "grüße",
            "whole": true
        })
    );
}

#[tokio::test]
async fn any_method_reaches_echo() {
    let served = serve().await;
    for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "own-Method"] {
        let echo = served.send(request(method, "/echo", "")).await.json();
        assert_eq!(echo["method"], method);
    }
}

#[tokio::test]
async fn every_status_from_200_to_599_comes_with_its_text() {
    let served = serve().await;
    for code in [200, 201, 206, 299, 300, 400, 404, 408, 418, 500, 503, 599] {
        let answer = served.get(&format!("/status/{code}?text=such+is+it")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (code, "such is it"));
    }
}

#[tokio::test]
async fn a_body_may_be_any_bytes() {
    let served = serve().await;
    let answer = served.get("/status/200?hex=fffe6100FF&header=Content-Type:text/x-own").await;
    assert_eq!(answer.body.as_ref(), b"\xff\xfea\0\xff");
    assert_eq!(answer.all("content-type"), ["text/x-own"]);
}

#[tokio::test]
async fn a_status_without_content_has_none() {
    let served = serve().await;
    for code in [204, 205, 304] {
        let answer = served.get(&format!("/status/{code}?text=no")).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (code, ""));
    }
}

#[tokio::test]
async fn a_status_that_is_no_final_one_is_refused() {
    let served = serve().await;
    for code in ["199", "600", "99999", "ok"] {
        let answer = served.get(&format!("/status/{code}")).await;
        assert_eq!(answer.status, 400, "{code}");
    }
}

#[tokio::test]
async fn a_delay_is_waited_for() {
    let served = serve().await;
    let start = Instant::now();
    let answer = served.get("/delay/120?text=late").await;
    assert!(start.elapsed() >= Duration::from_millis(120));
    assert_eq!(answer.text(), "late");
}

#[tokio::test]
async fn a_redirect_goes_where_it_is_told() {
    let served = serve().await;
    let answer = served.get("/redirect?to=/echo%3Fa%3D1").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (302, Some("/echo?a=1")));
    let answer = served.send(request("POST", "/redirect?to=http://other.example/&status=307", "body")).await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("location"), Some("http://other.example/"));
}

#[tokio::test]
async fn a_redirect_is_held() {
    let served = serve().await;
    let start = Instant::now();
    assert_eq!(served.get("/redirect?to=/&hold=120").await.status, 302);
    assert!(start.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_redirect_that_is_none_is_refused() {
    let served = serve().await;
    assert_eq!(served.get("/redirect").await.status, 400);
    assert_eq!(served.get("/redirect?to=/&status=200").await.status, 400);
}

#[tokio::test]
async fn the_origins_are_told_under_the_name_that_was_called() {
    let served = serve().await;
    let [first, second] = [0, 1].map(|number| served.address(number).port());
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let mut asked = get("/origins");
        asked.headers_mut().insert("host", format!("{host}:{first}").parse().unwrap());
        assert_eq!(
            served.send(asked).await.json(),
            json!({ "first": format!("http://{host}:{first}"), "second": format!("http://{host}:{second}") })
        );
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_404_that_names_it() {
    let served = serve().await;
    let answer = served.send(request("POST", "/no/such?x=1", "body")).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["path"], "/no/such");
}

#[tokio::test]
async fn a_long_upload_to_a_route_that_ignores_it_still_gets_the_answer() {
    let served = serve().await;
    for path in ["/status/403?text=no", "/no/such", "/redirect?to=/"] {
        let answer = served.send(request("POST", path, vec![7; 3_000_000])).await;
        assert!(answer.status.as_u16() >= 300, "{path}");
    }
}

#[tokio::test]
async fn the_app_answers_without_a_socket() {
    let state = State::new(vec!["http://a.example:1".into()], None);
    let asked = Request::get("/echo?key=k").body(Body::empty()).unwrap();
    let answer = app(state.clone()).oneshot(asked).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let echo: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(echo["port"], Value::Null);
    assert_eq!(state.journal().entries("k").len(), 1);
}
