//! A POST request that outlives the page: <https://w3c.github.io/beacon/>.

use std::fmt;

use js_sys::{Array, Function, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, FormData, XmlHttpRequest};

use super::image;
use crate::browser::send::send;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::url;
use crate::transport::address::web_url;
use crate::transport::http::{Body, encode, pairs};

/// What all beacons, and requests with `keepalive`, that are still on their way may carry together:
/// <https://fetch.spec.whatwg.org/#http-network-or-cache-fetch>.
const QUOTA: usize = 64 << 10;

/// A URL longer than this is cut off by some servers on the way.
const LONGEST_URL: usize = 2000;

/// A POST to `url` that the browser sends even after the page is gone: [`send`](Beacon::send) it, at the latest from a
/// handler of [`pagehide`](https://html.spec.whatwg.org/multipage/indices.html#event-pagehide).
///
/// ```no_run
/// use pagewire::ping;
///
/// let via = ping::beacon("/log").body("left the page").send()?;
/// println!("taken by {}", via.as_str());
/// # Ok::<(), pagewire::Error>(())
/// ```
#[must_use = "a beacon does nothing until `send`"]
pub fn beacon(url: impl Into<String>) -> Beacon {
    Beacon {
        url: url.into(),
        body: None,
        content_type: None,
        fallback: false,
        image_parameter: None,
        error: None,
    }
}

/// A beacon to be sent: built by value, checked when it is sent.
///
/// # What is sent, and what CORS makes of it
/// Cookies go with it. Nobody reads the answer, so the server need not allow anything, unless the content type is not a
/// [simple](https://fetch.spec.whatwg.org/#cors-safelisted-request-header) one: then the browser asks the server in
/// advance, and the beacon is lost where that fails, which nobody is told.
///
/// | body | `Content-Type` | across origins |
/// | --- | --- | --- |
/// | text | `text/plain;charset=UTF-8` | simple |
/// | [`form`](Beacon::form), `URLSearchParams` | `application/x-www-form-urlencoded` | simple |
/// | [`Form`](crate::http::Form), `FormData` | `multipart/form-data` | simple |
/// | bytes | none | simple |
/// | `Blob`, [`content_type`](Beacon::content_type) | its own | simple only if it is one of the three above |
/// | [`json`](Beacon::json) | `application/json` | asked for in advance |
///
/// ```no_run
/// use pagewire::ping;
///
/// let report = ping::beacon("/log").json(&["seen", "left"]).with_fallback();
/// report.send()?;
/// # Ok::<(), pagewire::Error>(())
/// ```
#[must_use = "a beacon does nothing until `send`"]
pub struct Beacon {
    url: String,
    body: Option<Body>,
    content_type: Option<String>,
    fallback: bool,
    image_parameter: Option<String>,
    error: Option<Error>,
}

/// How a beacon went.
///
/// ```no_run
/// use pagewire::ping::{self, Via};
///
/// if ping::beacon("/log").with_fallback().send()? == Via::Image {
///     println!("in the query of an image");
/// }
/// # Ok::<(), pagewire::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Via {
    /// `navigator.sendBeacon`: the browser has queued it and means to send it, page or no page. (Of hundreds at once Chromium
    /// drops some.)
    Beacon,
    /// `fetch` with `keepalive`: started, and not ended by the page's end. Whether it arrives nobody is told.
    Fetch,
    /// XMLHttpRequest: started; the page's end ends it.
    Xhr,
    /// An image: started as a GET; the page's end ends it.
    Image,
}

impl Via {
    /// A stable word for it.
    ///
    /// ```
    /// assert_eq!(pagewire::ping::Via::Beacon.as_str(), "beacon");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Via::Beacon => "beacon",
            Via::Fetch => "fetch",
            Via::Xhr => "xhr",
            Via::Image => "image",
        }
    }
}

