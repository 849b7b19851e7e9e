//! Reading options out of plain objects: every name is known, every value has its type, or the call is refused.

use std::time::Duration;

use js_sys::{Array, Function, Object, Reflect, Symbol};
use pagewire::ping::ReferrerPolicy;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, File, FormData, HtmlFormElement};

use crate::error::invalid;

/// An options object whose names were checked. An absent one has no properties.
pub(crate) struct Options(Object);

impl Options {
    /// Only own properties count, so nothing on a polluted prototype is taken for an option.
    pub(crate) fn new(value: Option<impl Into<JsValue>>, known: &[&[&str]]) -> Result<Self, JsValue> {
        match value {
            Some(value) => Options::checked(value.into(), known),
            None => Ok(Options(Object::new())),
        }
    }

    fn checked(value: JsValue, known: &[&[&str]]) -> Result<Self, JsValue> {
        if !is_plain(&value) {
            return Err(invalid("the options must be a plain object: inherited ones would not be seen"));
        }
        let object: Object = value.unchecked_into();
        for name in keys(&object)?.iter().filter_map(|name| name.as_string()) {
            if !known.iter().any(|names| names.contains(&name.as_str())) {
                let known = known.concat().join(", ");
                return Err(invalid(&format!("unknown option `{name}`: known are {known}")));
            }
        }
        Ok(Options(object))
    }

    /// A value that is there, `null` too.
    pub(crate) fn given(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        let name = JsValue::from_str(name);
        if !has_own(&self.0, &name)? {
            return Ok(None);
        }
        let value = Reflect::get(&self.0, &name)?;
        Ok((!value.is_undefined()).then_some(value))
    }

    /// A value that says something.
    pub(crate) fn get(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        Ok(self.given(name)?.filter(|value| !value.is_null()))
    }

