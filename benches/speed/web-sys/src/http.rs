//! XMLHttpRequest.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bench_shared::{Row, Rows, Sample, Tally, pattern, uploaded};
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

thread_local! {
    static BODY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Waits for the end of a request that has been opened.
async fn answered(
    xhr: &XmlHttpRequest,
    send: impl FnOnce(&XmlHttpRequest) -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        xhr.set_onload(Some(&resolve));
        xhr.set_onerror(Some(&reject));
    });
    send(xhr)?;
    JsFuture::from(promise).await?;
    Ok(())
}

async fn bytes(url: &str) -> Result<Vec<u8>, JsValue> {
    let xhr = XmlHttpRequest::new()?;
    xhr.open("GET", url)?;
    xhr.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    answered(&xhr, XmlHttpRequest::send).await?;
    let buffer: ArrayBuffer = xhr.response()?.dyn_into()?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

#[wasm_bindgen]
pub async fn get(url: String, count: u32) -> Result<String, JsValue> {
    let mut tally = Tally::default();
    for _ in 0..count {
        let xhr = XmlHttpRequest::new()?;
        xhr.open("GET", &url)?;
        answered(&xhr, XmlHttpRequest::send).await?;
        tally.add(&xhr.response_text()?.unwrap_or_default());
    }
    Ok(tally.digest())
}

#[wasm_bindgen]
pub async fn json(url: String) -> Result<String, JsValue> {
    let bytes = bytes(&url).await?;
    let rows: Vec<Row> = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    Ok(Rows::from_iter(rows).digest())
}

#[wasm_bindgen]
pub async fn download(url: String) -> Result<String, JsValue> {
    let bytes = bytes(&url).await?;
    let mut sample = Sample::default();
    sample.add(&bytes);
    Ok(sample.digest())
}

/// Makes the body of the next upload, which is no part of the job.
#[wasm_bindgen]
pub fn prepare(length: usize) {
    BODY.set(pattern(length));
}

#[wasm_bindgen]
pub async fn upload(url: String) -> Result<String, JsValue> {
    // A view would save the copy, and be wrong in a page that has wrapped `send` to send later.
    let body = Uint8Array::from(BODY.take().as_slice());
    upload_body(url, |xhr| xhr.send_with_opt_js_u8_array(Some(&body))).await
}

#[wasm_bindgen(js_name = uploadBlob)]
pub async fn upload_blob(url: String, blob: Blob) -> Result<String, JsValue> {
    upload_body(url, |xhr| xhr.send_with_opt_blob(Some(&blob))).await
}

async fn upload_body(
    url: String,
    send: impl FnOnce(&XmlHttpRequest) -> Result<(), JsValue>,
) -> Result<String, JsValue> {
    let loaded = Rc::new(Cell::new(0.0));
    let last = Rc::clone(&loaded);
    let on_progress =
        Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| last.set(event.loaded()));
    let xhr = XmlHttpRequest::new()?;
    xhr.open("POST", &url)?;
    xhr.upload()?.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    answered(&xhr, send).await?;
    Ok(uploaded(&xhr.response_text()?.unwrap_or_default(), loaded.get()))
}
