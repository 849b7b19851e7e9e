//! Against httpbin, a server that others wrote and that says what it was asked.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join;
use pagewire::http::{self, Client, Event, Form, Moment, Progress, Request, ResponseType};
use pagewire::{ErrorKind, Phase, stream};
use serde::Serialize;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, evaluate, peer, within};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Where httpbin is: another origin than the tests' page, and the same site.
struct Httpbin(String);

impl Httpbin {
    /// `None` where there is none: the test is skipped, and says so.
    async fn find() -> Option<Self> {
        peer("httpbin").await.map(Self)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    fn get(&self, path: &str) -> Request {
        http::get(self.url(path))
    }

    fn put(&self, path: &str) -> Request {
        http::put(self.url(path))
    }

    fn post(&self, path: &str) -> Request {
        http::post(self.url(path))
    }
}

/// What httpbin says it was asked.
async fn seen(request: Request) -> Value {
    request.await.unwrap().error_for_status().unwrap().json().await.unwrap()
}

async fn fails_in(phase: Phase, request: Request) {
    let outcome = within(5000, request).await.expect("a time limit must end the request");
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout(phase));
}

/// The progress of a download, with the number of bytes that the response was read as.
async fn download(request: Request) -> (Vec<Progress>, u64) {
    let exchange = request.start().unwrap();
    let events = exchange.events();
    let (response, events): (_, Vec<Event>) = join(exchange, events.collect()).await;
    let read = response.unwrap().bytes().await.unwrap().len();
    let progress = events.iter().filter_map(|event| match event {
        Event::Download(Moment::Progress, progress) => Some(*progress),
        _ => None,
    });
    (progress.collect(), read.try_into().unwrap())
}

// Redirects

#[wasm_bindgen_test]
async fn relative_and_absolute_redirects_are_followed_to_the_end() {
    let Some(httpbin) = Httpbin::find().await else { return };
    for path in ["/redirect/3", "/relative-redirect/3", "/absolute-redirect/3"] {
        let response = httpbin.get(path).await.unwrap();
        assert_eq!((response.status(), response.url()), (200, httpbin.url("/get")), "{path}");
    }
}

// https://fetch.spec.whatwg.org/#http-redirect-fetch: "If request's redirect count is 20, then return a network error."
#[wasm_bindgen_test]
async fn redirects_without_an_end_are_a_network_error() {
    let Some(httpbin) = Httpbin::find().await else { return };
    assert_eq!(httpbin.get("/redirect/15").await.unwrap().status(), 200);
    assert!(httpbin.get("/redirect/30").await.unwrap_err().is_network());
}

#[wasm_bindgen_test]
async fn a_307_and_a_308_send_the_body_again_and_a_302_and_a_303_turn_a_post_into_a_get() {
    let Some(httpbin) = Httpbin::find().await else { return };
    for (status, expected) in
        [(307, ("POST", "body")), (308, ("POST", "body")), (302, ("GET", "")), (303, ("GET", ""))]
    {
        let path = format!("/redirect-to?url=/anything&status_code={status}");
        let seen = seen(httpbin.post(&path).body("body")).await;
        assert_eq!((&seen["method"], &seen["data"]), (&json!(expected.0), &json!(expected.1)), "{status}");
    }
}

// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
#[wasm_bindgen_test]
async fn after_a_redirect_to_a_third_origin_the_url_names_it_and_the_origin_sent_is_null() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let wire = Wire::new().await;
    let target = wire.url("/status/200?text=third");
    let response = httpbin.get("/redirect-to").query("url", &target).await.unwrap();
    assert_eq!(response.url(), target);
    assert_eq!(wire.entries().await[0].origin.as_deref(), Some("null"));
}

// Cookies

#[wasm_bindgen_test]
async fn a_cookie_is_kept_and_sent_only_by_requests_with_credentials() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let name = format!("kept-{}", js_sys::Date::now());
    let set = httpbin.get(&format!("/cookies/set/{name}/1"));
    // It answers with a redirect, and what it redirects to shows the cookies that came.
    assert_eq!(seen(set.with_credentials(true)).await["cookies"][&name], "1");
    assert_eq!(seen(httpbin.get("/cookies").with_credentials(true)).await["cookies"][&name], "1");
    assert_eq!(seen(httpbin.get("/cookies")).await["cookies"], json!({}));
    let delete = httpbin.get("/cookies/delete").query(&name, "");
    assert_eq!(seen(delete.with_credentials(true)).await["cookies"][&name], Value::Null);
}

