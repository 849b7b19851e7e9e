//! An element the library made itself, taken out of the document when it is dropped.

use std::ops::Deref;

use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlIFrameElement, HtmlImageElement, HtmlScriptElement};

use super::global::require_browser;
use super::value::Thrown;
use crate::error::{Error, Result};

/// An element type this library creates.
pub(crate) trait Tag: JsCast + AsRef<web_sys::Element> + AsRef<web_sys::Node> {
    const NAME: &'static str;

    /// Stops what the element still does. Removal alone stops a frame, but neither an image nor a script.
    fn stop(&self) {}
}

impl Tag for HtmlScriptElement {
    const NAME: &'static str = "script";

    // "If el's preparation-time document is not document, then return": in another document it does not run any more.
    // https://html.spec.whatwg.org/multipage/scripting.html#execute-the-script-element
    fn stop(&self) {
        if let Ok(elsewhere) = Document::new() {
            let _ = elsewhere.adopt_node(self);
        }
    }
}

impl Tag for HtmlIFrameElement {
    const NAME: &'static str = "iframe";
}

impl Tag for HtmlImageElement {
    const NAME: &'static str = "img";

    // "If the element has no src attribute ... abort the image request": removing the attribute cancels the load,
    // in all engines but WebKit, which knows no way to.
    // https://html.spec.whatwg.org/multipage/images.html#update-the-image-data
    fn stop(&self) {
        let _ = self.remove_attribute("src");
    }
}

/// Owns an element: dropped, it stops loading and leaves the document.
#[must_use = "dropping an Owned element removes it"]
pub(crate) struct Owned<T: Tag>(T);

impl<T: Tag> Owned<T> {
    /// A new element, not yet in the document.
    pub(crate) fn create() -> Result<Self> {
        let element = require_document()?.create_element(T::NAME).map_err(|thrown| {
            Error::unsupported("this document cannot create elements").with_thrown(Thrown::new(&thrown))
        })?;
        Ok(Owned(element.unchecked_into()))
    }

    /// Puts the element at the end of the document, where scripts run and frames load.
    pub(crate) fn attach(&self) -> Result<()> {
        let root = document().and_then(|document| document.document_element());
        let root = root.ok_or_else(|| Error::unsupported("the document is empty"))?;
        root.append_child(AsRef::<web_sys::Node>::as_ref(&self.0)).map(drop).map_err(|thrown| {
            Error::unsupported("the document takes no elements").with_thrown(Thrown::new(&thrown))
        })
    }
}

impl<T: Tag> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Tag> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.stop();
        AsRef::<web_sys::Element>::as_ref(&self.0).remove();
    }
}

/// Refuses where no element can be made.
pub(crate) fn require_document() -> Result<Document> {
    require_browser()?;
    document().ok_or_else(|| {
        Error::unsupported("there is no document here: elements exist only in a page, not in a worker")
    })
}

/// The document of this page; a worker has none.
pub(crate) fn document() -> Option<Document> {
    if !cfg!(target_arch = "wasm32") {
        return None;
    }
    // `dyn_into` and not `web_sys::window()` alone: a worker's global has no document.
    js_sys::global().dyn_into::<web_sys::Window>().ok()?.document()
}
