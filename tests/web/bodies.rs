//! What a request carries and what a response is read as.

use std::future::IntoFuture;

use pagewire::http::{self, Form, ResponseType};
use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Entry, Wire, evaluate, memory_pages};

fn sent(entries: &[Entry]) -> &Entry {
    entries.iter().find(|entry| entry.method != "OPTIONS").unwrap()
}

fn text(entry: &Entry) -> &str {
    entry.body.as_ref().unwrap().text.as_deref().unwrap()
}

#[derive(Serialize)]
struct Search {
    q: &'static str,
    page: u32,
    exact: bool,
    after: Option<u32>,
}

const SEARCH: Search = Search { q: "a&b c/ü!'()*~", page: 2, exact: true, after: None };

#[wasm_bindgen_test]
async fn a_serde_value_becomes_query_parameters_encoded_as_encode_uri_component_does() {
    let wire = Wire::new().await;
    http::get(wire.url("/echo")).query_from(&SEARCH).await.unwrap();
    let query = &wire.entries().await[0].query;
    let expected =
        evaluate("return `q=${encodeURIComponent(\"a&b c/ü!'()*~\")}&page=2&exact=true`").await.unwrap();
    // The URL parser itself encodes the apostrophe: https://url.spec.whatwg.org/#special-query-percent-encode-set
    assert!(query.ends_with(&expected.as_string().unwrap().replace('\'', "%27")), "{query}");
}

