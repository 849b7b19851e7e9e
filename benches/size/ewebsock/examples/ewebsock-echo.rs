//! A WebSocket that sends a text and shows what comes back.

use std::cell::RefCell;
use std::ops::ControlFlow;

use ewebsock::{Options, WsEvent, WsMessage, WsSender, ws_connect};
use wasm_bindgen::prelude::*;
use web_sys::console;

thread_local! {
    static SENDER: RefCell<Option<WsSender>> = const { RefCell::new(None) };
}

#[wasm_bindgen]
pub fn run(url: String) {
    match ws_connect(url, Options::default(), Box::new(happened)) {
        Ok(sender) => SENDER.set(Some(sender)),
        Err(error) => console::error_1(&error.into()),
    }
}

fn happened(event: WsEvent) -> ControlFlow<()> {
    match event {
        WsEvent::Opened => SENDER.with_borrow_mut(|sender| {
            if let Some(sender) = sender {
                sender.send(WsMessage::Text("hello".to_owned()));
            }
        }),
        WsEvent::Message(WsMessage::Text(text)) => console::log_1(&text.into()),
        WsEvent::Error(error) => console::error_1(&error.into()),
        WsEvent::Message(_) | WsEvent::Closed => {}
    }
    ControlFlow::Continue(())
}
