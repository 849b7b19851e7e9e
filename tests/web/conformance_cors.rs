//! CORS as a caller meets it: what is sent, what may be read, what is hidden: <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use pagewire::http::{self, Form, Request};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, encoded, engine, own_origin, preflights, requests};
use crate::shared::{Wire, evaluate};

type Change = fn(Request) -> Request;

async fn is_hidden(request: Request) -> bool {
    match request.await {
        Ok(_) => false,
        Err(error) => {
            assert!(error.is_network() && error.status().is_none(), "{error}");
            true
        }
    }
}

// xhr/access-control-basic-denied.htm, fetch/api/cors/cors-multiple-origins.sub.any.js
#[wasm_bindgen_test]
async fn an_answer_for_no_other_or_several_origins_is_hidden() {
    let wire = Wire::new().await;
    let own = own_origin().await;
    for origin in ["", "http://other.example", &format!("{own}/"), &format!("{own}, *"), "*, *", "null"] {
        let url = wire.url(&format!("/status/200?acao={}", encoded(origin)));
        assert!(is_hidden(http::get(url)).await, "{origin}");
    }
    for origin in ["*", &own] {
        let url = wire.url(&format!("/status/200?acao={}", encoded(origin)));
        assert!(!is_hidden(http::get(url)).await, "{origin}");
    }
    assert!(wire.entries().await.iter().all(|entry| entry.status == Some(200)), "the server answered all");
}

// xhr/access-control-basic-denied.htm: NetworkError is thrown where no event can tell.
#[wasm_bindgen_test]
async fn a_blocking_request_meets_a_hidden_answer_as_a_network_error_too() {
    let wire = Wire::new().await;
    let error = http::get(wire.url("/status/200?cors=off")).send_blocking_and_freeze_the_page().unwrap_err();
    assert!(error.is_network(), "{error}");
    assert_eq!(wire.entries().await[0].status, Some(200));
}

// cors/credentials-flag.htm
#[wasm_bindgen_test]
async fn with_credentials_only_the_exact_origin_and_the_exact_word_true_will_do() {
    let wire = Wire::new().await;
    let with = |query: &str| http::get(wire.url(&format!("/status/200?{query}"))).with_credentials(true);
    for word in ["TRUE", "True", "%22true%22", "1", "yes", ""] {
        assert!(is_hidden(with(&format!("acac={word}"))).await, "{word}");
    }
    assert!(is_hidden(with("acao=*")).await);
    assert!(is_hidden(with("cors=star")).await);
    assert!(!is_hidden(with("acac=true")).await);
    assert!(!is_hidden(http::get(wire.url("/status/200?acac="))).await);
}

#[wasm_bindgen_test]
async fn a_cookie_is_not_taken_without_credentials() {
    let wire = Wire::new().await;
    let name = format!("pagewire-{}", js_sys::Date::now());
    http::get(wire.url(&format!("/status/200?set_cookie={name}=1"))).await.unwrap();
    http::get(wire.url("/echo")).with_credentials(true).await.unwrap();
    let entries = wire.entries().await;
    assert!(!entries[1].header("cookie").unwrap_or_default().contains(&name));
}

// cors/response-headers.htm
#[wasm_bindgen_test]
async fn only_safelisted_and_exposed_headers_are_read() {
    let wire = Wire::new().await;
    let url = |exposed: &str| {
        wire.url(&format!("/status/200?header=X-One:1&header=X-Two:2&header=Expires:0&aceh={exposed}"))
    };
    for (exposed, one, two) in
        [("", None, None), ("X-Two", None, Some("2")), ("x-two,%20X-ONE", Some("1"), Some("2"))]
    {
        let response = http::get(url(exposed)).await.unwrap();
        assert_eq!((response.header("x-one"), response.header("x-two")), (one, two), "{exposed}");
        assert_eq!(response.header("expires"), Some("0"));
        assert_eq!(response.headers().iter().any(|(name, _)| name == "x-one"), one.is_some());
    }
}

// xhr/cors-expose-star.sub.any.js
#[wasm_bindgen_test]
async fn a_star_exposes_all_headers_without_credentials_and_is_a_mere_name_with_them() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?header=X-One:1&aceh=*&set_cookie=pagewire-star=1");
    let without = http::get(&*url).await.unwrap();
    assert_eq!((without.header("x-one"), without.header("set-cookie")), (Some("1"), None));
    let with = http::get(&*url).with_credentials(true).await.unwrap();
    assert_eq!(with.header("x-one"), None);
}

