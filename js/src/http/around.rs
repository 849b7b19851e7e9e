//! Functions around requests: each gets the request and the rest of the way, and gives the response.

use std::cell::RefCell;
use std::fmt;

use js_sys::{Function, Promise, Reflect};
use pagewire::http;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::fake::Thrown;
use super::watch::{CALLBACKS, Watchers};
use super::{RequestOptions, prepare};
use crate::error::invalid;
use crate::options::Options;
use crate::promise::promise;
use crate::request::{self, RequestBody};
use crate::response::{HeaderPairs, Response, pairs};
use crate::value::Text;

/// A request on its way, for a function around it.
///
/// ```js
/// api.around(async (request, next) => {
///   console.log(request.method, request.url);
///   return next(request);
/// });
/// ```
#[wasm_bindgen(js_namespace = http, js_name = Request)]
pub struct Outgoing {
    // A builder by value, behind an object that is set in place.
    request: RefCell<http::Request>,
    watchers: Watchers,
    thrown: Thrown,
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

    /// The body where it is text: a string, JSON or a form. `undefined` without a body, and for one of bytes, a `Blob` or
    /// `FormData`, which the browser alone reads.
    #[wasm_bindgen(getter)]
    pub fn body(&self) -> Option<String> {
        let request = self.request.borrow();
        request.body_bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// One header's value, by a name of any case.
    ///
    /// ```js
    /// if (!request.header("accept")) request.setHeader("accept", "application/json");
    /// ```
    pub fn header(&self, name: Text) -> Option<String> {
        let name = name.text();
        self.request.borrow().headers().get(&name).map(str::to_owned)
    }

    /// Sets a header, in place of an earlier value. One that may not be set makes `next` reject with kind
    /// "invalid-request".
    ///
    /// ```js
    /// request.setHeader("authorization", `Bearer ${token}`);
    /// ```
    #[wasm_bindgen(js_name = setHeader)]
    pub fn set_header(&self, name: Text, value: Text) {
        let (name, value) = (name.text(), value.text());
        let request = self.request.borrow().repeat().header(&name, &value);
        let _ = self.request.replace(request);
    }
}

impl Outgoing {
    pub(super) fn new(
        request: http::Request,
        body: Option<RequestBody>,
        options: Option<RequestOptions>,
    ) -> Result<Self, JsValue> {
        let options = Options::new(options, &[request::COMMON, request::COMPLETE, CALLBACKS])?;
        let watchers = Watchers::new(&options)?;
        let request = prepare(request, body, &options)?;
        Ok(Outgoing { watchers, ..Outgoing::from(request) })
    }

    /// What would be sent.
    pub(super) fn into_request(self) -> http::Request {
        self.watchers.wish(self.request.into_inner())
    }

    /// Rejects with what a client's transport threw.
    pub(super) fn failing_with(self, thrown: Thrown) -> Self {
        Outgoing { thrown, ..self }
    }

    /// The same once more: a function may send what it was given several times.
    fn repeat(&self) -> Self {
        let request = RefCell::new(self.request.borrow().repeat());
        Outgoing { request, watchers: self.watchers.clone(), thrown: self.thrown.clone() }
    }

    /// Sends it through the functions `around` it, of which the last is the outermost.
    pub(super) async fn send(self, mut around: Vec<Function>) -> Result<JsValue, JsValue> {
        let Some(outermost) = around.pop() else {
            let outcome = self.watchers.send(self.request.into_inner()).await;
            let parts = outcome.map_err(|error| self.thrown.or(error))?;
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

impl From<http::Request> for Outgoing {
    fn from(request: http::Request) -> Self {
        Outgoing { request: RefCell::new(request), watchers: Watchers::default(), thrown: Thrown::default() }
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
