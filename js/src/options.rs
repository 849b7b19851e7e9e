//! Reading options out of plain objects: every name is known, every value has its type, or the call is refused.

use std::time::Duration;

use js_sys::{Array, Function, Object, Reflect, Symbol};
use pagewire::http::Request;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::error::invalid;

/// An options object whose names were checked. An absent one has no properties.
pub(crate) struct Options(Object);

impl Options {
    /// Only own properties count, so nothing on a polluted prototype is taken for an option.
    pub(crate) fn new(value: Option<impl Into<JsValue>>, known: &[&str]) -> Result<Self, JsValue> {
        let Some(value) = value else {
            return Ok(Options(Object::new()));
        };
        let value = value.into();
        let object = value.dyn_ref::<Object>().ok_or_else(|| invalid("the options must be an object"))?;
        for name in Object::keys(object).iter().filter_map(|name| name.as_string()) {
            if !known.contains(&name.as_str()) {
                return Err(invalid(&format!("unknown option `{name}`: known are {}", known.join(", "))));
            }
        }
        Ok(Options(object.clone()))
    }

    fn get(&self, name: &str) -> Result<Option<JsValue>, JsValue> {
        if !Object::has_own(&self.0, &name.into()) {
            return Ok(None);
        }
        let value = Reflect::get(&self.0, &name.into())?;
        Ok((!value.is_undefined() && !value.is_null()).then_some(value))
    }

    fn typed<T>(
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

    pub(crate) fn size(&self, name: &str) -> Result<Option<usize>, JsValue> {
        self.typed(name, "a whole number, 1 or more", |value| {
            let number = value.as_f64()?;
            (number >= 1.0 && number.fract() == 0.0 && number <= f64::from(u32::MAX))
                .then_some(number as usize)
        })
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, JsValue> {
        Ok(self.typed(name, "true or false", |value| value.as_bool())?.unwrap_or(false))
    }

    pub(crate) fn function(&self, name: &str) -> Result<Option<Function>, JsValue> {
        self.typed(name, "a function", |value| value.dyn_into().ok())
    }

    pub(crate) fn signal(&self) -> Result<Option<AbortSignal>, JsValue> {
        self.typed("signal", "an AbortSignal", |value| value.dyn_into().ok())
    }

    /// The strings of an iterable.
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<String>, JsValue> {
        let what = "a list of strings";
        let list = self.typed(name, what, |value| {
            let iterable = !value.is_string() && is_iterable(&value);
            iterable.then(|| {
                Array::from(&value).iter().map(|item| item.as_string()).collect::<Option<Vec<_>>>()
            })?
        })?;
        Ok(list.unwrap_or_default())
    }

    /// Names and values, from a plain object or an iterable of pairs.
    fn pairs(&self, name: &str) -> Result<Vec<(String, String)>, JsValue> {
        let what = "an object of names and values, or a list of pairs";
        let pairs = self.typed(name, what, |value| {
            let object = value.dyn_ref::<Object>()?;
            let entries = if is_iterable(&value) { Array::from(&value) } else { Object::entries(object) };
            entries.iter().map(|pair| read_pair(&pair)).collect::<Option<Vec<_>>>()
        })?;
        Ok(pairs.unwrap_or_default())
    }

    /// Applies the options that every request has.
    pub(crate) fn apply(&self, mut request: Request) -> Result<Request, JsValue> {
        for (name, value) in self.pairs("query")? {
            request = request.query(&name, value);
        }
        for (name, value) in self.pairs("headers")? {
            request = request.append_header(&name, &value);
        }
        if let Some(after) = self.duration("timeout")? {
            request = request.timeout(after);
        }
        if let Some(after) = self.duration("firstByteTimeout")? {
            request = request.first_byte_timeout(after);
        }
        if let Some(after) = self.duration("idleTimeout")? {
            request = request.idle_timeout(after);
        }
        if let Some(signal) = self.signal()? {
            request = request.abort_signal(&signal);
        }
        Ok(request.with_credentials(self.flag("withCredentials")?))
    }
}

fn is_iterable(value: &JsValue) -> bool {
    Reflect::get(value, &Symbol::iterator()).is_ok_and(|method| method.is_function())
}

fn read_pair(pair: &JsValue) -> Option<(String, String)> {
    let pair = pair.dyn_ref::<Array>().filter(|pair| pair.length() == 2)?;
    Some((pair.get(0).as_string()?, scalar(&pair.get(1))?))
}

/// A string, a number or a boolean as text.
fn scalar(value: &JsValue) -> Option<String> {
    if let Some(number) = value.as_f64() {
        return js_sys::Number::from(number).to_string_with_radix(10).ok()?.as_string();
    }
    value.as_string().or_else(|| value.as_bool().map(|flag| flag.to_string()))
}
