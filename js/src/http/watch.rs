//! The callbacks of a request, and how far it is.

use futures_util::StreamExt;
use futures_util::future::try_join;
use js_sys::Function;
use pagewire::http::{Event, Events, Moment, Progress, Request, Response};
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::options::Options;
use crate::value::object;

/// The options that a [`Watchers`] reads.
pub(super) const CALLBACKS: &[&str] = &["onDownload", "onUpload", "onState"];

/// The callbacks of one request.
#[derive(Clone, Default)]
pub(super) struct Watchers {
    download: Option<Function>,
    upload: Option<Function>,
    state: Option<Function>,
}

impl Watchers {
    pub(super) fn new(options: &Options) -> Result<Self, JsValue> {
        Ok(Watchers {
            download: options.function("onDownload")?,
            upload: options.function("onUpload")?,
            state: options.function("onState")?,
        })
    }

    /// The request with the events that the callbacks are for.
    pub(super) fn wish(&self, request: Request) -> Request {
        if self.upload.is_some() { request.upload_events() } else { request }
    }

    /// Sends, and tells the callbacks what happens.
    pub(super) async fn send(self, request: Request) -> Result<Response, JsValue> {
        if self.download.is_none() && self.upload.is_none() && self.state.is_none() {
            return request.await.map_err(|error| to_js(&error));
        }
        let exchange = self.wish(request).start().map_err(|error| to_js(&error))?;
        let events = exchange.events();
        // A callback's error drops the exchange, which aborts it; and it is the outcome, not the abort.
        let ((), answered) = try_join(self.tell(events), async { Ok(exchange.await) }).await?;
        answered.map_err(|error| to_js(&error))
    }

    async fn tell(self, mut events: Events) -> Result<(), JsValue> {
        while let Some(event) = events.next().await {
            let (callback, argument) = match event {
                Event::ReadyState(state) => (&self.state, JsValue::from(state.as_u16())),
                Event::Download(moment, progress) if is_progress(moment) => {
                    (&self.download, object(progress_of(progress)))
                }
                Event::Upload(moment, progress) if is_progress(moment) => {
                    (&self.upload, object(progress_of(progress)))
                }
                _ => continue,
            };
            if let Some(callback) = callback {
                callback.call1(&JsValue::UNDEFINED, &argument)?;
            }
        }
        Ok(())
    }
}

/// At a failure the browser sets the numbers back to 0, which would look like a step back.
fn is_progress(moment: Moment) -> bool {
    matches!(moment, Moment::LoadStart | Moment::Progress | Moment::Load)
}

/// The properties of a `Progress`: see `http/types.ts`.
pub(super) fn progress_of(progress: Progress) -> [(&'static str, JsValue); 4] {
    let optional = |value: Option<f64>| value.map_or(JsValue::UNDEFINED, JsValue::from);
    [
        ("loaded", JsValue::from(progress.loaded as f64)),
        ("total", optional(progress.total.map(|total| total as f64))),
        ("rate", optional(progress.rate)),
        ("remaining", optional(progress.remaining.map(|remaining| remaining.as_secs_f64() * 1000.0))),
    ]
}
