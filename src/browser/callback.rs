//! A function under a name on the global object, gone when it is dropped.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};

/// A global function that foreign code calls with one argument.
#[must_use = "dropping a Callback removes it"]
pub(crate) struct Callback {
    name: JsValue,
    function: Closure<dyn Fn(JsValue)>,
}

impl Callback {
    /// # Errors
    /// When the name is taken: nothing of the page's is replaced.
    pub(crate) fn new(name: &str, call: impl Fn(JsValue) + 'static) -> Result<Self> {
        let (global, name) = (js_sys::global(), JsValue::from_str(name));
        if Reflect::has(&global, &name).unwrap_or(true) {
            return Err(Error::invalid("the callback's name is taken: the page has something of that name"));
        }
        let callback = Callback { name, function: Closure::new(call) };
        match Reflect::set(&global, &callback.name, callback.function.as_ref()) {
            Ok(true) => Ok(callback),
            _ => Err(Error::unsupported("the page's global object takes no new names")),
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        let global = js_sys::global();
        // What the foreign code put in its place is not ours to remove.
        if Reflect::get(&global, &self.name).is_ok_and(|value| value == *self.function.as_ref()) {
            let _ = Reflect::delete_property(&global, &self.name);
        }
    }
}
