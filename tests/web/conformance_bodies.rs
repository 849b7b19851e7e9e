//! What reaches the wire of a body and its type: <https://fetch.spec.whatwg.org/#bodyinit-safely-extract>.

use js_sys::{ArrayBuffer, Uint8Array};
use pagewire::http::{self, Body};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, body, engine, requests};
use crate::shared::{Entry, Wire, evaluate};

/// The server's record of one POST with this body.
async fn posted(body: impl Into<Body>) -> Entry {
    let wire = Wire::new().await;
    http::post(wire.url("/echo")).body(body).await.unwrap();
    wire.entries().await.into_iter().find(|entry| entry.method == "POST").unwrap()
}

/// What the server is to get of a value that JavaScript made.
async fn made(source: &str) -> Body {
    Body::try_from(evaluate(source).await.unwrap()).unwrap()
}

#[wasm_bindgen_test]
async fn text_goes_as_utf8_and_says_so() {
    let entry = posted("grüße 汉 𝄞").await;
    assert_eq!(body(&entry), "grüße 汉 𝄞");
    assert_eq!(entry.header("content-type").unwrap().to_ascii_lowercase(), "text/plain;charset=utf-8");
    assert_eq!(entry.body.as_ref().unwrap().length, 16);
}

#[wasm_bindgen_test]
async fn bytes_go_as_they_are_and_name_no_type() {
    let zeros: &'static [u8] = &[0, 1, 0, 65];
    for body in [Body::from(zeros), Body::from(vec![0, 1, 0, 65]), Body::from(&[0, 1, 0, 65])] {
        let entry = posted(body).await;
        assert_eq!(crate::conformance_engine::body(&entry), "\0\u{1}\0A");
        assert_eq!(entry.header("content-type"), None);
    }
}

// xhr/send-data-arraybufferview.any.js
#[wasm_bindgen_test]
async fn a_view_sends_its_own_part_of_its_buffer() {
    let memory = "const memory = new TextEncoder().encode('abcdefghij').buffer;";
    for view in [
        "new Uint8Array(memory, 2, 3)",
        "new DataView(memory, 2, 3)",
        "new Uint8Array(memory).subarray(2, 5)",
    ] {
        let entry = posted(made(&format!("{memory} return {view}")).await).await;
        assert_eq!(body(&entry), "cde", "{view}");
    }
    let whole: ArrayBuffer = evaluate(&format!("{memory} return memory")).await.unwrap().unchecked_into();
    assert_eq!(body(&posted(Uint8Array::new_with_byte_offset_and_length(&whole, 4, 2)).await), "ef");
    assert_eq!(body(&posted(whole).await), "abcdefghij");
}

#[wasm_bindgen_test]
async fn bytes_arrive_whole_when_memory_grows_and_their_source_is_gone() {
    let wire = Wire::new().await;
    let source: String = (0..50_000_u32).map(|i| char::from(b'a' + (i % 23) as u8)).collect();
    let expected = source.clone();
    let exchange = http::post(wire.url("/echo")).body(source.into_bytes()).start().unwrap();
    // Growing detaches every buffer on the memory: https://webassembly.github.io/spec/js-api/#refresh-the-memory-buffer
    assert_ne!(core::arch::wasm32::memory_grow::<0>(1), usize::MAX);
    exchange.await.unwrap();
    assert_eq!(body(requests(&wire.entries().await)[0]), expected);
}

// xhr/send-data-string-invalid-unicode.any.js
#[wasm_bindgen_test]
async fn half_a_surrogate_pair_goes_as_a_replacement_character() {
    assert_eq!(body(&posted(made("return 'a\\ud800b'").await).await), "a\u{fffd}b");
}

// "[AllowShared] is not given": https://xhr.spec.whatwg.org/#the-send()-method
#[wasm_bindgen_test]
async fn a_view_of_shared_memory_is_sent_as_a_copy_where_engines_refuse_it_or_send_its_numbers_as_text() {
    let shared = "const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
        new Uint8Array(memory.buffer).fill(65);
        return new Uint8Array(memory.buffer, 8, 3)";
    assert_eq!(body(&posted(made(shared).await).await), "AAA");
}

#[wasm_bindgen_test]
async fn what_is_no_body_is_given_back_and_not_sent_as_its_name() {
    for source in ["return {}", "return 7", "return [1]", "return document.createElement('p')"] {
        let value: JsValue = evaluate(source).await.unwrap();
        assert_eq!(Body::try_from(value.clone()).unwrap_err(), value);
    }
}

#[wasm_bindgen_test]
async fn search_params_and_form_data_bring_their_own_type() {
    let params = posted(made("return new URLSearchParams([['a', '1 2'], ['a', 'ü']])").await).await;
    assert_eq!(body(&params), "a=1+2&a=%C3%BC");
    let kind = params.header("content-type").unwrap().to_ascii_lowercase();
    assert_eq!(kind, "application/x-www-form-urlencoded;charset=utf-8");
    let form = posted(made("const form = new FormData(); form.append('a', '1'); return form").await).await;
    assert!(form.header("content-type").unwrap().starts_with("multipart/form-data; boundary="));
}

