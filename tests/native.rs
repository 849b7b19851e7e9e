//! On a target without a browser everything compiles, every network call is refused, and nothing panics.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use pagewire::http::{self, Client, Response, Retry};
use pagewire::{jsonp, ping, poll, sse, stream, websocket};

fn at_once<F: IntoFuture>(future: F) -> F::Output {
    let future = pin!(future.into_future());
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here may wait for a browser"),
    }
}

#[test]
fn every_network_call_is_refused() {
    let request = || http::get("/x").query("a", 1).header("x", "y").timeout(Duration::from_secs(1));
    assert!(at_once(request()).unwrap_err().is_unsupported());
    assert!(at_once(request().retry(Retry::new())).unwrap_err().is_unsupported());
    assert!(request().start().unwrap_err().is_unsupported());
    assert!(request().send_blocking().unwrap_err().is_unsupported());
    assert!(at_once(http::post("/x").body("text").with_timing()).unwrap_err().is_unsupported());
    assert!(at_once(stream::lines("/x").next()).unwrap().unwrap_err().is_unsupported());
    assert!(at_once(stream::ndjson::<u32>("/x").next()).unwrap().unwrap_err().is_unsupported());
    assert!(at_once(sse::connect("/x").open().next()).unwrap().unwrap_err().is_unsupported());
    assert!(at_once(sse::native("/x").open().next()).unwrap().unwrap_err().is_unsupported());
    assert!(at_once(poll::long("/x").open().next()).unwrap().unwrap_err().is_unsupported());
    assert!(at_once(poll::every(Duration::ZERO, "/x").open().next()).unwrap().unwrap_err().is_unsupported());
    assert!(at_once(websocket::connect("/x")).unwrap_err().is_unsupported());
    assert!(at_once(ping::image("/x").query("a", 1)).unwrap_err().is_unsupported());
    assert!(ping::image("/x").detach().unwrap_err().is_unsupported());
    assert!(ping::beacon("/x").body("text").with_fallback().send().unwrap_err().is_unsupported());
    assert!(at_once(jsonp::get("/x")).unwrap_err().is_unsupported());
    assert!(at_once(jsonp::get_and_trust_the_server_with_this_page("/x")).unwrap_err().is_unsupported());
    assert!(http::Form::new().unwrap_err().is_unsupported());
}

#[test]
fn a_request_that_is_wrong_says_so_here_too() {
    assert!(at_once(http::get("/x").header("bad name", "y")).unwrap_err().is_invalid_request());
    assert!(at_once(http::get("javascript:1")).unwrap_err().is_invalid_request());
}

#[test]
fn a_transport_answers_and_retries_without_a_browser() {
    let asked = std::rc::Rc::new(std::cell::Cell::new(0));
    let count = std::rc::Rc::clone(&asked);
    let client =
        Client::new().base("/api/").header("accept", "application/json").retry(Retry::new()).transport(
            move |request| {
                count.set(count.get() + 1);
                assert_eq!(
                    (request.url(), request.headers().get("accept")),
                    ("/api/items", Some("application/json"))
                );
                let status = if count.get() < 3 { 503 } else { 200 };
                async move { Ok(Response::made(status, &[("content-type", "application/json")], "[1]")) }
            },
        );
    let response = at_once(client.get("items")).unwrap();
    assert_eq!((response.status(), response.attempts()), (200, 3));
    assert_eq!(at_once(response.json::<Vec<u32>>()).unwrap(), [1]);
}

#[test]
fn another_request_that_is_sent_in_the_place_of_one_goes_the_same_way() {
    let client = Client::new()
        .transport(|request| {
            let url = request.url().to_owned();
            async move { Ok(Response::made(200, &[], url)) }
        })
        .around(|_, next| next.send(http::get("/other")));
    let response = at_once(client.get("/first")).unwrap();
    assert_eq!(at_once(response.text()).unwrap(), "/other");
}

#[test]
fn polls_of_a_client_without_a_browser_carry_their_cursor() {
    let client = Client::new().transport(|request| {
        let after: u32 = request
            .url()
            .rsplit_once("after=")
            .map_or(0, |(_, after)| after.split('&').next().map_or(0, |after| after.parse().unwrap_or(0)));
        async move { Ok(Response::made(200, &[], format!("{{\"next\": {}}}", after + 1))) }
    });
    let mut answers = poll::long(client.get("/x")).cursor(poll::Cursor::json("next", "after")).open();
    for expected in 1..=3 {
        let answer = at_once(answers.next()).unwrap().unwrap();
        assert_eq!(at_once(answer.text()).unwrap(), format!("{{\"next\": {expected}}}"));
        // The answer to the question that was asked ahead is no position yet.
        assert_eq!(answers.position(), Some(expected.to_string()));
    }
}