#[wasm_bindgen_test]
async fn a_cookie_that_comes_without_credentials_is_not_kept() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let name = format!("dropped-{}", js_sys::Date::now());
    httpbin.get(&format!("/cookies/set/{name}/1")).await.unwrap();
    let cookies = seen(httpbin.get("/cookies").with_credentials(true)).await;
    assert_eq!(cookies["cookies"][&name], Value::Null);
}

// Credentials in headers

#[wasm_bindgen_test]
async fn basic_credentials_open_what_is_theirs_and_nothing_else() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let path = "/basic-auth/J%C3%BCrgen/pass%20word";
    let seen = seen(httpbin.get(path).basic_auth("Jürgen", "pass word")).await;
    assert_eq!((&seen["authenticated"], &seen["user"]), (&json!(true), &json!("Jürgen")));
    let wrong = httpbin.get(path).basic_auth("Jürgen", "password").await.unwrap();
    assert_eq!(wrong.error_for_status().unwrap_err().status(), Some(401));
    assert_eq!(httpbin.get(path).await.unwrap().status(), 401);
    let hidden = httpbin.get("/hidden-basic-auth/user/right");
    assert_eq!(hidden.basic_auth("user", "wrong").await.unwrap().status(), 404);
}

#[wasm_bindgen_test]
async fn a_bearer_token_arrives_as_it_is_and_its_absence_is_a_401() {
    let Some(httpbin) = Httpbin::find().await else { return };
    assert_eq!(seen(httpbin.get("/bearer").bearer_auth("a.b-c_d~e+f/g==")).await["token"], "a.b-c_d~e+f/g==");
    assert_eq!(httpbin.get("/bearer").await.unwrap().status(), 401);
}

#[wasm_bindgen_test]
async fn a_client_that_meets_a_401_can_fetch_a_token_and_ask_again() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let client =
        Client::new().base(httpbin.url("/")).around(|request: Request, next: http::Next| async move {
            let again = request.repeat().bearer_auth("fresh");
            let response = next.send(request).await?;
            if response.status() == 401 { next.send(again).await } else { Ok(response) }
        });
    assert_eq!(seen(client.get("bearer")).await["token"], "fresh");
}

// Encodings

#[wasm_bindgen_test]
async fn gzip_deflate_and_brotli_are_decoded() {
    let Some(httpbin) = Httpbin::find().await else { return };
    for (path, word) in [("/gzip", "gzipped"), ("/deflate", "deflated"), ("/brotli", "brotli")] {
        assert_eq!(seen(httpbin.get(path)).await[word], true, "{path}");
    }
}

// Firefox counts the bytes on the wire and tells their total; Chromium and WebKit count what they have decoded.
#[wasm_bindgen_test]
async fn the_progress_of_an_encoded_body_never_measures_one_length_by_the_other() {
    let Some(httpbin) = Httpbin::find().await else { return };
    for path in ["/gzip", "/deflate", "/brotli"] {
        let response = httpbin.get(path).await.unwrap();
        let on_the_wire: u64 = response.header("content-length").unwrap().parse().unwrap();
        let (progress, read) = download(httpbin.get(path)).await;
        assert!(on_the_wire < read, "{path}: {on_the_wire} {read}");
        let last = progress.last().unwrap();
        let whole = if last.total.is_some() { on_the_wire } else { read };
        assert_eq!((last.loaded, last.total.unwrap_or(whole)), (whole, whole), "{path}");
    }
}

#[wasm_bindgen_test]
async fn utf8_beyond_the_basic_plane_is_read_as_text_and_as_a_document() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let text = httpbin.get("/encoding/utf8").await.unwrap().text().await.unwrap();
    assert!(text.contains("∮ E⋅da = Q") && text.contains("ᚻᛖ ᚳᚹᚫᚦ"), "{text}");
    let page = httpbin.get("/encoding/utf8").response_type(ResponseType::Document).await.unwrap();
    let title = page.document().await.unwrap().query_selector("h1").unwrap().unwrap();
    assert_eq!(title.text_content().as_deref(), Some("Unicode Demo"));
    let xml = httpbin.get("/xml").response_type(ResponseType::Document).await.unwrap();
    assert_eq!(xml.document().await.unwrap().document_element().unwrap().tag_name(), "slideshow");
}

