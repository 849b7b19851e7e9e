//! The library once more, in a page of its own: with a policy that the tests' page cannot have, and an end that it must
//! not come to.

use std::time::Duration;

use js_sys::{Function, Promise, Reflect};
use pagewire::{Error, jsonp, ping};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::shared::evaluate;

/// A document in a frame of the tests' page, with this module in it. Dropping it ends the document.
pub(crate) struct AnotherPage {
    frame: web_sys::Element,
}

/// Opens a frame whose document has the policy of the placeholder and lets in its own script by the nonce `harness`.
const OPEN: &str = "
    const wasm = performance.getEntriesByType('resource').map((it) => it.name).find((it) => it.endsWith('_bg.wasm'));
    const frame = document.createElement('iframe');
    frame.style.display = 'none';
    frame.srcdoc = `<!doctype html><meta http-equiv='Content-Security-Policy' content=\"POLICY\">
        <script type='module' nonce='harness'>
            import init, { inAnotherPage } from '${wasm.replace('_bg.wasm', '')}';
            await init({ module_or_path: '${wasm}' });
            window.inAnotherPage = inAnotherPage;
            parent.dispatchEvent(new CustomEvent('another-page'));
        </script>`;
    const ready = new Promise((resolve) => addEventListener('another-page', resolve, { once: true }));
    document.body.append(frame);
    await ready;
    return frame;";

impl AnotherPage {
    /// `policy` is what its Content Security Policy has besides what the module needs.
    pub(crate) async fn open(policy: &str) -> Self {
        let frame = evaluate(&OPEN.replace("POLICY", policy)).await.unwrap();
        AnotherPage { frame: frame.unchecked_into() }
    }

    /// What became of `deed` there: `ok`, or the kind of the error and what it says.
    pub(crate) async fn does(&self, deed: &str, url: &str) -> String {
        let window = Reflect::get(&self.frame, &"contentWindow".into()).unwrap();
        let function: Function = Reflect::get(&window, &"inAnotherPage".into()).unwrap().unchecked_into();
        let promise = function.call2(&window, &deed.into(), &url.into()).unwrap();
        let promise: Promise = promise.unchecked_into();
        JsFuture::from(promise).await.unwrap().as_string().unwrap()
    }
}

impl Drop for AnotherPage {
    fn drop(&mut self) {
        self.frame.remove();
    }
}

/// What the other page's copy of this module is asked to do.
#[wasm_bindgen(js_name = inAnotherPage)]
#[allow(unreachable_pub, reason = "JavaScript reaches it")]
pub async fn in_another_page(deed: String, url: String) -> String {
    let outcome = match deed.as_str() {
        "image" => ping::image(url).await.map(drop),
        "isolated" => jsonp::get(url).await.map(drop),
        "isolated for 3 s" => jsonp::get(url).timeout(Duration::from_secs(3)).await.map(drop),
        "isolated with nonce" => jsonp::get(url).nonce("harness").await.map(drop),
        "trusted" => jsonp::get_and_trust_the_server_with_this_page(url).await.map(drop),
        "trusted with nonce" => {
            jsonp::get_and_trust_the_server_with_this_page(url).nonce("harness").await.map(drop)
        }
        "beacon at the end" => {
            at_the_end(move || {
                let _ = ping::beacon(&url).body("the end").send();
            });
            Ok(())
        }
        _ => panic!("no such deed: {deed}"),
    };
    outcome.map_or_else(|error: Error| format!("{}: {error}", error.kind().as_str()), |()| "ok".to_owned())
}

fn at_the_end(act: impl Fn() + 'static) {
    let act = Closure::<dyn Fn()>::new(act);
    let window = web_sys::window().unwrap();
    window.add_event_listener_with_callback("pagehide", act.as_ref().unchecked_ref()).unwrap();
    // The page's end is the closure's too.
    act.forget();
}