// fetch/api/cors/cors-no-preflight.any.js
#[wasm_bindgen_test]
async fn simple_requests_go_without_a_preflight() {
    let blob: web_sys::Blob =
        evaluate("return new Blob(['x'], { type: 'text/plain' })").await.unwrap().unchecked_into();
    let wire = Wire::new().await;
    let url = || wire.url("/echo");
    let simple = [
        http::get(url()),
        http::head(url()),
        http::post(url()),
        http::post(url()).body("text"),
        http::post(url()).body(vec![1, 2]),
        http::post(url()).form(&[("a", "1")]),
        http::post(url()).body(Form::new().unwrap().text("a", "1").unwrap()),
        http::post(url()).body(blob),
        http::get(url()).header("accept", "application/json"),
        http::get(url()).header("accept-language", "de"),
        http::get(url()).header("content-language", "de"),
        http::post(url()).header("content-type", "text/plain;charset=utf-8").body("x"),
    ];
    for request in simple {
        request.await.unwrap();
    }
    let entries = wire.entries().await;
    assert_eq!((preflights(&entries), entries.len()), (0, 12));
}

// fetch/api/cors/cors-preflight-not-cors-safelisted.any.js
#[wasm_bindgen_test]
async fn anything_else_is_preflighted() {
    let blob = evaluate("return new Blob(['1'], { type: 'application/json' })").await.unwrap();
    let blob: web_sys::Blob = blob.unchecked_into();
    let long = "x".repeat(129);
    let not_simple: [(&str, Change); 9] = [
        ("GET", |request| request.header("x-own", "1")),
        ("GET", |request| request.bearer_auth("t")),
        ("GET", |request| request.header("if-none-match", "\"v1\"")),
        ("GET", |request| request.header("cache-control", "no-cache")),
        ("GET", |request| request.header("last-event-id", "7")),
        ("GET", |request| request.header("accept", "text/html\"")),
        ("PUT", |request| request.body("x")),
        ("DELETE", |request| request),
        ("POST", |request| request.json(&1)),
    ];
    for (index, (method, with)) in not_simple.into_iter().enumerate() {
        let wire = Wire::new().await;
        with(http::request(method, wire.url("/echo"))).await.unwrap();
        assert_eq!(preflights(&wire.entries().await), 1, "number {index}");
    }
    let wire = Wire::new().await;
    http::post(wire.url("/echo?json")).body(blob).await.unwrap();
    http::get(wire.url("/echo?long")).header("accept", &long).await.unwrap();
    assert_eq!(preflights(&wire.entries().await), 2);
}

#[wasm_bindgen_test]
async fn a_preflight_names_the_method_and_the_headers_sorted_in_lower_case_and_carries_no_cookie() {
    let wire = Wire::new().await;
    http::get(wire.url("/status/200?set_cookie=pagewire-preflight=1")).with_credentials(true).await.unwrap();
    let request = http::put(wire.url("/echo")).header("X-Zebra", "1").header("X-Alpha", "2");
    request.header("content-type", "text/x-own").body("b").with_credentials(true).await.unwrap();
    let entries = wire.entries().await;
    let preflight = entries.iter().find(|entry| entry.method == "OPTIONS").unwrap();
    assert_eq!(preflight.header("access-control-request-method"), Some("PUT"));
    assert_eq!(preflight.header("access-control-request-headers"), Some("content-type,x-alpha,x-zebra"));
    assert_eq!(preflight.header("origin"), Some(&*own_origin().await));
    assert_eq!((preflight.header("cookie"), preflight.header("x-alpha")), (None, None));
    let put = entries.iter().find(|entry| entry.method == "PUT").unwrap();
    assert!(put.header("cookie").unwrap().contains("pagewire-preflight=1"));
}

// fetch/api/cors/cors-preflight-status.any.js
#[wasm_bindgen_test]
async fn a_preflight_passes_with_any_status_of_success_and_with_no_other() {
    for (status, passes) in
        [(200, true), (204, true), (299, true), (302, false), (400, false), (404, false), (500, false)]
    {
        let wire = Wire::new().await;
        let hidden = is_hidden(http::put(wire.url(&format!("/echo?preflight={status}"))).body("x")).await;
        assert_eq!(!hidden, passes, "{status}");
        assert_eq!(requests(&wire.entries().await).len(), usize::from(passes), "{status}");
    }
}

