//! What stands around requests: retries, a client's defaults and functions.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join;
use pagewire::http::{self, Client, Event, Moment, Request, Response, Retry};
use pagewire::{AbortedBy, ErrorKind, Phase};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use crate::shared::{Wire, evaluate, sleep, within};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn quick() -> Retry {
    Retry::new().backoff(ms(20), ms(40))
}

async fn sends(wire: &Wire) -> usize {
    wire.entries().await.iter().filter(|entry| entry.method != "OPTIONS").count()
}

#[wasm_bindgen_test]
async fn an_idempotent_request_is_sent_again_and_the_attempts_are_told() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/status/503")).retry(quick()).await.unwrap();
    assert_eq!((response.status(), response.attempts()), (503, 3));
    assert_eq!(response.error_for_status().unwrap_err().attempts(), 3);
    assert_eq!(sends(&wire).await, 3);
}

#[wasm_bindgen_test]
async fn a_network_error_is_tried_again_and_keeps_count() {
    let wire = Wire::new().await;
    let error = http::get(wire.url("/status/200?cors=off")).retry(quick()).await.unwrap_err();
    assert!(error.is_network());
    assert_eq!(error.attempts(), 3);
    assert_eq!(sends(&wire).await, 3);
}

#[wasm_bindgen_test]
async fn a_post_is_never_sent_again_unless_told() {
    let wire = Wire::new().await;
    http::post(wire.url("/status/503")).body("once").retry(quick()).await.unwrap();
    assert_eq!(sends(&wire).await, 1);
    let told = Wire::new().await;
    http::post(told.url("/status/503")).body("thrice").retry(quick().any_method()).await.unwrap();
    assert_eq!(sends(&told).await, 3);
}

#[wasm_bindgen_test]
async fn what_will_not_change_is_not_tried_again() {
    for path in ["/status/404", "/status/400", "/status/200"] {
        let wire = Wire::new().await;
        http::get(wire.url(path)).retry(quick()).await.unwrap();
        assert_eq!(sends(&wire).await, 1, "{path}");
    }
}

#[wasm_bindgen_test]
async fn retry_after_is_kept_to_and_capped_by_the_total_limit() {
    let begin = js_sys::Date::now();
    let wire = Wire::new().await;
    let patient = http::get(wire.url("/status/429?header=Retry-After:1"));
    patient.retry(quick().more_attempts(1)).await.unwrap();
    assert_eq!(sends(&wire).await, 2);
    assert!(js_sys::Date::now() - begin >= 1000.0);

    let wire = Wire::new().await;
    let hurried = http::get(wire.url("/status/429?header=Retry-After:60")).timeout(ms(2000));
    let response =
        within(1500, hurried.retry(quick())).await.expect("no wait fits, so the answer stands at once");
    assert_eq!(response.unwrap().attempts(), 1);
}

#[wasm_bindgen_test]
async fn the_total_limit_holds_for_all_attempts_together() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/delay/400?preflight=204&cors=off")).timeout(ms(1000));
    let many = Retry::new().more_attempts(50).backoff(ms(1), ms(1));
    let error = within(2500, request.retry(many)).await.expect("the limit must end it").unwrap_err();
    assert!(error.is_network() || error.is_timeout(), "{error}");
    assert!((2..=3).contains(&sends(&wire).await), "{}", sends(&wire).await);
}

#[wasm_bindgen_test]
async fn a_signal_ends_the_wait_between_attempts() {
    let wire = Wire::new().await;
    let controller = AbortController::new().unwrap();
    let request = http::get(wire.url("/status/503")).abort_signal(&controller.signal());
    let slow = request.retry(Retry::new().backoff(Duration::from_secs(3000), Duration::from_secs(3000)));
    let (outcome, ()) = join(within(3000, slow), async {
        sleep(300).await;
        controller.abort();
    })
    .await;
    assert!(outcome.expect("the abort must end the wait").unwrap_err().is_aborted());
}

#[wasm_bindgen_test]
async fn a_dropped_retry_sends_nothing_more() {
    let wire = Wire::new().await;
    let endless =
        http::get(wire.url("/status/503")).retry(Retry::new().more_attempts(1000).backoff(ms(50), ms(50)));
    assert!(within(400, endless).await.is_none());
    let sent = sends(&wire).await;
    sleep(300).await;
    assert_eq!(sends(&wire).await, sent);
}

#[wasm_bindgen_test]
async fn a_retried_exchange_tells_its_events_and_can_be_aborted() {
    let wire = Wire::new().await;
    let exchange = http::get(wire.url("/status/503")).retry(quick()).start().unwrap();
    let events = exchange.events();
    let (response, events): (_, Vec<Event>) = join(exchange, events.collect()).await;
    assert_eq!(response.unwrap().attempts(), 3);
    let starts = events.iter().filter(|event| matches!(event, Event::Download(Moment::LoadStart, _))).count();
    assert_eq!(starts, 3);

    let wire = Wire::new().await;
    let mut exchange = http::get(wire.url("/delay/5000")).retry(quick()).start().unwrap();
    assert!(within(300, &mut exchange).await.is_none());
    exchange.abort();
    assert!(exchange.await.unwrap_err().is_aborted());
    wire.disconnected().await;
}

