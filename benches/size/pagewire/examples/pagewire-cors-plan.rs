//! What a request would cost across origins.

use pagewire::{cors, http};
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub fn run(url: String) {
    match cors::plan(&http::put(url).json(&["new"])) {
        Ok(plan) => console::log_1(&plan.to_string().into()),
        Err(error) => console::error_1(&error.to_string().into()),
    }
}