// Time

#[wasm_bindgen_test]
async fn a_late_answer_fails_by_the_limit_that_it_passed_and_by_no_other() {
    let Some(httpbin) = Httpbin::find().await else { return };
    fails_in(Phase::Total, httpbin.get("/delay/4").timeout(ms(300))).await;
    fails_in(Phase::FirstByte, httpbin.get("/delay/4").first_byte_timeout(ms(300)).timeout(ms(4500))).await;
    let patient = httpbin.get("/delay/1").timeout(ms(9000)).first_byte_timeout(ms(8000));
    assert_eq!(patient.await.unwrap().status(), 200);
}

#[wasm_bindgen_test]
async fn a_body_that_drips_is_progress_with_a_total_and_keeps_within_its_idle_limit() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let request = httpbin.get("/drip?duration=2&numbytes=10").idle_timeout(ms(1500));
    let (progress, read) = download(request).await;
    assert_eq!(read, 10);
    assert!(progress.len() >= 3, "{progress:?}");
    assert!(progress.is_sorted_by(|a, b| a.loaded <= b.loaded), "{progress:?}");
    assert!(progress.iter().all(|step| step.total == Some(10)), "{progress:?}");
}

#[wasm_bindgen_test]
async fn a_drip_that_stalls_is_ended_by_the_idle_limit() {
    let Some(httpbin) = Httpbin::find().await else { return };
    fails_in(Phase::Idle, httpbin.get("/drip?duration=8&numbytes=2").idle_timeout(ms(500))).await;
}

// Status

#[wasm_bindgen_test]
async fn every_status_is_handed_on_and_only_200_to_299_is_a_success() {
    let Some(httpbin) = Httpbin::find().await else { return };
    for status in [200, 201, 204, 226, 299, 300, 304, 400, 404, 418, 429, 451, 500, 503, 599, 799, 999] {
        let response = httpbin.get(&format!("/status/{status}")).await.unwrap();
        assert_eq!((response.status(), response.is_success()), (status, status < 300));
        assert_eq!(response.is_not_modified(), status == 304);
        assert_eq!(
            response.error_for_status().err().and_then(|error| error.status()),
            (status >= 300).then_some(status)
        );
    }
    assert_eq!(httpbin.get("/status/204").await.unwrap().bytes().await.unwrap(), b"");
    let teapot = httpbin.get("/status/418").await.unwrap().error_for_status().unwrap_err();
    assert!(teapot.body().unwrap().contains("teapot"), "{teapot:?}");
}

#[wasm_bindgen_test]
async fn a_validator_of_the_caller_is_answered_with_not_modified() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let fresh = httpbin.get("/etag/one").header("if-none-match", "one").await.unwrap();
    assert!(fresh.is_not_modified());
    assert_eq!(fresh.bytes().await.unwrap(), b"");
    assert_eq!(httpbin.get("/etag/two").header("if-none-match", "one").await.unwrap().status(), 200);
}

#[wasm_bindgen_test]
async fn a_range_is_answered_in_part() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let part = httpbin.get("/range/26").header("range", "bytes=10-14").await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.text().await.unwrap(), "klmno");
}

// Headers

#[wasm_bindgen_test]
async fn repeated_response_headers_are_joined_once_they_are_exposed() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let path = "/response-headers?X-Part=one&X-Part=two";
    assert_eq!(httpbin.get(path).await.unwrap().header("x-part"), None);
    let exposed = httpbin.get(path).query("Access-Control-Expose-Headers", "X-Part").await.unwrap();
    assert_eq!(exposed.header("x-part"), Some("one, two"));
}

#[wasm_bindgen_test]
async fn query_values_and_headers_arrive_as_they_were_given() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let request = httpbin.get("/anything?a=1#part").query("a", "2").query("q", "1&2 = ü+%");
    let seen =
        seen(request.header("x-one", "1").append_header("x-two", "a").append_header("x-two", "b")).await;
    assert_eq!(seen["args"], json!({ "a": ["1", "2"], "q": "1&2 = ü+%" }));
    assert_eq!((&seen["headers"]["X-One"], &seen["headers"]["X-Two"]), (&json!("1"), &json!("a, b")));
}