#[wasm_bindgen_test]
async fn a_serde_value_becomes_a_urlencoded_body_without_a_preflight() {
    let wire = Wire::new().await;
    http::post(wire.url("/echo")).form(&SEARCH).await.unwrap();
    let entries = wire.entries().await;
    assert_eq!(entries.len(), 1);
    assert_eq!(sent(&entries).header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(text(sent(&entries)), "q=a%26b+c%2F%C3%BC%21%27%28%29*%7E&page=2&exact=true");
}

#[wasm_bindgen_test]
async fn a_nested_value_is_refused_before_anything_is_sent() {
    #[derive(Serialize)]
    struct Nested {
        list: Vec<u32>,
    }
    let wire = Wire::new().await;
    let nested = Nested { list: vec![1] };
    assert!(http::post(wire.url("/echo")).form(&nested).await.unwrap_err().is_invalid_request());
    assert!(http::get(wire.url("/echo")).query_from(&nested).await.unwrap_err().is_invalid_request());
    assert!(wire.entries().await.is_empty());
}

#[wasm_bindgen_test]
async fn form_data_carries_fields_files_and_named_blobs_with_a_boundary_of_the_browser() {
    let wire = Wire::new().await;
    let file: web_sys::File = evaluate("return new File(['content'], 'a.txt', { type: 'text/plain' })")
        .await
        .unwrap()
        .unchecked_into();
    let blob: web_sys::Blob = evaluate("return new Blob(['raw'])").await.unwrap().unchecked_into();
    let form = Form::new().unwrap().text("title", "grüße").unwrap();
    let form = form.file("file", &file).unwrap().blob("blob", &blob, "b.bin").unwrap();
    http::post(wire.url("/echo")).body(form).await.unwrap();
    let entries = wire.entries().await;
    let post = sent(&entries);
    let boundary =
        post.header("content-type").unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
    for part in
        ["name=\"title\"", "grüße", "filename=\"a.txt\"", "content", "filename=\"b.bin\"", "raw", boundary]
    {
        assert!(text(post).contains(part), "{part} in {}", text(post));
    }
}

const FORM: &str = "
    const form = document.createElement('form');
    form.innerHTML = `<input name=text value='a b'><input name=off value=1 disabled>
        <input type=checkbox name=unchecked><input type=checkbox name=checked checked><input value=unnamed>
        <select name=many multiple><option selected>1<option>2<option selected>3</select>
        <textarea name=area>x\\ny</textarea><button name=go value=save>Save</button><button name=go value=other>`;
";

#[wasm_bindgen_test]
async fn a_form_element_is_serialised_as_a_browser_would() {
    let element: web_sys::HtmlFormElement =
        evaluate(&format!("{FORM} return form;")).await.unwrap().unchecked_into();
    let expected = "text=a+b&checked=on&many=1&many=3&area=x%0D%0Ay";
    assert_eq!(Form::of(&element).unwrap().to_urlencoded(), expected);
    let button: web_sys::HtmlElement = element.query_selector("button").unwrap().unwrap().unchecked_into();
    let submitted = Form::of_submitted(&element, &button).unwrap().to_urlencoded();
    assert!(submitted.ends_with("&go=save"), "{submitted}");
}

// https://html.spec.whatwg.org/#converting-an-entry-list-to-a-list-of-name-value-pairs
#[wasm_bindgen_test]
async fn line_ends_of_any_kind_become_crlf_in_names_values_and_file_names() {
    let form = Form::new().unwrap().text("a\nb", "1\n\r2\r\n3\r\r\n").unwrap();
    assert_eq!(form.to_urlencoded(), "a%0D%0Ab=1%0D%0A%0D%0A2%0D%0A3%0D%0A%0D%0A");
    let file: web_sys::File = evaluate("return new File([], 'x\\ny')").await.unwrap().unchecked_into();
    assert_eq!(Form::new().unwrap().file("f", &file).unwrap().to_urlencoded(), "f=x%0D%0Ay");
    let half = evaluate(
        "const form = document.createElement('form');
        form.innerHTML = '<input name=half>';
        form.firstChild.value = 'a\\ud800b';
        return form",
    )
    .await
    .unwrap()
    .unchecked_into();
    assert_eq!(Form::of(&half).unwrap().to_urlencoded(), "half=a%EF%BF%BDb");
}

#[wasm_bindgen_test]
async fn a_file_is_sent_as_it_is_with_its_type() {
    let wire = Wire::new().await;
    let file: web_sys::File =
        evaluate("return new File(['x'.repeat(100000)], 'a.csv', { type: 'text/csv' })")
            .await
            .unwrap()
            .unchecked_into();
    http::put(wire.url("/echo")).body(file).await.unwrap();
    let entries = wire.entries().await;
    assert_eq!(sent(&entries).header("content-type"), Some("text/csv"));
    assert_eq!(sent(&entries).body.as_ref().unwrap().length, 100_000);
}

#[wasm_bindgen_test]
async fn text_is_decoded_by_the_charset_of_the_header_or_the_one_laid_down() {
    let wire = Wire::new().await;
    let bytes = "/status/200?text=caf%C3%A9";
    let latin = http::get(wire.url(&format!("{bytes}&header=Content-Type:text/plain;charset=windows-1252")));
    assert_eq!(latin.await.unwrap().text().await.unwrap(), "cafÃ©");
    let laid_down = http::get(wire.url(bytes)).override_mime_type("text/plain; charset=windows-1252");
    assert_eq!(laid_down.await.unwrap().text().await.unwrap(), "cafÃ©");
    let unknown = http::get(wire.url(bytes)).override_mime_type("text/plain; charset=klingon");
    assert_eq!(unknown.await.unwrap().text().await.unwrap(), "café");
}

// https://xhr.spec.whatwg.org/#final-charset
#[wasm_bindgen_test]
async fn a_media_type_laid_down_without_a_charset_leaves_that_of_the_header() {
    let wire = Wire::new().await;
    let latin = wire.url("/status/200?hex=e9&header=Content-Type:text/plain;charset=windows-1252");
    for (laid_down, expected) in
        [("text/csv", "é"), ("text/csv; charset=windows-1251", "й"), ("text/csv; charset=", "é")]
    {
        for response_type in [ResponseType::Bytes, ResponseType::Blob] {
            let request = http::get(&*latin).override_mime_type(laid_down).response_type(response_type);
            assert_eq!(
                request.await.unwrap().text().await.unwrap(),
                expected,
                "{laid_down} {response_type:?}"
            );
        }
    }
}

// https://encoding.spec.whatwg.org/#decode: the mark comes before any label.
#[wasm_bindgen_test]
async fn a_byte_order_mark_overrules_the_charset() {
    let wire = Wire::new().await;
    let marked = "/status/200?text=%EF%BB%BFcaf%C3%A9&header=Content-Type:text/plain;charset=windows-1252";
    assert_eq!(http::get(wire.url(marked)).await.unwrap().text().await.unwrap(), "café");
}

#[wasm_bindgen_test]
async fn a_body_that_was_transferred_away_is_an_error_and_an_empty_one_is_not() {
    let wire = Wire::new().await;
    let response = http::get(wire.url("/bytes/100")).await.unwrap();
    let buffer = response.clone().array_buffer().await.unwrap();
    let transfer = js_sys::Function::new_with_args("b", "structuredClone(b, { transfer: [b] })");
    transfer.call1(&wasm_bindgen::JsValue::NULL, &buffer).unwrap();
    assert!(response.clone().text().await.unwrap_err().is_decode());
    assert!(response.bytes().await.unwrap_err().is_decode());
    for request in [
        http::head(wire.url("/status/200")),
        http::get(wire.url("/status/204")),
        http::get(wire.url("/bytes/0")),
    ] {
        assert_eq!(request.await.unwrap().bytes().await.unwrap(), b"");
    }
}

#[wasm_bindgen_test]
async fn invalid_utf8_becomes_replacement_characters_and_a_byte_order_mark_is_dropped() {
    let wire = Wire::new().await;
    let text = http::get(wire.url("/status/200?text=%EF%BB%BFok")).await.unwrap().text().await.unwrap();
    assert_eq!(text, "ok");
    let json: u32 = http::get(wire.url("/status/200?text=%EF%BB%BF7")).await.unwrap().json().await.unwrap();
    assert_eq!(json, 7);
    let broken = http::get(wire.url("/bytes/251")).await.unwrap().text().await.unwrap();
    assert!(broken.contains('\u{fffd}'));
}

#[wasm_bindgen_test]
async fn a_blob_holds_a_download_and_reads_as_anything() {
    let wire = Wire::new().await;
    let request = || http::get(wire.url("/bytes/100000")).response_type(ResponseType::Blob);
    let blob = request().await.unwrap().blob().await.unwrap();
    assert_eq!((blob.size(), blob.type_().as_str()), (100_000.0, "application/octet-stream"));
    assert_eq!(request().await.unwrap().bytes().await.unwrap().len(), 100_000);
    let from_memory = http::get(wire.url("/bytes/10")).await.unwrap().blob().await.unwrap();
    assert_eq!((from_memory.size(), from_memory.type_().as_str()), (10.0, "application/octet-stream"));
}

#[wasm_bindgen_test]
async fn a_document_is_parsed_from_html_and_from_xml() {
    let wire = Wire::new().await;
    let read = async |text: &str, kind: &str| {
        let request =
            http::get(wire.url(&format!("/status/200?text={text}"))).response_type(ResponseType::Document);
        request.override_mime_type(kind).await.unwrap().document().await
    };
    let html = read("%3Ctitle%3Ehi%3C%2Ftitle%3E", "text/html").await.unwrap();
    assert_eq!(html.title(), "hi");
    let xml = read("%3Croot%3E%3Ca%2F%3E%3C%2Froot%3E", "text/xml").await.unwrap();
    assert_eq!(xml.document_element().unwrap().tag_name(), "root");
    assert!(read("no%20xml", "text/xml").await.unwrap_err().is_decode());
    let unasked = http::get(wire.url("/status/200?text=x")).await.unwrap().document().await;
    assert!(unasked.unwrap_err().is_unsupported());
}

#[wasm_bindgen_test]
async fn a_response_that_grows_too_large_is_stopped() {
    let wire = Wire::new().await;
    let large = http::get(wire.url("/bytes/10000000?chunk=20000&delay=20")).max_size(100_000);
    assert!(large.await.unwrap_err().is_too_large());
    wire.disconnected().await;
    let unknown = http::get(wire.url("/bytes/3000000?chunk=100000&delay=30&length=no")).max_size(200_000);
    assert!(unknown.await.unwrap_err().is_too_large());
    assert_eq!(
        http::get(wire.url("/bytes/1000")).max_size(1000).await.unwrap().bytes().await.unwrap().len(),
        1000
    );
    assert!(http::get(wire.url("/bytes/1001")).max_size(1000).await.unwrap_err().is_too_large());
}

#[wasm_bindgen_test]
async fn what_is_announced_and_never_sent_is_not_too_large() {
    let wire = Wire::new().await;
    let announced = http::head(wire.url("/bytes/1001")).max_size(1000).await.unwrap();
    assert_eq!(announced.header("content-length"), Some("1001"));
    let unchanged =
        "HTTP/1.1 304 Not Modified%0D%0AContent-Length: 1001%0D%0AAccess-Control-Allow-Origin: *%0D%0A%0D%0A";
    let unchanged = http::get(wire.url(&format!("/raw?send={unchanged}"))).header("if-none-match", "\"a\"");
    let unchanged = unchanged.max_size(1000).await.unwrap();
    assert_eq!((unchanged.status(), unchanged.bytes().await.unwrap().len()), (304, 0));
}

#[wasm_bindgen_test]
async fn an_xssi_prefix_is_taken_off_on_request() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?text=)%5D%7D%27,%0A%5B1%5D");
    assert!(http::get(&*url).await.unwrap().json::<Vec<u32>>().await.is_err());
    assert_eq!(http::get(&*url).strip_xssi_prefix().await.unwrap().json::<Vec<u32>>().await.unwrap(), [1]);
}

