//! The watch over unhandled errors is itself tested: it must see what it is there for.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::shared::{claim, evaluate, outstanding, sleep};

async fn sees(source: &str) {
    claim(1);
    evaluate(source).await.unwrap();
    for _ in 0..100 {
        if outstanding() == 0 {
            return;
        }
        sleep(20).await;
    }
    panic!("nobody saw: {source}");
}

#[wasm_bindgen_test]
async fn an_error_that_nobody_handles_is_seen() {
    sees("setTimeout(() => { throw new Error('a staged error'); }, 0)").await;
}

#[wasm_bindgen_test]
async fn a_rejection_that_nobody_handles_is_seen() {
    sees("Promise.reject(new Error('a staged rejection'))").await;
}

#[wasm_bindgen_test]
async fn a_panic_in_a_spawned_task_is_seen() {
    claim(1);
    wasm_bindgen_futures::spawn_local(async { panic!("a staged panic") });
    for _ in 0..100 {
        if outstanding() == 0 {
            return;
        }
        sleep(20).await;
    }
    panic!("nobody saw the panic");
}
