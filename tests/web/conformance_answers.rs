//! Statuses, redirects, response headers and encodings, as the platform gives them: <https://xhr.spec.whatwg.org/#response>.

use pagewire::http;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, body, encoded, engine, requests};
use crate::shared::{Wire, evaluate};

// xhr/status-error.htm
#[wasm_bindgen_test]
async fn every_status_that_an_exchange_can_end_with_is_a_response_that_keeps_it() {
    let wire = Wire::new().await;
    for status in [
        200, 201, 202, 204, 205, 206, 226, 299, 300, 304, 305, 306, 399, 400, 402, 404, 406, 410, 416, 418,
        429, 451, 499, 500, 501, 503, 504, 511, 599,
    ] {
        let response = http::get(wire.url(&format!("/status/{status}"))).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.is_success(), (200..300).contains(&status), "{status}");
        assert_eq!(response.error_for_status().is_ok(), (200..300).contains(&status), "{status}");
    }
}

#[wasm_bindgen_test]
async fn a_head_and_an_answer_without_content_have_an_empty_body() {
    let wire = Wire::new().await;
    let head = http::head(wire.url("/bytes/1000")).await.unwrap();
    assert_eq!(head.header("content-length"), Some("1000"));
    assert!(head.bytes().await.unwrap().is_empty());
    for status in [204, 205, 304] {
        let url = wire.url(&format!("/status/{status}"));
        assert_eq!(http::get(&*url).await.unwrap().text().await.unwrap(), "");
        assert!(http::get(&*url).await.unwrap().blob().await.unwrap().size() < 1.0);
        assert!(http::get(&*url).await.unwrap().json::<u32>().await.unwrap_err().is_decode());
    }
}

// xhr/send-conditional.htm
#[wasm_bindgen_test]
async fn a_validator_of_the_caller_lets_the_304_through() {
    let wire = Wire::new().await;
    let request = http::get(wire.url("/status/304?header=ETag:\"v1\"")).header("if-none-match", "\"v1\"");
    let response = request.await.unwrap();
    assert!(response.is_not_modified() && !response.is_success());
    assert_eq!(response.header("etag"), Some("\"v1\""));
    assert_eq!(requests(&wire.entries().await)[0].header("if-none-match"), Some("\"v1\""));
    assert_eq!(response.text().await.unwrap(), "");
}

// xhr/responseurl.html
#[wasm_bindgen_test]
async fn the_url_of_a_response_is_the_last_one_without_its_fragment_also_of_an_error() {
    let wire = Wire::new().await;
    let plain = http::get(format!("{}#part", wire.url("/status/404"))).await.unwrap();
    assert_eq!((plain.status(), plain.url()), (404, wire.url("/status/404")));
    let target = encoded(&format!("{}#part", wire.url("/status/410")));
    let redirected = http::get(wire.url(&format!("/redirect?to={target}"))).await.unwrap();
    assert_eq!((redirected.status(), redirected.url()), (410, wire.url("/status/410")));
}

// xhr/send-redirect-post-upload.htm, https://fetch.spec.whatwg.org/#http-redirect-fetch
#[wasm_bindgen_test]
async fn a_redirect_of_301_302_or_303_turns_a_post_into_a_get_and_307_or_308_repeats_it() {
    for (status, method, text) in
        [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", "hello"), (308, "POST", "hello")]
    {
        let wire = Wire::new().await;
        let target = encoded(&wire.url("/echo"));
        let response =
            http::post(wire.url(&format!("/redirect?status={status}&to={target}"))).body("hello").await;
        assert_eq!(response.unwrap().url(), wire.url("/echo"), "{status}");
        let entries = wire.entries().await;
        let last = requests(&entries)[1];
        assert_eq!((last.method.as_str(), body(last)), (method, text), "{status}");
        assert_eq!(last.header("content-type").is_some(), method == "POST", "{status}");
    }
}

#[wasm_bindgen_test]
async fn a_redirect_of_303_turns_a_put_into_a_get_and_302_does_not() {
    for (status, method) in [(303, "GET"), (302, "PUT")] {
        let wire = Wire::new().await;
        let target = encoded(&wire.url("/echo"));
        http::put(wire.url(&format!("/redirect?status={status}&to={target}"))).body("hello").await.unwrap();
        let entries = wire.entries().await;
        assert_eq!(requests(&entries)[1].method, method, "{status}");
    }
}

// xhr/send-redirect-infinite.htm: "If request's redirect count is 20, then return a network error."
#[wasm_bindgen_test]
async fn a_circle_of_redirects_is_a_network_error_after_twenty() {
    let wire = Wire::new().await;
    // A fragment alone leads back to the same URL.
    let error = http::get(wire.url("/redirect?to=%23again")).await.unwrap_err();
    assert!(error.is_network(), "{error}");
    let count = wire.entries().await.len();
    assert!((20..=22).contains(&count), "{count}");
}

// xhr/send-redirect-no-location.htm
#[wasm_bindgen_test]
async fn a_redirect_that_leads_nowhere_is_a_response() {
    let wire = Wire::new().await;
    for status in [301, 302, 303, 307, 308] {
        let response = http::get(wire.url(&format!("/status/{status}?text=here"))).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.text().await.unwrap(), "here");
    }
}