// Bodies

#[derive(Serialize)]
struct Order {
    name: &'static str,
    count: u32,
    note: Option<&'static str>,
}

const ORDER: Order = Order { name: "Käse & Brot=1+1", count: 2, note: None };

#[wasm_bindgen_test]
async fn a_urlencoded_form_is_read_as_its_fields() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let seen = seen(httpbin.post("/post").form(&ORDER)).await;
    assert_eq!(seen["form"], json!({ "name": "Käse & Brot=1+1", "count": "2" }));
}

#[wasm_bindgen_test]
async fn a_multipart_form_is_read_as_its_fields_and_files() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let file: web_sys::File =
        evaluate("return new File(['first\\nsecond\\n'], 'lines.txt', { type: 'text/plain' })")
            .await
            .unwrap()
            .unchecked_into();
    let blob: web_sys::Blob =
        evaluate("return new Blob([new Uint8Array([0, 255, 13, 10])])").await.unwrap().unchecked_into();
    let form = Form::new().unwrap().text("title", "Grüße").unwrap().text("tag", "a").unwrap();
    let form = form.text("tag", "b").unwrap().file("file", &file).unwrap();
    let seen = seen(httpbin.post("/post").body(form.blob("raw", &blob, "raw.bin").unwrap())).await;
    assert_eq!(seen["form"], json!({ "title": "Grüße", "tag": ["a", "b"] }));
    let raw = "data:application/octet-stream;base64,AP8NCg==";
    assert_eq!(seen["files"], json!({ "file": "first\nsecond\n", "raw": raw }));
}

#[wasm_bindgen_test]
async fn every_method_carries_its_body() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let whole = json!({ "name": "Käse & Brot=1+1", "count": 2, "note": null });
    for method in ["post", "put", "patch", "delete"] {
        let seen =
            seen(http::request(&method.to_uppercase(), httpbin.url(&format!("/{method}"))).json(&ORDER))
                .await;
        assert_eq!(
            (&seen["json"], &seen["headers"]["Content-Type"]),
            (&whole, &json!("application/json")),
            "{method}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_large_upload_arrives_whole() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let seen = seen(httpbin.put("/put").body(vec![b'x'; 3_000_000])).await;
    assert_eq!(seen["headers"]["Content-Length"], "3000000");
    assert_eq!(seen["data"].as_str().map(str::len), Some(3_000_000));
}

#[wasm_bindgen_test]
async fn a_picture_is_a_blob_of_its_type_and_its_bytes_are_untouched() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let blob =
        httpbin.get("/image/png").response_type(ResponseType::Blob).await.unwrap().blob().await.unwrap();
    let bytes = httpbin.get("/image/png").await.unwrap().bytes().await.unwrap();
    assert_eq!((blob.type_().as_str(), blob.size()), ("image/png", bytes.len() as f64));
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
}

// Streams

#[wasm_bindgen_test]
async fn a_chunked_answer_is_read_line_by_line() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let lines: Vec<_> = stream::lines(httpbin.get("/stream/20")).collect().await;
    let ids =
        lines.into_iter().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap()["id"].clone());
    assert_eq!(ids.collect::<Vec<_>>(), (0..20).map(Value::from).collect::<Vec<_>>());
}

#[wasm_bindgen_test]
async fn what_is_streamed_is_what_is_read_at_once() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let path = "/stream-bytes/50000?seed=7&chunk_size=1000";
    let pieces: Vec<_> = stream::bytes(httpbin.get(path)).collect().await;
    let streamed: Vec<u8> = pieces.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(streamed.len(), 50_000);
    assert!(streamed == httpbin.get(path).await.unwrap().bytes().await.unwrap());
}

#[wasm_bindgen_test]
async fn a_drip_is_streamed_while_it_goes_on() {
    let Some(httpbin) = Httpbin::find().await else { return };
    let mut drip = stream::bytes(httpbin.get("/drip?duration=8&numbytes=4"));
    let first = within(1900, drip.next()).await.expect("the first byte must not wait for the second");
    assert_eq!(first.unwrap().unwrap(), b"*");
}