#[wasm_bindgen_test]
async fn a_method_or_a_header_that_the_preflight_does_not_grant_is_not_sent() {
    for (query, sent) in [
        ("acam=GET", false),
        ("acam=put", false),
        ("acam=GET,%20PUT", true),
        ("acah=x-other", false),
        ("acah=X-OWN", true),
        ("acam=*&acah=*", true),
    ] {
        let wire = Wire::new().await;
        let request = http::put(wire.url(&format!("/echo?{query}"))).header("x-own", "1").body("x");
        assert_eq!(is_hidden(request).await, !sent, "{query}");
        assert_eq!(requests(&wire.entries().await).len(), usize::from(sent), "{query}");
    }
}

// fetch/api/cors/cors-preflight-star.any.js
#[wasm_bindgen_test]
async fn a_star_grants_headers_and_methods_without_credentials_only_though_engines_let_it_cover_authorization()
 {
    let wire = Wire::new().await;
    let put = || http::put(wire.url("/echo?acam=*&acah=*")).header("x-own", "1").body("x");
    assert!(!is_hidden(put()).await);
    assert!(is_hidden(put().with_credentials(true)).await);
    // The standard wants it named: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
    assert!(!is_hidden(http::get(wire.url("/echo?acah=*")).bearer_auth("t")).await);
}

// xhr/access-control-basic-allow-preflight-cache-timeout.any.js
#[wasm_bindgen_test]
async fn a_preflight_is_remembered_for_its_max_age_by_url_method_and_headers() {
    let wire = Wire::new().await;
    let url = wire.url("/echo?acma=600");
    let seen = async || preflights(&wire.entries().await);
    // Firefox forgets it whenever it has looked the host up anew, which it does for either family of addresses and for
    // both together, each at most once a minute.
    let most = if engine().await == Engine::Firefox { 4 } else { 1 };
    let mut first = 0;
    loop {
        http::put(&*url).body("x").await.unwrap();
        if seen().await == first {
            break;
        }
        first += 1;
        assert!(first <= most, "{first}");
    }
    assert!(first > 0);
    http::put(&*url).header("x-own", "1").body("x").await.unwrap();
    let second = seen().await;
    http::delete(&*url).await.unwrap();
    assert!(first < second && second < seen().await, "{first} {second}");
    let forgotten = Wire::new().await;
    for _ in 0..2 {
        http::put(forgotten.url("/echo?acma=0")).body("x").await.unwrap();
    }
    assert_eq!(preflights(&forgotten.entries().await), 2);
}

// xhr/access-control-and-redirects-async.any.js, fetch/api/cors/cors-redirect-preflight.any.js
#[wasm_bindgen_test]
async fn a_redirect_to_another_origin_is_preflighted_again_and_its_origin_becomes_null() {
    let wire = Wire::new().await;
    let target = encoded(&wire.second_url("/echo"));
    let request = http::get(wire.url(&format!("/redirect?to={target}"))).header("x-own", "1");
    request.await.unwrap();
    let entries = wire.entries().await;
    let seen: Vec<_> = entries.iter().map(|entry| (entry.method.as_str(), entry.path.as_str())).collect();
    let expected = [("OPTIONS", "/redirect"), ("GET", "/redirect"), ("OPTIONS", "/echo"), ("GET", "/echo")];
    assert_eq!(seen, expected);
    let origins: Vec<_> = requests(&entries).iter().map(|entry| entry.header("origin").unwrap()).collect();
    assert_eq!(origins, [&*own_origin().await, "null"]);
}

#[wasm_bindgen_test]
async fn a_redirect_must_allow_the_origin_itself_and_may_name_no_user() {
    let wire = Wire::new().await;
    let target = wire.second_url("/echo");
    let hidden = http::get(wire.url(&format!("/redirect?cors=off&to={}", encoded(&target))));
    assert!(is_hidden(hidden).await);
    let named = target.replacen("http://", "http://user:secret@", 1);
    assert!(is_hidden(http::get(wire.url(&format!("/redirect?to={}", encoded(&named))))).await);
    assert!(wire.entries().await.iter().all(|entry| entry.path == "/redirect"));
    let allowed = http::get(wire.url(&format!("/redirect?to={}", encoded(&target))));
    assert!(!is_hidden(allowed).await);
}
