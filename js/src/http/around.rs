//! Functions around requests: each gets the request and the rest of the way, and gives the response.

use std::cell::RefCell;
use std::fmt;

use js_sys::{Function, Promise, Reflect};
use pagewire::http;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::response::{Response, pairs};
use super::watch::{CALLBACKS, Watchers};
use super::{HeaderPairs, RequestBody, RequestOptions, prepare, setup};
use crate::error::invalid;
use crate::options::Options;
use crate::promise::promise;
use crate::value::Text;

/// A request on its way, for a function around it.
#[wasm_bindgen(js_namespace = http, js_name = Request)]
pub struct Outgoing {
    // A builder by value, behind an object that is set in place.
    request: RefCell<http::Request>,
    watchers: Watchers,
}

#[wasm_bindgen(js_namespace = http, js_class = Request)]
impl Outgoing {
    /// The method, in upper case where it is a standard one.
    #[wasm_bindgen(getter)]
    pub fn method(&self) -> String {
        self.request.borrow().method().as_str().to_owned()
    }

    /// The URL with its query, possibly relative.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.request.borrow().url().to_owned()
    }

    /// The headers set so far, as pairs. The browser adds its own.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> HeaderPairs {
        pairs(self.request.borrow().headers())
    }

    /// One header's value, by a name of any case.
    pub fn header(&self, name: Text) -> Option<String> {
        self.request.borrow().headers().get(&name.text()).map(str::to_owned)
    }

    /// Sets a header, in place of an earlier value. One that may not be set makes `next` reject with kind
    /// "invalid-request".
    #[wasm_bindgen(js_name = setHeader)]
    pub fn set_header(&self, name: Text, value: Text) {
        let request = self.request.borrow().repeat().header(&name.text(), &value.text());
        let _ = self.request.replace(request);
    }
}

impl Outgoing {
    pub(super) fn new(
        request: http::Request,
        body: Option<RequestBody>,
        options: Option<RequestOptions>,
    ) -> Result<Self, JsValue> {
        let options = Options::new(options, &[setup::COMMON, setup::COMPLETE, CALLBACKS])?;
        let watchers = Watchers::new(&options)?;
        let request = prepare(request, body, &options)?;
        Ok(Outgoing { request: RefCell::new(request), watchers })
    }

    /// The same once more: a function may send what it was given several times.
    fn repeat(&self) -> Self {
        let request = RefCell::new(self.request.borrow().repeat());
        Outgoing { request, watchers: self.watchers.clone() }
    }

    /// Sends it through the functions `around` it, of which the last is the outermost.
    pub(super) async fn send(self, mut around: Vec<Function>) -> Result<JsValue, JsValue> {
        let Some(outermost) = around.pop() else {
            let parts = self.watchers.send(self.request.into_inner()).await?;
            return Ok(Response { parts }.into());
        };
        let next = Next { around }.into_function()?;
        let answer = outermost.call2(&JsValue::UNDEFINED, &self.into(), &next)?;
        let response = JsFuture::from(Promise::resolve(&answer)).await?;
        if !response.is_object() {
            return Err(invalid("a function around a request must give a response: return what `next` gave"));
        }
        Ok(response)
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").finish_non_exhaustive()
    }
}

/// The rest of the way.
#[wasm_bindgen(private, skip_typescript)]
#[derive(Debug)]
pub struct Next {
    around: Vec<Function>,
}

#[wasm_bindgen]
impl Next {
    /// Sends the request on.
    pub fn send(&self, request: &Outgoing) -> Promise {
        promise(request.repeat().send(self.around.clone()))
    }
}

impl Next {
    /// A function that JavaScript owns: the method, bound to its object.
    fn into_function(self) -> Result<Function, JsValue> {
        let object = JsValue::from(self);
        let method: Function = Reflect::get(&object, &JsValue::from_str("send"))?.unchecked_into();
        Ok(method.bind0(&object))
    }
}
