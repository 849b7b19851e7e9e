//! What the running environment can do: each capability is there, or the error says why not.
//!
//! ```no_run
//! use pagewire::environment::Capability;
//!
//! if let Err(why) = Capability::WebLocks.available() {
//!     println!("one tab at a time: {why}");
//! }
//! ```

use wasm_bindgen::prelude::*;

use crate::browser::global::{Scope, require_browser, scope};
use crate::error::{Error, Result};

/// Something that an environment may have.
///
/// ```no_run
/// use pagewire::environment::Capability;
///
/// for capability in Capability::ALL {
///     println!("{}: {}", capability.as_str(), capability.available().is_ok());
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// [XMLHttpRequest](https://xhr.spec.whatwg.org/): absent in a service worker.
    Xhr,
    /// Events of [the upload](https://xhr.spec.whatwg.org/#the-upload-attribute).
    UploadProgress,
    /// [`withCredentials`](https://xhr.spec.whatwg.org/#the-withcredentials-attribute), and with it CORS at all.
    Credentials,
    /// The body of a `fetch` [as a stream](https://fetch.spec.whatwg.org/#dom-body-body).
    FetchStreams,
    /// [EventSource](https://html.spec.whatwg.org/#the-eventsource-interface): absent in a service worker, in Firefox.
    EventSource,
    /// [WebSocket](https://websockets.spec.whatwg.org/).
    WebSocket,
    /// [`sendBeacon`](https://w3c.github.io/beacon/): only in a page.
    Beacon,
    /// [Web Locks](https://w3c.github.io/web-locks/): only in a secure context.
    WebLocks,
    /// [BroadcastChannel](https://html.spec.whatwg.org/#broadcasting-to-other-browsing-contexts).
    BroadcastChannel,
    /// [Service workers](https://w3c.github.io/ServiceWorker/): only in a secure context.
    ServiceWorker,
}

impl Capability {
    /// All of them.
    pub const ALL: [Capability; 10] = [
        Capability::Xhr,
        Capability::UploadProgress,
        Capability::Credentials,
        Capability::FetchStreams,
        Capability::EventSource,
        Capability::WebSocket,
        Capability::Beacon,
        Capability::WebLocks,
        Capability::BroadcastChannel,
        Capability::ServiceWorker,
    ];

    /// A stable word: what the ES module calls it.
    ///
    /// ```
    /// use pagewire::environment::Capability;
    ///
    /// assert_eq!(Capability::WebLocks.as_str(), "web-locks");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Capability::Xhr => "xhr",
            Capability::UploadProgress => "upload-progress",
            Capability::Credentials => "credentials",
            Capability::FetchStreams => "fetch-streams",
            Capability::EventSource => "event-source",
            Capability::WebSocket => "websocket",
            Capability::Beacon => "beacon",
            Capability::WebLocks => "web-locks",
            Capability::BroadcastChannel => "broadcast-channel",
            Capability::ServiceWorker => "service-worker",
        }
    }

    /// Whether it is there. Nothing is sent, and nothing asked of the user.
    ///
    /// ```no_run
    /// use pagewire::environment::Capability;
    ///
    /// assert!(Capability::Xhr.available().is_ok(), "not in a service worker");
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), with the reason.
    pub fn available(self) -> Result<()> {
        require_browser()?;
        if self.is_there() { Ok(()) } else { Err(Error::unsupported(self.reason())) }
    }

    fn is_there(self) -> bool {
        match self {
            Capability::Xhr => has(&["XMLHttpRequest"], None),
            Capability::UploadProgress => has(&["XMLHttpRequest", "prototype"], Some("upload")),
            Capability::Credentials => has(&["XMLHttpRequest", "prototype"], Some("withCredentials")),
            Capability::FetchStreams => has(&["Response", "prototype"], Some("body")),
            Capability::EventSource => has(&["EventSource"], None),
            Capability::WebSocket => has(&["WebSocket"], None),
            Capability::Beacon => has(&["navigator"], Some("sendBeacon")),
            Capability::WebLocks => has(&["navigator"], Some("locks")),
            Capability::BroadcastChannel => has(&["BroadcastChannel"], None),
            Capability::ServiceWorker => has(&["navigator"], Some("serviceWorker")),
        }
    }

    fn reason(self) -> &'static str {
        use Capability as C;
        match (self, scope()) {
            (C::Xhr | C::UploadProgress | C::Credentials, Scope::ServiceWorker) => {
                "a service worker has no XMLHttpRequest: there requests go by fetch"
            }
            (C::Beacon, Scope::DedicatedWorker | Scope::SharedWorker | Scope::ServiceWorker) => {
                "only a page has sendBeacon: in a worker use fetch with keepalive"
            }
            (C::WebLocks | C::ServiceWorker, _) if !is_secure() => {
                "only in a secure context: serve the page over https, or from localhost"
            }
            (_, Scope::Other) => "there is no browser here",
            _ => "this browser does not have it here",
        }
    }
}

/// Whether a path of properties leads to an object, which has `member` if one is named.
fn has(path: &[&str], member: Option<&str>) -> bool {
    let mut object: JsValue = js_sys::global().into();
    for name in path {
        match js_sys::Reflect::get(&object, &JsValue::from_str(name)) {
            Ok(next) if next.is_object() || next.is_function() => object = next,
            _ => return false,
        }
    }
    member.is_none_or(|name| js_sys::Reflect::has(&object, &JsValue::from_str(name)).unwrap_or(false))
}

fn is_secure() -> bool {
    SECURE.with(Clone::clone).unwrap_or(true)
}

#[wasm_bindgen]
extern "C" {
    // https://html.spec.whatwg.org/#dom-issecurecontext
    #[wasm_bindgen(thread_local_v2, js_name = isSecureContext)]
    static SECURE: Option<bool>;
}
