//! WebSocket, in the handler of its messages.

use bench_shared::{Sample, Tally, pattern, ping};
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BinaryType, MessageEvent, WebSocket};

/// Opens a socket.
async fn open(url: &str) -> Result<WebSocket, JsValue> {
    let socket = WebSocket::new(url)?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    let promise = Promise::new(&mut |resolve, reject| {
        socket.set_onopen(Some(&resolve));
        socket.set_onerror(Some(&reject));
    });
    JsFuture::from(promise).await?;
    Ok(socket)
}

/// Starts the job, and runs `job` for each message until it gives its answer.
async fn run(
    socket: WebSocket,
    start: impl FnOnce() -> Result<(), JsValue>,
    job: impl FnMut(JsValue) -> Result<Option<String>, JsValue> + 'static,
) -> Result<String, JsValue> {
    let mut job = Some(job);
    let mut on_message = None;
    let promise = Promise::new(&mut |resolve, reject| {
        // The browser calls this function once.
        let Some(mut job) = job.take() else { return };
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // Only a function that throws fails, and these are the promise's own.
            let _ = match job(event.data()) {
                Ok(None) => return,
                Ok(Some(answer)) => resolve.call1(&JsValue::NULL, &answer.into()),
                Err(error) => reject.call1(&JsValue::NULL, &error),
            };
        });
        socket.set_onmessage(Some(closure.as_ref().unchecked_ref()));
        on_message = Some(closure);
    });
    start()?;
    let answer = JsFuture::from(promise).await?;
    socket.set_onmessage(None);
    socket.close()?;
    answer.as_string().ok_or_else(|| "no answer".into())
}

#[wasm_bindgen(js_name = pingPong)]
pub async fn ping_pong(url: String, count: u32) -> Result<String, JsValue> {
    let socket = open(&url).await?;
    let (first, echo) = (socket.clone(), socket.clone());
    let mut tally = Tally::default();
    let job = move |data: JsValue| {
        let text = data.as_string().filter(|text| *text == ping(tally.count));
        tally.add(&text.ok_or("not the echo")?);
        if tally.count == count {
            return Ok(Some(tally.digest()));
        }
        echo.send_with_str(&ping(tally.count))?;
        Ok(None)
    };
    run(socket, || first.send_with_str(&ping(0)), job).await
}

#[wasm_bindgen]
pub async fn flood(url: String, count: u32) -> Result<String, JsValue> {
    // Its messages do not wait for a job, so there is no waiting for it to open.
    let socket = WebSocket::new(&url)?;
    let mut tally = Tally::default();
    let job = move |data: JsValue| {
        tally.add(&data.as_string().unwrap_or_default());
        Ok((tally.count == count).then(|| tally.digest()))
    };
    run(socket, || Ok(()), job).await
}

#[wasm_bindgen]
pub async fn binary(url: String, count: u32, size: usize) -> Result<String, JsValue> {
    let socket = open(&url).await?;
    let sender = socket.clone();
    let send = || {
        let message = pattern(size);
        (0..count).try_for_each(|_| sender.send_with_u8_array(&message))
    };
    let mut sample = Sample::default();
    let mut received = 0;
    let job = move |data: JsValue| {
        let buffer: ArrayBuffer = data.dyn_into()?;
        sample.add(&Uint8Array::new(&buffer).to_vec());
        received += 1;
        Ok((received == count).then(|| sample.digest()))
    };
    run(socket, send, job).await
}