impl Beacon {
    /// Adds one query parameter, encoded as
    /// [`encodeURIComponent`](https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent) does.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// ping::beacon("/log").query("page", "/start").send()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        url::append_query(&mut self.url, [(name, value.to_string())]);
        self
    }

    /// Adds the fields of a serde value as query parameters; a nested value is an error when the beacon is sent.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// ping::beacon("/log").query_from(&[("page", "/start"), ("step", "2")]).send()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn query_from(mut self, value: &(impl Serialize + ?Sized)) -> Self {
        match pairs(value) {
            Ok(pairs) => {
                url::append_query(&mut self.url, pairs);
                self
            }
            Err(error) => self.fail(error),
        }
    }

    /// Sets the body. Default: none.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// ping::beacon("/log").body(vec![0xca, 0xfe]).send()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets a JSON body. Across origins the browser asks the server in advance; where a server takes JSON as text, send
    /// it as such.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// ping::beacon("/log").json(&["left"]).send()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_string(value) {
            Ok(text) => self.body(text).content_type("application/json"),
            Err(error) => self.fail(Error::invalid("the value cannot be JSON").with_source(error)),
        }
    }

    /// Sets a form-urlencoded body from a serde value, a struct or a list of pairs.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// ping::beacon("/log").form(&[("page", "/start")]).send()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn form(self, value: &(impl Serialize + ?Sized)) -> Self {
        match encode(value) {
            Ok(text) => self.body(text).content_type("application/x-www-form-urlencoded"),
            Err(error) => self.fail(error),
        }
    }

    /// Sends text, bytes or a `Blob` as this type. A `FormData` has its own, which cannot be another.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// ping::beacon("/log").body("{\"left\":true}").content_type("text/plain").send()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn content_type(mut self, content_type: &str) -> Self {
        self.content_type = Some(content_type.to_owned());
        self
    }

    /// Where the browser has no beacon, or refuses this one, sends in the next best way there is: `fetch` with
    /// `keepalive`, which is left out after a refusal because the quota is the same; XMLHttpRequest; and for a beacon
    /// without a body an image.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// let via = ping::beacon("/log").body("left").with_fallback().send()?;
    /// println!("{}", via.as_str());
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn with_fallback(mut self) -> Self {
        self.fallback = true;
        self
    }

    /// Lets [`with_fallback`](Beacon::with_fallback) come down to an image for a text body too, which is then a query
    /// parameter of this name. Only as long as the URL has at most 2000 characters.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// ping::beacon("/log").body("left").with_fallback().image_parameter("message").send()?;
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn image_parameter(mut self, name: &str) -> Self {
        self.image_parameter = Some(name.to_owned());
        self
    }

    /// Sends at once, and says which way it went. That is all there is to know: no browser tells what became of it.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if the browser refuses it: all beacons on their way may have 64 KiB together. (Firefox
    /// takes larger ones; it refuses, in the same words, what the page's `connect-src` forbids, where other browsers
    /// drop it unsaid.) [`ErrorKind::Unsupported`] where there is no beacon, as in workers. [`ErrorKind::InvalidRequest`]
    /// for a URL other than http and https.
    ///
    /// ```no_run
    /// use pagewire::ping;
    ///
    /// if let Err(error) = ping::beacon("/log").body("left").send() {
    ///     println!("not queued: {error}");
    /// }
    /// # Ok::<(), pagewire::Error>(())
    /// ```
    pub fn send(mut self) -> Result<Via> {
        if let Some(error) = self.error.take() {
            return Err(error.with_url(&self.url));
        }
        let address = web_url(&self.url)?.href();
        let body = self.payload()?;
        let refusal = match queue(&address, &body) {
            Ok(()) => return Ok(Via::Beacon),
            Err(refusal) => refusal.with_url(&self.url),
        };
        if !self.fallback || refusal.is_invalid_request() {
            return Err(refusal);
        }
        let quota_is_used_up = refusal.is_too_large() || self.size(&body) > QUOTA;
        if !quota_is_used_up && fetch_keepalive(&address, &body) {
            return Ok(Via::Fetch);
        }
        if request(&address, &body) {
            return Ok(Via::Xhr);
        }
        if self.as_image() { Ok(Via::Image) } else { Err(refusal) }
    }

    /// The size of the body, as far as it is known: the browser writes a form itself.
    fn size(&self, body: &JsValue) -> usize {
        let bytes = self.body.as_ref().and_then(Body::as_bytes).map(<[u8]>::len);
        bytes.or_else(|| body.dyn_ref::<Blob>().map(|blob| blob.size() as usize)).unwrap_or(0)
    }

    fn payload(&self) -> Result<JsValue> {
        let body = self.body.clone().map_or(JsValue::NULL, Body::into_js);
        let Some(content_type) = &self.content_type else {
            return Ok(body);
        };
        if body.is_instance_of::<FormData>() {
            let message = "form data has a content type of its own";
            return Err(Error::invalid(message).with_url(&self.url));
        }
        let options = BlobPropertyBag::new();
        options.set_type(content_type);
        let parts = if body.is_null() { Array::new() } else { Array::of1(&body) };
        Blob::new_with_buffer_source_sequence_and_options(&parts, &options)
            .map(Into::into)
            .map_err(|_| Error::invalid("the browser makes no Blob of this body").with_url(&self.url))
    }

    fn as_image(&self) -> bool {
        let mut url = self.url.clone();
        if let Some(body) = &self.body {
            let text = body.as_bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
            let (Some(text), Some(name)) = (text, &self.image_parameter) else {
                return false;
            };
            url::append_query(&mut url, [(name, text)]);
        }
        url.len() <= LONGEST_URL && image(url).detach().is_ok()
    }

    fn fail(mut self, error: Error) -> Self {
        self.error.get_or_insert(error);
        self
    }
}

