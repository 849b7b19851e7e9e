//! Pings of a page that ends, and of one whose policy forbids them.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::another_page::AnotherPage;
use crate::ping::arrived;
use crate::shared::{Wire, sleep};

#[wasm_bindgen_test]
async fn a_beacon_of_a_page_that_goes_away_arrives() {
    let wire = Wire::new().await;
    let page = AnotherPage::open("").await;
    assert_eq!(page.does("beacon at the end", &wire.url("/delay/100")).await, "ok");
    sleep(100).await;
    assert!(wire.entries().await.is_empty());
    drop(page);
    let entries = arrived(&wire, 1).await;
    assert_eq!(entries[0].body.as_ref().unwrap().text.as_deref(), Some("the end"));
}

#[wasm_bindgen_test]
async fn an_image_that_the_page_s_policy_forbids_is_blocked_and_not_sent() {
    let wire = Wire::new().await;
    let of_module = "script-src 'nonce-harness' 'wasm-unsafe-eval'; connect-src *";
    for policy in ["img-src 'none'", &format!("default-src 'none'; {of_module}")] {
        let page = AnotherPage::open(policy).await;
        let plain = wire.url("/pixel?token=s3cret");
        // A report names no credentials and no fragment.
        let dressed = plain.replace("://", "://user:s3cret@") + "#s3cret";
        // The second time WebKit reports after it has told of the failure.
        for url in [plain, dressed] {
            let outcome = page.does("image", &url).await;
            assert!(outcome.starts_with("blocked: ") && !outcome.contains("s3cret"), "{policy}: {outcome}");
        }
    }
    assert!(wire.entries().await.is_empty());
    let page = AnotherPage::open("img-src *").await;
    assert_eq!(page.does("image", &wire.url("/pixel")).await, "ok");
}
