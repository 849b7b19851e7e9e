//! A reader of fetch, and EventSource.

use std::cell::RefCell;
use std::rc::Rc;

use bench_shared::{Row, Rows, Sample, Tally};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventSource, MessageEvent, ReadableStreamDefaultReader, Response};

/// The pieces of a response.
struct Pieces(ReadableStreamDefaultReader);

impl Pieces {
    async fn of(url: &str) -> Result<Self, JsValue> {
        let window = web_sys::window().ok_or("no window")?;
        let response: Response = JsFuture::from(window.fetch_with_str(url)).await?.dyn_into()?;
        let reader = response.body().ok_or("no body")?.get_reader();
        Ok(Pieces(reader.dyn_into()?))
    }

    async fn next(&self) -> Result<Option<Uint8Array>, JsValue> {
        let result = JsFuture::from(self.0.read()).await?;
        let piece = Reflect::get(&result, &"value".into())?;
        Ok(piece.dyn_into().ok())
    }
}

#[wasm_bindgen(js_name = stream)]
pub async fn read(url: String) -> Result<String, JsValue> {
    let pieces = Pieces::of(&url).await?;
    let mut sample = Sample::default();
    while let Some(piece) = pieces.next().await? {
        sample.add(&piece.to_vec());
    }
    Ok(sample.digest())
}

#[wasm_bindgen]
pub async fn ndjson(url: String) -> Result<String, JsValue> {
    let pieces = Pieces::of(&url).await?;
    let mut rows = Rows::default();
    let mut rest = Vec::new();
    while let Some(piece) = pieces.next().await? {
        let start = rest.len();
        rest.resize(start + piece.length() as usize, 0);
        piece.copy_to(&mut rest[start..]);
        let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
        for line in rest[..end].split(|byte| *byte == b'\n') {
            rows.add(serde_json::from_slice::<Row>(line).map_err(|error| error.to_string())?);
        }
        rest.drain(..=end);
    }
    Ok(rows.digest())
}

#[wasm_bindgen(js_name = nativeEvents)]
pub async fn native_events(url: String, count: u32) -> Result<String, JsValue> {
    let source = EventSource::new(&url)?;
    let tally = Rc::new(RefCell::new(Tally::default()));
    let mut on_message = None;
    let promise = Promise::new(&mut |resolve, reject| {
        let tally = Rc::clone(&tally);
        let closure = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let mut tally = tally.borrow_mut();
            tally.add(&event.data().as_string().unwrap_or_default());
            if tally.count == count {
                // Only a function that throws fails, and this one is the promise's own.
                let _ = resolve.call0(&JsValue::NULL);
            }
        });
        source.set_onmessage(Some(closure.as_ref().unchecked_ref()));
        source.set_onerror(Some(&reject));
        on_message = Some(closure);
    });
    JsFuture::from(promise).await?;
    source.close();
    let digest = tally.borrow().digest();
    Ok(digest)
}
