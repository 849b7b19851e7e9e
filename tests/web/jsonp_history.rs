//! What a frame's script can do to the page's session history, which all frames of a page share:
//! <https://html.spec.whatwg.org/multipage/document-sequences.html#traversable-navigable>. `docs/jsonp.md` says what.

use pagewire::jsonp;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::conformance_engine::{Engine, engine};
use crate::jsonp::script;
use crate::shared::{Wire, evaluate, sleep};

/// What became of the history by one script.
#[derive(Debug)]
struct Outcome {
    /// The number of entries that the script saw at its end.
    seen: u32,
    /// How many entries the page has got that it had not, once the call is over.
    left: i32,
    /// Whether the page is one step further back.
    went_back: bool,
}

async fn length() -> u32 {
    evaluate("return history.length").await.unwrap().as_f64().unwrap() as u32
}

/// The page goes one step further, within itself; then a script does this, in a frame or in the page.
async fn attempt(deed: &str, isolated: bool) -> Outcome {
    let wire = Wire::new().await;
    let way = if isolated { jsonp::get } else { jsonp::get_and_trust_the_server_with_this_page };
    // What a script did before may be undone a little later.
    sleep(200).await;
    evaluate("history.pushState(null, '', '#further')").await.unwrap();
    let before = length().await;
    // Before its frame has loaded, a step further takes the place of the one before.
    let text = format!(
        "document.currentScript.onload = null;
        setTimeout(() => {{ {deed} }}, 200);
        setTimeout(() => {{callback}}(history.length), 800);"
    );
    let answer = way(script(&wire, if isolated { &text } else { deed })).await;
    sleep(200).await;
    let after = length().await;
    let seen = answer.map_or(after, |answer| answer.json().unwrap());
    let went_back = evaluate("return location.hash === ''").await.unwrap().is_truthy();
    evaluate("history.replaceState(null, '', '/')").await.unwrap();
    Outcome { seen, left: after as i32 - before as i32, went_back }
}

#[wasm_bindgen_test]
async fn going_back_is_stopped_by_the_sandbox_of_one_engine_alone() {
    for deed in ["history.back()", "history.go(-1)"] {
        assert!(attempt(deed, false).await.went_back, "{deed}");
        let isolated = attempt(deed, true).await;
        assert_eq!(isolated.went_back, engine().await != Engine::Chromium, "{deed}: {isolated:?}");
    }
    assert!(!attempt("", true).await.went_back);
}

#[wasm_bindgen_test]
async fn an_entry_of_the_frame_s_stays_behind_in_two_engines() {
    for deed in ["history.pushState(1, '')", "location.hash = 'planted'"] {
        assert_eq!(attempt(deed, false).await.left, 1, "{deed}");
        let isolated = attempt(deed, true).await;
        let left = i32::from(engine().await != Engine::Firefox);
        assert_eq!(isolated.left, left, "{deed}: {isolated:?}");
    }
    assert_eq!(attempt("", true).await.left, 0);
}

#[wasm_bindgen_test]
async fn the_frame_sees_how_many_entries_the_page_has() {
    for _ in 0..2 {
        let before = length().await;
        let isolated = attempt("", true).await;
        assert!(isolated.seen >= before && isolated.seen == length().await, "{before}: {isolated:?}");
    }
}