impl fmt::Debug for Beacon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beacon")
            .field("url", &url::redact(&self.url))
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// <https://w3c.github.io/beacon/#sendbeacon-method>
fn queue(address: &str, body: &JsValue) -> Result<()> {
    let navigator = global("navigator");
    let method = Reflect::get(&navigator, &"sendBeacon".into()).ok().and_then(|it| it.dyn_into().ok());
    let Some(method): Option<Function> = method else {
        return Err(Error::unsupported("there is no beacon here: only a page has them"));
    };
    match method.call2(&navigator, &address.into(), body) {
        Ok(taken) if taken.is_truthy() => Ok(()),
        Ok(_) => Err(Error::new(
            ErrorKind::TooLarge,
            "the browser refuses the beacon: those on their way may have 64 KiB together",
        )),
        Err(_) => Err(Error::invalid("the browser takes neither this URL nor this body for a beacon")),
    }
}

/// Starts a request that the page's end does not end; false where there is no `fetch`.
fn fetch_keepalive(address: &str, body: &JsValue) -> bool {
    let Ok(fetch) = global("fetch").dyn_into::<Function>() else {
        return false;
    };
    let init = Object::new();
    // As a beacon: cookies go with it, and a simple one needs no permission, as nobody reads the answer.
    for (name, value) in [
        ("method", "POST".into()),
        ("body", body.clone()),
        ("keepalive", JsValue::TRUE),
        ("credentials", "include".into()),
        ("mode", if is_simple(body) { "no-cors" } else { "cors" }.into()),
    ] {
        let _ = Reflect::set(&init, &JsValue::from_str(name), &value);
    }
    let Ok(promise) = fetch.call2(&JsValue::UNDEFINED, &address.into(), &init) else {
        return false;
    };
    // Waited for, so that its failure is no unhandled rejection.
    spawn_local(async {
        let _ = JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await;
    });
    true
}

/// Only a Blob says a type of its own: <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>.
fn is_simple(body: &JsValue) -> bool {
    const SIMPLE: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
    body.dyn_ref::<Blob>().is_none_or(|blob| {
        let content_type = blob.type_();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.is_empty() || SIMPLE.contains(&essence)
    })
}

/// Starts an ordinary request; false where there is none.
fn request(address: &str, body: &JsValue) -> bool {
    let Ok(xhr) = XmlHttpRequest::new() else {
        return false;
    };
    xhr.set_with_credentials(true);
    xhr.open_with_async("POST", address, true).is_ok() && send(&xhr, body).is_ok()
}

fn global(name: &str) -> JsValue {
    Reflect::get(&js_sys::global(), &name.into()).unwrap_or(JsValue::UNDEFINED)
}
