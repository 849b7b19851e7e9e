//! Conversions that meet any value.

use js_sys::{Array, Function, Object, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::value::{Thrown, bytes, text};

fn eval(source: &str) -> JsValue {
    Function::new_no_args(&format!("return ({source})")).call0(&JsValue::NULL).unwrap()
}

#[wasm_bindgen_test]
fn anything_can_be_thrown() {
    let check = |source: &str, expected: &str| {
        assert_eq!(Thrown::new(&eval(source)).to_string(), expected, "{source}")
    };
    check("new TypeError('no')", "TypeError: no");
    check("new DOMException('gone', 'AbortError')", "AbortError: gone");
    check("'a string'", "a string");
    check("42", "42");
    check("undefined", "undefined");
    check("null", "null");
    check("Symbol('s')", "Symbol(s)");
    check("10n", "10");
    check("({ message: 'only a message' })", "only a message");
    check("({ name: 1, message: {} })", "[object Object]");
    check("Object.create(null)", "object");
    check("({ get name() { throw 1 }, get message() { throw 2 }, toString() { throw 3 } })", "object");
    check("new Proxy({}, { get() { throw 1 } })", "object");
    check("(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy })()", "object");
}

#[wasm_bindgen_test]
fn text_is_what_string_gives() {
    assert_eq!(text(&JsValue::from("x")), "x");
    assert_eq!(text(&Array::of2(&1.into(), &2.into())), "1,2");
    assert_eq!(text(&eval("'\\ud800'")), "\u{fffd}");
}

#[wasm_bindgen_test]
fn a_view_gives_its_own_window() {
    assert_eq!(bytes(&eval("new Uint8Array([1, 2, 3, 4]).subarray(1, 3)")), Some(vec![2, 3]));
    assert_eq!(bytes(&eval("new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 2)")), Some(vec![3, 4]));
    assert_eq!(bytes(&eval("new Uint16Array([258])")), Some(vec![2, 1]));
    assert_eq!(bytes(&eval("new ArrayBuffer(2)")), Some(vec![0, 0]));
    assert_eq!(bytes(&Uint8Array::new_with_length(0)), Some(Vec::new()));
}

#[wasm_bindgen_test]
fn what_has_no_bytes_is_told_and_a_detached_buffer_is_empty() {
    for value in [JsValue::NULL, JsValue::UNDEFINED, "text".into(), 1.into(), Object::new().into()] {
        assert_eq!(bytes(&value), None);
    }
    let detached =
        eval("(() => { const b = new ArrayBuffer(8); structuredClone(b, { transfer: [b] }); return b })()");
    assert_eq!(bytes(&detached), Some(Vec::new()));
    let view = "(() => { const b = new ArrayBuffer(8), v = new DataView(b); \
                structuredClone(b, { transfer: [b] }); return v })()";
    assert_eq!(bytes(&eval(view)), Some(Vec::new()));
}