#[wasm_bindgen_test]
async fn a_client_gives_its_defaults_and_a_request_overrides_them() {
    let wire = Wire::new().await;
    let base = wire.url("/").split_once("/?").unwrap().0.to_owned();
    let key = wire.url("/").split_once("key=").unwrap().1.to_owned();
    let client = Client::new().base(format!("{base}/echo")).header("x-default", "1").header("x-other", "2");
    client.get("").query("key", &key).header("x-default", "own").await.unwrap();
    client.get("").query("key", &key).await.unwrap();
    let entries = wire.entries().await;
    let sent: Vec<_> = entries.iter().filter(|entry| entry.method == "GET").collect();
    assert_eq!(sent[0].header("x-default"), Some("own"));
    assert_eq!((sent[1].header("x-default"), sent[1].header("x-other")), (Some("1"), Some("2")));
}

#[wasm_bindgen_test]
async fn functions_around_requests_nest_and_may_send_again() {
    let wire = Wire::new().await;
    let log: Rc<RefCell<Vec<String>>> = Rc::default();
    let (inner, outer) = (Rc::clone(&log), Rc::clone(&log));
    let client = Client::new()
        .around(move |request, next| {
            let log = Rc::clone(&inner);
            async move {
                let again = request.repeat();
                let response = next.send(request.bearer_auth("stale")).await?;
                log.borrow_mut().push(format!("first {}", response.status()));
                next.send(again.bearer_auth("fresh")).await
            }
        })
        .around(move |request, next| {
            let log = Rc::clone(&outer);
            async move {
                log.borrow_mut().push(format!("{} begins", request.method().as_str()));
                let response = next.send(request).await;
                log.borrow_mut().push("ends".to_owned());
                response
            }
        });
    client.get(&wire.url("/status/200")).await.unwrap();
    assert_eq!(*log.borrow(), ["GET begins", "first 200", "ends"]);
    let entries = wire.entries().await;
    let tokens: Vec<_> = entries.iter().filter_map(|entry| entry.header("authorization")).collect();
    assert_eq!(tokens, ["Bearer stale", "Bearer fresh"]);
}

#[wasm_bindgen_test]
async fn a_transport_answers_in_the_place_of_the_browser_and_is_retried() {
    let asked = Rc::new(RefCell::new(0));
    let count = Rc::clone(&asked);
    let client = Client::new().retry(quick()).transport(move |request| {
        *count.borrow_mut() += 1;
        let status = if *count.borrow() < 3 { 503 } else { 200 };
        async move { Ok(Response::made(status, &[("x-url", request.url())], "made up")) }
    });
    let response = client.get("/anything").await.unwrap();
    assert_eq!(
        (response.status(), response.attempts(), response.header("X-URL")),
        (200, 3, Some("/anything"))
    );
    assert_eq!(response.text().await.unwrap(), "made up");
    assert!(client.get("/").header("bad name", "x").await.unwrap_err().is_invalid_request());
}

#[wasm_bindgen_test]
async fn what_a_request_asks_of_its_answer_holds_for_a_transports_too() {
    let client = Client::new()
        .transport(|_| async { Ok(Response::made(200, &[("content-type", "text/plain")], ")]}'\n[1, 2]")) });
    let numbers: Vec<u8> = client.get("/").strip_xssi_prefix().await.unwrap().json().await.unwrap();
    assert_eq!(numbers, [1, 2]);
    let typed = client.get("/").override_mime_type("application/json").await.unwrap();
    assert_eq!(typed.blob().await.unwrap().type_(), "application/json");
    let latin = Client::new().transport(|_| async { Ok(Response::made(404, &[], [0xE9])) });
    let laid_down =
        latin.get("/items?secret").override_mime_type("text/plain; charset=windows-1252").await.unwrap();
    assert_eq!(laid_down.clone().error_for_status().unwrap_err().url(), Some("/items"));
    assert_eq!(laid_down.text().await.unwrap(), "é");
    assert!(client.get("/").max_size(5).await.unwrap_err().is_too_large());
    assert!(client.get("/").max_size(11).await.is_ok());
}

