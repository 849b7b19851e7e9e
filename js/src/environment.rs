//! `environment`: what the running browser has, and why not.

use pagewire::environment::Capability;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::value::{object, set};

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("environment.ts");

#[wasm_bindgen]
extern "C" {
    /// See `environment.ts`.
    #[wasm_bindgen(typescript_type = "Capabilities")]
    pub type Capabilities;
}

/// What this environment can do: for each capability `true`, or the reason why not.
///
/// ```js
/// const has = environment.capabilities();
/// if (has["web-locks"] !== true) console.log(has["web-locks"]);
/// ```
#[wasm_bindgen(js_namespace = environment, js_name = capabilities)]
pub fn capabilities() -> Capabilities {
    let all = object([]);
    for capability in Capability::ALL {
        let value = match capability.available() {
            Ok(()) => JsValue::TRUE,
            Err(why) => why.to_string().into(),
        };
        set(&all, &[(capability.as_str(), value)]);
    }
    all.unchecked_into()
}