// xhr/getallresponseheaders.htm, xhr/getresponseheader.any.js
#[wasm_bindgen_test]
async fn response_headers_are_in_lower_case_and_repeated_ones_are_joined() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?header=X-Twice:one&header=X-Alone:a,b&header=X-Twice:two");
    let response = http::get(url).await.unwrap();
    assert_eq!(response.header("X-TWICE"), Some("one, two"));
    assert_eq!(response.header("x-alone"), Some("a,b"));
    assert_eq!(response.header(" x-alone"), None);
    let names: Vec<&str> = response.headers().iter().map(|(name, _)| name).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert!(names.iter().all(|name| *name == name.to_ascii_lowercase()), "{names:?}");
}

#[wasm_bindgen_test]
async fn an_empty_value_among_repeated_ones_keeps_its_place_but_in_firefox() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/status/200?header=X-A:1&header=X-A:&header=X-A:3")).await.unwrap();
    let joined = if engine().await == Engine::Firefox { "1, 3" } else { "1, , 3" };
    assert_eq!(response.header("x-a"), Some(joined));
    let alone = http::get(wire.url("/status/200?header=X-Empty:")).await.unwrap();
    assert_eq!(alone.header("x-empty"), Some(""));
}

// xhr/headers-normalize-response.htm, xhr/getresponseheader-special-characters.htm
#[wasm_bindgen_test]
async fn the_value_of_a_response_header_is_trimmed_and_its_bytes_are_latin_1_but_in_webkit() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?header=X-Wide:%20%09a%20b%09%20&header=X-Bytes:%C3%A9");
    let response = http::get(url).await.unwrap();
    assert_eq!(response.header("x-wide"), Some("a b"));
    let bytes = match engine().await {
        // What is not UTF-8 becomes U+FFFD, and the bytes of that are read as Latin-1.
        Engine::WebKit => "\u{ef}\u{bf}\u{bd}",
        Engine::Chromium | Engine::Firefox => "é",
    };
    assert_eq!(response.header("x-bytes"), Some(bytes));
}

// "If name is a forbidden response-header name": https://fetch.spec.whatwg.org/#forbidden-response-header-name
#[wasm_bindgen_test]
async fn a_cookie_that_is_set_is_never_read() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?set_cookie=pagewire-unread=1&aceh=Set-Cookie,X-Seen&header=X-Seen:1");
    let response = http::get(url).with_credentials(true).await.unwrap();
    assert_eq!((response.header("set-cookie"), response.header("x-seen")), (None, Some("1")));
}

// xhr/json.any.js
#[wasm_bindgen_test]
async fn json_is_utf8_whatever_the_header_says() {
    let wire = Wire::new().await;
    let url =
        wire.url("/status/200?text=%22caf%C3%A9%22&header=Content-Type:text/plain;charset=windows-1252");
    assert_eq!(http::get(url).await.unwrap().json::<String>().await.unwrap(), "café");
}

#[wasm_bindgen_test]
async fn a_body_of_no_bytes_reads_as_nothing_and_is_no_json() {
    let wire = Wire::new().await;
    let get = async || http::get(wire.url("/bytes/0")).await.unwrap();
    assert_eq!(get().await.text().await.unwrap(), "");
    assert!(get().await.bytes().await.unwrap().is_empty());
    assert!(get().await.json::<()>().await.unwrap_err().is_decode());
}

#[wasm_bindgen_test]
async fn a_body_that_comes_a_byte_at_a_time_is_whole() {
    let wire = Wire::new().await;
    let bytes = http::get(wire.url("/bytes/300?chunk=1&delay=1")).await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes, (0..300_u32).map(|i| (i % 251) as u8).collect::<Vec<_>>());
}

// https://fetch.spec.whatwg.org/#scheme-fetch
#[wasm_bindgen_test]
async fn blob_and_data_urls_are_read_like_any_other() {
    let text = http::get("data:text/plain;charset=utf-8,caf%C3%A9").await.unwrap().text().await.unwrap();
    assert_eq!(text, "café");
    let url = evaluate("return URL.createObjectURL(new Blob(['[1,2]'], { type: 'application/json' }))");
    let url = url.await.unwrap().as_string().unwrap();
    let response = http::get(&*url).await.unwrap();
    assert_eq!((response.status(), response.header("content-type")), (200, Some("application/json")));
    assert_eq!(response.json::<Vec<u32>>().await.unwrap(), [1, 2]);
    assert!(http::post(&*url).body("x").await.unwrap_err().is_network());
}

// xhr/xhr-authorization-redirect.any.js
#[wasm_bindgen_test]
async fn authorization_does_not_follow_a_redirect_to_another_origin() {
    let wire = Wire::new().await;
    let target = encoded(&wire.second_url("/echo"));
    let response = http::get(wire.url(&format!("/redirect?to={target}"))).bearer_auth("t0ken").await;
    let entries = wire.entries().await;
    let sent: Vec<_> = requests(&entries).iter().map(|entry| entry.header("authorization")).collect();
    assert!(response.is_ok(), "{response:?}");
    assert_eq!(sent, [Some("Bearer t0ken"), None]);
}