#[wasm_bindgen_test]
async fn a_transport_that_does_not_answer_ends_by_limit_or_signal() {
    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let client = Client::new().transport(move |_| {
        count.set(count.get() + 1);
        std::future::pending()
    });
    let kind =
        async |request: Request| within(2000, request.into_future()).await.unwrap().unwrap_err().kind();
    assert_eq!(kind(client.get("/").timeout(ms(30))).await, ErrorKind::Timeout(Phase::Total));
    let controller = AbortController::new().unwrap();
    let aborted = kind(client.get("/").abort_signal(&controller.signal()));
    let abort = async {
        sleep(30).await;
        controller.abort();
    };
    assert_eq!(join(aborted, abort).await.0, ErrorKind::Aborted(AbortedBy::Caller));
    assert_eq!(asked.get(), 2);
    let late = kind(client.get("/").abort_signal(&controller.signal())).await;
    assert_eq!((late, asked.get()), (ErrorKind::Aborted(AbortedBy::Caller), 2));
}

#[wasm_bindgen_test]
async fn a_request_that_a_transport_sends_on_keeps_its_own_limits_and_errors() {
    let wire = Wire::new().await;
    let inner = wire.url("/status/200?cors=off");
    let client = Client::new().transport(move |request| {
        let inner = inner.clone();
        async move {
            match request.url() {
                "/inner" => http::get(inner).await,
                _ => request.await,
            }
        }
    });
    let slow = wire.url("/bytes/60000?chunk=5000&delay=80");
    let exchange = client.get(&slow).idle_timeout(ms(500)).first_byte_timeout(ms(500)).start().unwrap();
    let events = exchange.events();
    let (answered, events) = join(exchange, events.collect::<Vec<_>>()).await;
    assert_eq!(answered.unwrap().bytes().await.unwrap().len(), 60_000);
    assert_eq!(events.iter().filter(|event| is_end(event)).count(), 1, "{events:?}");
    let exchange = client.get(&slow).timeout(ms(300)).start().unwrap();
    let events = exchange.events();
    let (answered, events) = join(exchange, events.collect::<Vec<_>>()).await;
    assert_eq!(answered.unwrap_err().kind(), ErrorKind::Timeout(Phase::Total));
    assert_eq!(events.iter().filter(|event| is_end(event)).count(), 1, "{events:?}");
    let error = client.get("/inner").await.unwrap_err();
    assert!(error.url().unwrap().ends_with("/status/200"), "{error}");
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::Download(Moment::LoadEnd, _))
}

#[wasm_bindgen_test]
async fn an_xsrf_token_goes_to_the_own_origin_and_to_no_other() {
    evaluate("document.cookie = 'XSRF-TOKEN=a%20b; Path=/'").await.unwrap();
    let sent: Rc<RefCell<Vec<Option<String>>>> = Rc::default();
    let seen = Rc::clone(&sent);
    let client = Client::new().xsrf("XSRF-TOKEN", "X-XSRF-TOKEN").transport(move |request| {
        seen.borrow_mut().push(request.headers().get("x-xsrf-token").map(str::to_owned));
        async { Ok(Response::made(200, &[], "")) }
    });
    let here = evaluate("return location.origin").await.unwrap().as_string().unwrap();
    for url in
        ["/own", &format!("{here}/own"), "//other.example/x", "https://other.example/", "\\\\other.example/x"]
    {
        client.post(url).await.unwrap();
    }
    client.get("/own").await.unwrap();
    client.post("/own").header("x-xsrf-token", "mine").await.unwrap();
    let token = || Some("a b".to_owned());
    assert_eq!(*sent.borrow(), [token(), token(), None, None, None, None, Some("mine".to_owned())]);
    evaluate("document.cookie = 'XSRF-TOKEN=; Path=/; Max-Age=0'").await.unwrap();
}

#[wasm_bindgen_test]
async fn a_page_refuses_to_block_and_says_why_unless_it_is_insisted() {
    let wire = Wire::new().await;
    let error = http::get(wire.url("/status/200")).send_blocking().unwrap_err();
    assert!(error.is_unsupported() && error.to_string().contains("freezes the page"), "{error}");
    assert!(wire.entries().await.is_empty());
    let insisted =
        http::get(wire.url("/status/200?text=gr%C3%BC%C3%9Fe")).send_blocking_and_freeze_the_page();
    assert_eq!(insisted.unwrap().text().await.unwrap(), "grüße");
}

#[wasm_bindgen_test]
async fn an_xsrf_token_is_handed_on_by_a_redirect_to_an_origin_that_takes_it_as_the_docs_say() {
    let wire = Wire::new().await;
    // The test runner's own server cannot redirect: a plain header stands for the token on its way from origin to origin.
    let to = js_sys::encode_uri_component(&wire.second_url("/echo"));
    http::post(wire.url(&format!("/redirect?to={to}&status=307")))
        .header("x-xsrf-token", "on")
        .await
        .unwrap();
    let entries = wire
        .when("the redirected request", |entries| {
            entries.iter().any(|e| e.method == "POST" && e.path == "/echo")
        })
        .await;
    let last = entries.iter().rfind(|entry| entry.method == "POST").unwrap();
    assert_eq!(last.header("x-xsrf-token"), Some("on"));
}
