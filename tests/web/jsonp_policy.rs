//! JSONP in a page with a Content Security Policy: the lines that it needs, and what happens without them.

use std::future::IntoFuture;
use std::pin::pin;

use futures_util::future::{Either, select};
use pagewire::jsonp;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::another_page::AnotherPage;
use crate::jsonp::script;
use crate::shared::{Wire, evaluate};

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
    assert_eq!(does(&format!("script-src {MODULE}"), "trusted with nonce").await, "ok");
}

#[wasm_bindgen_test]
async fn the_page_s_nonce_is_not_given_to_a_frame() {
    let outcome = does(&format!("frame-src data:; script-src {MODULE}"), "isolated with nonce").await;
    assert!(outcome.starts_with("invalid-request: "), "{outcome}");
}

/// The frame's program, as a call has it in its frame's address.
async fn program() -> String {
    let wire = Wire::new().await;
    let call = jsonp::get(wire.url("/jsonp?delay=5000"));
    let look = async {
        wire.when("the call", |entries| !entries.is_empty()).await;
        let found = evaluate(
            "const [document] = [...window.document.querySelectorAll('iframe')].at(-1).src.split('#');
            return decodeURIComponent(document).match(/<script>(.*)<\\/script>/)[1]",
        );
        found.await.unwrap().as_string().unwrap()
    };
    match select(pin!(call.into_future()), pin!(look)).await {
        Either::Left((outcome, _)) => panic!("{outcome:?}"),
        Either::Right((program, _)) => program,
    }
}

/// Whether the program, as somebody has written it into a page that lets it run by its hash, loads a script.
async fn runs_as_written_into_a_page(program: &str) -> bool {
    let wire = Wire::new().await;
    let open = "
        const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(PROGRAM));
        const source = btoa(String.fromCharCode(...new Uint8Array(hash)));
        const frame = document.createElement('iframe');
        frame.style.display = 'none';
        frame.srcdoc = `<meta http-equiv='Content-Security-Policy'
            content=\"script-src 'sha256-${source}' 'strict-dynamic'\"><body>`;
        const loaded = new Promise((resolve) => frame.onload = resolve);
        document.body.append(frame);
        await loaded;
        frame.contentWindow.location.hash = [ADDRESS, 'callback', '9', '', '', ''].map(encodeURIComponent).join('&');
        const script = frame.contentDocument.createElement('script');
        script.text = PROGRAM;
        frame.contentDocument.body.append(script);
        await new Promise((resolve) => setTimeout(resolve, 500));
        frame.remove();";
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let open = open.replace("ADDRESS", &quoted(&wire.url("/jsonp"))).replace("PROGRAM", &quoted(program));
    evaluate(&open).await.unwrap();
    !wire.entries().await.is_empty()
}

#[wasm_bindgen_test]
async fn the_frame_s_program_does_nothing_where_somebody_writes_it_into_the_page() {
    let program = program().await;
    let unchecked = program.strip_prefix("location.protocol=='data:'&&").unwrap();
    assert!(runs_as_written_into_a_page(unchecked).await);
    assert!(!runs_as_written_into_a_page(&program).await);
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
