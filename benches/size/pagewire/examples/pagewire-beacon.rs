//! A beacon.

use pagewire::ping;
use wasm_bindgen::prelude::*;
use web_sys::console;

#[wasm_bindgen]
pub fn run(url: String) {
    match ping::beacon(url).body("left the page").send() {
        Ok(via) => console::log_1(&via.as_str().into()),
        Err(error) => console::error_1(&error.to_string().into()),
    }
}
