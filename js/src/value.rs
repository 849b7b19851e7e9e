//! Plain JavaScript objects.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An object with these properties.
pub(crate) fn object<const N: usize>(properties: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new().into();
    set(&object, &properties);
    object
}

/// Sets properties of an object that was made here, and so takes each of them.
pub(crate) fn set(object: &JsValue, properties: &[(&str, JsValue)]) {
    for (name, value) in properties {
        let _ = Reflect::set(object, &JsValue::from_str(name), value);
    }
}
