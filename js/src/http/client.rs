//! `http.Client`: what many requests share.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, Promise};
use pagewire::http;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::around::Outgoing;
use super::{RequestOptions, fake};
use crate::error::invalid;
use crate::options::Options;
use crate::request::{self, RequestBody};
use crate::value::{Address, Text};

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "ClientOptions")]
    pub type ClientOptions;
}

const OPTIONS: &[&str] = &[
    "base",
    "headers",
    "withCredentials",
    "timeout",
    "firstByteTimeout",
    "idleTimeout",
    "retry",
    "xsrf",
    "transport",
];

/// Makes requests that share a base URL, headers, limits, and functions around them. In an app's own tests a `transport`
/// answers them.
///
/// ```js
/// const api = new http.Client({ base: "/api/", timeout: 10_000, retry: true });
/// const items = await (await api.get("items")).json();
/// ```
#[wasm_bindgen(js_namespace = http, js_name = Client)]
#[derive(Clone)]
pub struct Client {
    client: http::Client,
    around: Rc<RefCell<Vec<Function>>>,
    transport: Option<Function>,
}

#[wasm_bindgen(js_namespace = http, js_class = Client)]
impl Client {
    /// A client with these defaults. An option of a request comes before the client's.
    ///
    /// ```js
    /// const api = new http.Client({ base: "/api/", xsrf: { cookie: "XSRF-TOKEN", header: "X-XSRF-TOKEN" } });
    /// ```
    #[wasm_bindgen(constructor)]
    pub fn new(options: Option<ClientOptions>) -> Result<Client, JsValue> {
        let options = Options::new(options, &[OPTIONS])?;
        let transport = options.function("transport")?;
        Ok(Client { client: prepare(&options)?, around: Rc::default(), transport })
    }

    /// Puts a function around each request from now on, outside those that are there already, and gives this client.
    /// It gets the request and the rest of the way, and gives the response: that serves logging, refreshing a token
    /// after a 401, and caching alike. It may call `next` again, or not at all; retries happen inside. What it throws,
    /// the request rejects with.
    ///
    /// ```js
    /// api.around(async (request, next) => {
    ///   request.setHeader("authorization", `Bearer ${token}`);
    ///   const response = await next(request);
    ///   if (response.status !== 401) return response;
    ///   request.setHeader("authorization", `Bearer ${await refresh()}`);
    ///   return next(request);
    /// });
    /// ```
    pub fn around(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Around")] around: JsValue,
    ) -> Result<Client, JsValue> {
        let around =
            around.dyn_into().map_err(|_| invalid("what is put around requests must be a function"))?;
        self.around.borrow_mut().push(around);
        Ok(self.clone())
    }

    /// A GET request.
    ///
    /// ```js
    /// const items = await (await api.get("items", { query: { page: 2 } })).json();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<http.Response>")]
    pub fn get(&self, url: Address, options: Option<RequestOptions>) -> Promise {
        self.send("GET", url, None, options)
    }

    /// A HEAD request.
    ///
    /// ```js
    /// const isThere = (await api.head("items/7")).ok;
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<http.Response>")]
    pub fn head(&self, url: Address, options: Option<RequestOptions>) -> Promise {
        self.send("HEAD", url, None, options)
    }

    /// A DELETE request.
    ///
    /// ```js
    /// (await api.del("items/7")).errorForStatus();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<http.Response>")]
    pub fn del(&self, url: Address, options: Option<RequestOptions>) -> Promise {
        self.send("DELETE", url, None, options)
    }

    /// A POST request.
    ///
    /// ```js
    /// const made = (await api.post("items", null, { json: { name: "seven" } })).errorForStatus();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<http.Response>")]
    pub fn post(&self, url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
        self.send("POST", url, body, options)
    }

    /// A PUT request.
    ///
    /// ```js
    /// await api.put("items/7/name", "seven");
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<http.Response>")]
    pub fn put(&self, url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
        self.send("PUT", url, body, options)
    }

    /// A PATCH request.
    ///
    /// ```js
    /// await api.patch("items/7", null, { form: { name: "seven" } });
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<http.Response>")]
    pub fn patch(&self, url: Address, body: Option<RequestBody>, options: Option<RequestOptions>) -> Promise {
        self.send("PATCH", url, body, options)
    }

    /// A request with any method.
    ///
    /// ```js
    /// await api.request("PURGE", "items/7");
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<http.Response>")]
    pub fn request(
        &self,
        method: Text,
        url: Address,
        body: Option<RequestBody>,
        options: Option<RequestOptions>,
    ) -> Promise {
        self.send(&method.text(), url, body, options)
    }
}

impl Client {
    fn send(
        &self,
        method: &str,
        url: Address,
        body: Option<RequestBody>,
        options: Option<RequestOptions>,
    ) -> Promise {
        let (url, around) = (url.text(), self.around.borrow().clone());
        let Some(transport) = self.transport.clone() else {
            return super::send(self.client.request(method, &url), body, options, around);
        };
        let (client, thrown) = fake::answered_by(&self.client, transport);
        let outgoing = Outgoing::new(client.request(method, &url), body, options);
        super::run(outgoing.map(|outgoing| outgoing.failing_with(thrown)), around)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("client", &self.client).finish_non_exhaustive()
    }
}

/// An option, and the setter that it names.
type Limit = (&'static str, fn(http::Client, Duration) -> http::Client);

const LIMITS: [Limit; 3] = [
    ("timeout", http::Client::timeout),
    ("firstByteTimeout", http::Client::first_byte_timeout),
    ("idleTimeout", http::Client::idle_timeout),
];

fn prepare(options: &Options) -> Result<http::Client, JsValue> {
    let mut client = http::Client::new();
    if let Some(base) = options.text("base")? {
        client = client.base(base);
    }
    for (name, value) in options.pairs("headers")? {
        client = client.header(&name, &value);
    }
    if let Some(with) = options.flag("withCredentials")? {
        client = client.with_credentials(with);
    }
    for (name, set) in LIMITS {
        if let Some(after) = options.duration(name)? {
            client = set(client, after);
        }
    }
    if let Some(policy) = request::retry(options)? {
        client = client.retry(policy);
    }
    if let Some(xsrf) = options.nested("xsrf", &["cookie", "header"])? {
        client = client.xsrf(&xsrf.required_text("cookie")?, &xsrf.required_text("header")?);
    }
    Ok(client)
}