#[wasm_bindgen_test]
async fn a_byte_order_mark_behind_an_xssi_prefix_is_no_text() {
    let wire = Wire::new().await;
    let url = wire.url("/status/200?text=)%5D%7D%27,%0A%EF%BB%BF%5B1%5D");
    assert_eq!(http::get(&*url).strip_xssi_prefix().await.unwrap().text().await.unwrap(), "[1]");
}

#[wasm_bindgen_test]
async fn an_xssi_prefix_is_taken_off_text_of_any_charset() {
    let wire = Wire::new().await;
    for (charset, expected) in
        [("utf8", "[é]"), ("unknown", "[é]"), ("us-ascii", "[Ã©]"), ("windows-1252", "[Ã©]")]
    {
        let header = format!("header=Content-Type:application/json;charset={charset}");
        let url = wire.url(&format!("/status/200?text=)%5D%7D%27,%0A%5B%C3%A9%5D&{header}"));
        let text = http::get(url).strip_xssi_prefix().await.unwrap().text().await.unwrap();
        assert_eq!(text, expected, "{charset}");
    }
}

#[wasm_bindgen_test]
async fn an_error_status_keeps_the_beginning_of_its_body() {
    let wire = Wire::new().await;
    let long = "x".repeat(6000);
    let response = http::get(wire.url(&format!("/status/422?text={long}"))).await.unwrap();
    let error = response.error_for_status().unwrap_err();
    assert_eq!((error.status(), error.body().map(str::len)), (Some(422), Some(4096)));
    assert!(!error.to_string().contains("xxx"));
}