    pub(crate) fn typed<T>(
        &self,
        name: &str,
        what: &str,
        read: impl FnOnce(JsValue) -> Option<T>,
    ) -> Result<Option<T>, JsValue> {
        let Some(value) = self.get(name)? else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| invalid(&format!("the option `{name}` must be {what}")))
    }

    pub(crate) fn duration(&self, name: &str) -> Result<Option<Duration>, JsValue> {
        self.typed(name, "a number of milliseconds, 0 or more", |value| {
            Duration::try_from_secs_f64(value.as_f64()? / 1000.0).ok()
        })
    }

    /// A whole number of bytes, lines or attempts.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, JsValue> {
        self.typed(name, "a whole number, 0 or more", |value| {
            let number = value.as_f64()?;
            (number >= 0.0 && number.fract() == 0.0 && number <= js_sys::Number::MAX_SAFE_INTEGER)
                .then_some(number as u64)
        })
    }

    /// The same as a size in memory: more than that holds is no limit.
    pub(crate) fn size(&self, name: &str) -> Result<Option<usize>, JsValue> {
        Ok(self.count(name)?.map(|size| usize::try_from(size).unwrap_or(usize::MAX)))
    }

    pub(crate) fn is_infinite(&self, name: &str) -> Result<bool, JsValue> {
        Ok(self.get(name)?.and_then(|value| value.as_f64()) == Some(f64::INFINITY))
    }

    /// A list of response statuses.
    pub(crate) fn statuses(&self, name: &str) -> Result<Option<Vec<u16>>, JsValue> {
        self.typed(name, "a list of statuses", |value| {
            let list = array_from(value.is_object().then_some(&value)?).ok()?;
            let status = |item: JsValue| item.as_f64().filter(|item| (100.0..=599.0).contains(item));
            list.iter().map(|item| status(item).map(|status| status as u16)).collect()
        })
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, JsValue> {
        self.typed(name, "true or false", |value| value.as_bool())
    }

    /// Whether a flag is true that is false by default.
    pub(crate) fn is_set(&self, name: &str) -> Result<bool, JsValue> {
        self.flag(name).map(|flag| flag == Some(true))
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, JsValue> {
        self.typed(name, "a string", |value| value.as_string())
    }

    /// A string without which its neighbours mean nothing.
    pub(crate) fn required_text(&self, name: &str) -> Result<String, JsValue> {
        self.text(name)?.ok_or_else(|| invalid(&format!("the option `{name}` is missing")))
    }

    pub(crate) fn function(&self, name: &str) -> Result<Option<Function>, JsValue> {
        self.typed(name, "a function", |value| value.dyn_into().ok())
    }

    pub(crate) fn signal(&self) -> Result<Option<AbortSignal>, JsValue> {
        self.typed("signal", "an AbortSignal", |value| value.dyn_into().ok())
    }

    pub(crate) fn referrer_policy(&self) -> Result<Option<ReferrerPolicy>, JsValue> {
        self.typed("referrerPolicy", "a referrer policy, such as \"no-referrer\"", |value| {
            let name = value.as_string()?;
            ReferrerPolicy::ALL.into_iter().find(|policy| policy.as_str() == name)
        })
    }

    /// Options of their own, under one name.
    pub(crate) fn nested(&self, name: &str, known: &[&str]) -> Result<Option<Options>, JsValue> {
        let Some(value) = self.get(name)? else {
            return Ok(None);
        };
        if !value.is_object() {
            return Err(invalid(&format!("the option `{name}` must be an object")));
        }
        Options::checked(value, &[known]).map(Some)
    }

    /// The strings of an iterable.
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<String>, JsValue> {
        let list = self.typed(name, "a list of strings", |value| {
            let iterable = !value.is_string() && is_iterable(&value);
            iterable.then(|| {
                array_from(&value).ok()?.iter().map(|item| item.as_string()).collect::<Option<Vec<_>>>()
            })?
        })?;
        Ok(list.unwrap_or_default())
    }

    /// Names and values, from a plain object or an iterable of pairs.
    pub(crate) fn pairs(&self, name: &str) -> Result<Vec<(String, String)>, JsValue> {
        let what = "an object of names and values, or a list of pairs";
        Ok(self.typed(name, what, |value| read_pairs(&value))?.unwrap_or_default())
    }

    /// Names and values, from a form too. A file is its name, as in a browser's own urlencoded forms.
    pub(crate) fn form(&self, name: &str) -> Result<Option<Vec<(String, String)>>, JsValue> {
        let what = "a form, FormData, an object of names and values, or a list of pairs";
        self.typed(name, what, |value| match value.dyn_ref::<HtmlFormElement>() {
            Some(form) => read_pairs(&FormData::new_with_form(form).ok()?.into()),
            None => read_pairs(&value),
        })
    }
}

fn read_pairs(value: &JsValue) -> Option<Vec<(String, String)>> {
    if !value.is_object() {
        return None;
    }
    let entries = if is_iterable(value) { array_from(value) } else { entries(value) }.ok()?;
    entries.iter().map(|pair| read_pair(&pair)).collect()
}

/// Made by a literal, `Object.create(null)` or the like, in whichever realm.
fn is_plain(value: &JsValue) -> bool {
    let prototype = |value: &JsValue| prototype_of(value).ok();
    value.is_object()
        && !Array::is_array(value)
        && prototype(value).is_some_and(|own| {
            own.is_null() || prototype(&own).is_some_and(|of_prototype| of_prototype.is_null())
        })
}

fn is_iterable(value: &JsValue) -> bool {
    Reflect::get(value, &Symbol::iterator()).is_ok_and(|method| method.is_function())
}

fn read_pair(pair: &JsValue) -> Option<(String, String)> {
    let pair = pair.dyn_ref::<Array>().filter(|pair| pair.length() == 2)?;
    Some((pair.get(0).as_string()?, scalar(&pair.get(1))?))
}

/// A string, a number, a boolean or the name of a file as text.
fn scalar(value: &JsValue) -> Option<String> {
    if let Some(number) = value.as_f64() {
        return js_sys::Number::from(number).to_string_with_radix(10).ok()?.as_string();
    }
    let flag = || value.as_bool().map(|flag| flag.to_string());
    value.as_string().or_else(flag).or_else(|| Some(value.dyn_ref::<File>()?.name()))
}

// As in js-sys, but for the `catch`: a getter, an iterator or a proxy of the caller's may throw.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    fn keys(object: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = entries)]
    fn entries(object: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = hasOwn)]
    fn has_own(object: &JsValue, name: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = getPrototypeOf)]
    fn prototype_of(object: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = from)]
    fn array_from(iterable: &JsValue) -> Result<Array, JsValue>;
}