// xhr/send-blob-with-no-mime-type.html
#[wasm_bindgen_test]
async fn a_blob_without_a_type_sends_none() {
    let plain: web_sys::Blob = evaluate("return new Blob(['raw'])").await.unwrap().unchecked_into();
    assert_eq!(posted(plain).await.header("content-type"), None);
    let typed = evaluate("return new Blob(['raw'], { type: 'application/x-own' })").await.unwrap();
    let entry = posted(typed.unchecked_into::<web_sys::Blob>()).await;
    assert_eq!(entry.header("content-type"), Some("application/x-own"));
}

// xhr/send-content-type-charset.htm
#[wasm_bindgen_test]
async fn the_type_of_a_text_body_is_the_callers_and_its_charset_is_corrected_to_utf8() {
    let sent = async |content_type: &str, text: &str| {
        let wire = Wire::new().await;
        http::post(wire.url("/echo")).header("content-type", content_type).body(text).await.unwrap();
        let entries = wire.entries().await;
        assert_eq!(body(requests(&entries)[0]), text);
        requests(&entries)[0].header("content-type").unwrap().to_owned()
    };
    for kept in ["text/x-own", "application/vnd.api+json", "text/plain;charset=utf-8"] {
        assert_eq!(sent(kept, "é").await.to_ascii_lowercase(), kept);
    }
    let corrected = sent("text/plain;charset=windows-1252", "é").await;
    assert_eq!(corrected.to_ascii_lowercase(), "text/plain;charset=utf-8");
}

#[wasm_bindgen_test]
async fn a_content_type_of_the_caller_is_kept_for_json_and_forms() {
    let wire = Wire::new().await;
    http::post(wire.url("/echo")).header("content-type", "application/vnd.api+json").json(&1).await.unwrap();
    http::post(wire.url("/echo"))
        .json(&1)
        .header("content-type", "application/merge-patch+json")
        .await
        .unwrap();
    http::post(wire.url("/echo")).header("Content-Type", "text/x-form").form(&[("a", "1")]).await.unwrap();
    let entries = wire.entries().await;
    let types: Vec<_> =
        requests(&entries).iter().map(|entry| entry.header("content-type").unwrap()).collect();
    assert_eq!(types, ["application/vnd.api+json", "application/merge-patch+json", "text/x-form"]);
}

#[wasm_bindgen_test]
async fn a_request_without_a_body_says_nothing_of_one() {
    let wire = Wire::new().await;
    http::get(wire.url("/echo")).await.unwrap();
    http::post(wire.url("/echo")).await.unwrap();
    let entries = wire.entries().await;
    for entry in requests(&entries) {
        assert_eq!(entry.header("content-type"), None, "{}", entry.method);
        assert_eq!(entry.body.as_ref().unwrap().length, 0);
    }
    assert_eq!(requests(&entries)[0].header("content-length"), None);
    assert_eq!(requests(&entries)[1].header("content-length"), Some("0"));
}

#[wasm_bindgen_test]
async fn the_body_of_a_response_is_sent_on_without_entering_memory() {
    let wire = Wire::new().await;
    let get = async || http::get(wire.url("/status/200?text=passed%20on")).await.unwrap();
    http::post(wire.url("/echo")).body(get().await.array_buffer().await.unwrap()).await.unwrap();
    http::post(wire.url("/echo")).body(get().await.blob().await.unwrap()).await.unwrap();
    let entries = wire.entries().await;
    let sent: Vec<_> = entries.iter().filter(|entry| entry.method == "POST").map(body).collect();
    assert_eq!(sent, ["passed on", "passed on"]);
}

// https://fetch.spec.whatwg.org/#forbidden-request-header leaves User-Agent to the caller.
#[wasm_bindgen_test]
async fn a_user_agent_of_the_caller_is_sent_where_the_engine_follows_the_standard() {
    let wire = Wire::new().await;
    http::get(wire.url("/echo")).header("user-agent", "pagewire-test").await.unwrap();
    let entries = wire.entries().await;
    let sent = requests(&entries)[0].header("user-agent") == Some("pagewire-test");
    assert_eq!(sent, engine().await != Engine::Chromium);
}

#[wasm_bindgen_test]
async fn query_parameters_keep_their_order_and_repeat() {
    let wire = Wire::new().await;
    http::get(wire.url("/echo?q=0")).query("q", 1).query("a", "").query("q", "ab&c").await.unwrap();
    let query = &wire.entries().await[0].query;
    assert!(query.starts_with("q=0&key=") && query.ends_with("&q=1&a=&q=ab%26c"), "{query}");
}
