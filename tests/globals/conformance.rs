//! What the platform does with a request in a worker: <https://xhr.spec.whatwg.org/>.

use pagewire::http;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{Wire, evaluate};
use crate::wires::may_block;

// xhr/send-sync-response-event-order.htm: this is why a blocking request has no events to hand on.
#[wasm_bindgen_test]
async fn a_blocking_request_fires_its_end_and_nothing_of_its_way_but_in_firefox() {
    if !may_block() {
        return;
    }
    let wire = Wire::new().await;
    let spy = "const Kept = self.XMLHttpRequest;
        self.seen = [];
        self.XMLHttpRequest = class extends Kept {
            constructor() {
                super();
                const note = (event) => self.seen.push(event.type);
                this.addEventListener('readystatechange', () => self.seen.push(this.readyState));
                for (const type of ['loadstart', 'progress', 'load', 'error', 'loadend']) {
                    this.addEventListener(type, note);
                    this.upload.addEventListener(type, note);
                }
            }
        };
        self.unspy = () => { self.XMLHttpRequest = Kept; };";
    evaluate(spy).await.unwrap();
    let answer = http::post(wire.url("/echo")).body("question").send_blocking();
    evaluate("self.unspy()").await.unwrap();
    assert_eq!(answer.unwrap().status(), 200);
    let seen = evaluate("return self.seen.join(' ')").await.unwrap().as_string().unwrap();
    let is_firefox = evaluate("return navigator.userAgent.includes('Firefox/')").await.unwrap();
    let all = "1 loadstart loadstart load loadend 2 3 4 load loadend";
    assert_eq!(seen, if is_firefox == true { all } else { "1 4 load loadend" });
}

/// What the worker of the test below is made to run.
#[wasm_bindgen]
#[allow(unreachable_pub, reason = "exported to JavaScript")]
pub fn leave_running(url: String) {
    wasm_bindgen_futures::spawn_local(async move {
        let _ = http::get(url).await;
    });
}

// xhr/close-worker-with-xhr-in-progress.html
#[wasm_bindgen_test]
async fn a_worker_that_ends_takes_its_requests_with_it() {
    if evaluate("return typeof Worker").await.unwrap() == "undefined" {
        return;
    }
    for end in ["self.worker.terminate()", "self.worker.postMessage('close')"] {
        let wire = Wire::new().await;
        let url = wire.url("/delay/9000");
        // A module of the same test: the runner serves it under this name.
        let start = format!(
            "const name = location.origin + '/wasm-bindgen-test';
            const source = `import init, {{ leave_running }} from '${{name}}';
                await init('${{name}}_bg.wasm');
                onmessage = () => close();
                leave_running('{url}');`;
            const script = URL.createObjectURL(new Blob([source], {{ type: 'text/javascript' }}));
            self.worker = new Worker(script, {{ type: 'module' }});"
        );
        evaluate(&start).await.unwrap();
        wire.when("the request", |entries| !entries.is_empty()).await;
        assert!(wire.entries().await[0].ended.is_none());
        evaluate(end).await.unwrap();
        wire.disconnected().await;
    }
}