#[wasm_bindgen_test]
async fn credentials_in_headers_are_encoded_and_stay_out_of_errors() {
    let wire = Wire::new().await;
    http::get(wire.url("/echo")).basic_auth("Aladdin", "open sesame").await.unwrap();
    http::get(wire.url("/echo")).bearer_auth("t0ken").await.unwrap();
    let entries = wire.entries().await;
    let sent: Vec<_> = entries.iter().filter_map(|entry| entry.header("authorization")).collect();
    assert_eq!(sent, ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Bearer t0ken"]);
    let error = http::get(wire.url("/status/200?cors=off")).bearer_auth("t0ken").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("t0ken"));
    assert!(http::get(wire.url("/echo")).basic_auth("a:b", "c").await.unwrap_err().is_invalid_request());
}

#[wasm_bindgen_test]
async fn a_blob_has_the_media_type_that_was_laid_down_however_it_was_held() {
    let wire = Wire::new().await;
    for response_type in [ResponseType::Bytes, ResponseType::Blob] {
        let request = http::get(wire.url("/status/200?text=a,b")).override_mime_type("text/csv");
        let blob = request.response_type(response_type).await.unwrap().blob().await.unwrap();
        assert_eq!(blob.type_(), "text/csv", "{response_type:?}");
    }
}

/// The server's digest of what came.
async fn digest(exchange: impl IntoFuture<Output = pagewire::Result<http::Response>>) -> serde_json::Value {
    exchange.await.unwrap().json().await.unwrap()
}

#[wasm_bindgen_test]
async fn bytes_go_out_as_they_were_though_their_memory_is_used_for_others_and_grows() {
    let wire = Wire::new().await;
    let bytes: Vec<u8> = (0..4_u32 << 20).map(|at| (at % 251) as u8).collect();
    let elsewhere = js_sys::Uint8Array::from(bytes.as_slice());
    let expected = digest(http::post(wire.url("/upload")).body(elsewhere)).await;
    let exchange = http::post(wire.url("/upload")).body(bytes).start().unwrap();
    let before = memory_pages();
    let others: Vec<Vec<u8>> = (0..64).map(|_| vec![0xEE; 1 << 20]).collect();
    assert!(memory_pages() > before);
    assert_eq!(digest(exchange).await, expected);
    drop(others);
}
