//! JSONP in a page with a Content Security Policy: the lines that it needs, and what happens without them.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::another_page::AnotherPage;
use crate::jsonp::script;
use crate::shared::Wire;

async fn does(policy: &str, deed: &str) -> String {
    let wire = Wire::new().await;
    let page = AnotherPage::open(policy).await;
    let outcome = page.does(deed, &wire.url("/jsonp?data=1&token=s3cret")).await;
    assert!(!outcome.contains("s3cret"), "{outcome}");
    let sent = wire.entries().await.len();
    assert_eq!(sent, usize::from(outcome == "ok"), "{policy}: {outcome}");
    outcome
}

const MODULE: &str = "'nonce-harness' 'wasm-unsafe-eval'";

/// The hash of the frame's program, as the documentation has it.
fn hash() -> &'static str {
    let (_, rest) = include_str!("../../docs/jsonp.md").split_once("script-src 'sha256-").unwrap();
    let hash = &rest[..rest.find('\'').unwrap()];
    assert!(include_str!("../../src/transport/jsonp/call.rs").contains(hash));
    hash
}

#[wasm_bindgen_test]
async fn the_lines_of_the_documentation_are_what_the_page_s_policy_needs() {
    for policy in [
        format!("frame-src data:; script-src {MODULE} 'sha256-{}' http://127.0.0.1:*", hash()),
        format!("frame-src data:; script-src {MODULE} 'sha256-{}' 'strict-dynamic'", hash()),
        "require-trusted-types-for 'script'".to_owned(),
        "require-trusted-types-for 'script'; trusted-types pagewire".to_owned(),
    ] {
        assert_eq!(does(&policy, "isolated").await, "ok", "{policy}");
    }
    let by_nonce = format!("frame-src data:; script-src {MODULE}");
    assert_eq!(does(&by_nonce, "isolated with nonce").await, "ok");
    assert_eq!(does(&by_nonce, "trusted with nonce").await, "ok");
}

#[wasm_bindgen_test]
async fn what_the_page_s_policy_forbids_is_blocked_and_not_sent() {
    for policy in [
        "frame-src 'none'".to_owned(),
        format!("script-src {MODULE} http://127.0.0.1:*"),
        format!("script-src {MODULE} 'sha256-{}'", hash()),
        "trusted-types another; require-trusted-types-for 'script'".to_owned(),
    ] {
        let outcome = does(&policy, "isolated").await;
        assert!(outcome.starts_with("blocked: "), "{policy}: {outcome}");
    }
    for policy in [format!("script-src {MODULE}"), "require-trusted-types-for 'script'".to_owned()] {
        let outcome = does(&policy, "trusted").await;
        assert!(outcome.starts_with("blocked: "), "{policy}: {outcome}");
    }
}

#[wasm_bindgen_test]
async fn a_frame_cannot_leave_a_page_whose_policy_has_the_line_for_frames() {
    for (policy, leaves) in [("frame-src data:", false), ("frame-src data: http:", true)] {
        let wire = Wire::new().await;
        let page = AnotherPage::open(policy).await;
        let text = format!("document.currentScript.onload = null; location = '{}'", wire.url("/echo"));
        let outcome = page.does("isolated for 3 s", &script(&Wire::new().await, &text)).await;
        // Firefox tells nobody that such a frame has ended: there the time limit does.
        assert!(outcome.starts_with("decode: ") || outcome.starts_with("timeout: "), "{outcome}");
        assert_eq!(wire.entries().await.len(), usize::from(leaves), "{policy}");
    }
}
