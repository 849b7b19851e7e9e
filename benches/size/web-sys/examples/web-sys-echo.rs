//! A WebSocket by hand that sends a text and shows what comes back.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, WebSocket, console};

#[wasm_bindgen]
pub async fn run(url: String) {
    if echo(&url).await.is_err() {
        console::error_1(&"no socket".into());
    }
}

async fn echo(url: &str) -> Result<(), JsValue> {
    let socket = WebSocket::new(url)?;
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(text) = event.data().as_string() {
            console::log_1(&text.into());
        }
    });
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let opened = Promise::new(&mut |resolve, reject| {
        socket.set_onopen(Some(&resolve));
        socket.set_onerror(Some(&reject));
    });
    JsFuture::from(opened).await?;
    socket.send_with_str("hello")?;
    let closed = Promise::new(&mut |resolve, _| socket.set_onclose(Some(&resolve)));
    JsFuture::from(closed).await?;
    Ok(())
}
