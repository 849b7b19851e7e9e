//! Plain JavaScript objects, and arguments of any type taken for text.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A URL, taken as the platform takes one: by its text.
    #[wasm_bindgen(typescript_type = "string | URL")]
    pub type Address;

    /// An argument that is text, whatever is passed for it. A Rust string as a parameter would trust its caller, and
    /// read wild memory for anything else.
    #[wasm_bindgen(typescript_type = "string")]
    pub type Text;

    #[wasm_bindgen(catch, js_name = String)]
    fn to_string(value: &JsValue) -> Result<String, JsValue>;
}

impl Address {
    pub(crate) fn text(&self) -> String {
        // What has no text is no URL either: this one is refused as such.
        to_string(self).unwrap_or_else(|_| "about:invalid".to_owned())
    }
}

impl Text {
    pub(crate) fn text(&self) -> String {
        to_string(self).unwrap_or_default()
    }
}

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

/// Sets a property that is not seen when the object is printed, copied or turned into JSON.
pub(crate) fn hide(object: &JsValue, name: &str, value: &JsValue) {
    let descriptor = Object::new();
    set(&descriptor, &[("value", value.clone())]);
    if let Some(object) = object.dyn_ref::<Object>() {
        let _ = Reflect::define_property(object, &JsValue::from_str(name), &descriptor);
    }
}
