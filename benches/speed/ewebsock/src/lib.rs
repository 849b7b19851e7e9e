//! The jobs by ewebsock, in the function that it calls for each event: nothing of it is quicker.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use bench_shared::{Sample, Tally, pattern, ping};
use ewebsock::{Options, WsEvent, WsMessage, WsSender, ws_connect};
use futures_channel::mpsc::unbounded;
use futures_util::StreamExt;
use wasm_bindgen::prelude::*;

thread_local! {
    /// The function for the events must be `Send`, which the sender is not.
    static SENDER: RefCell<Option<WsSender>> = const { RefCell::new(None) };
}

fn send(message: WsMessage) {
    SENDER.with_borrow_mut(|sender| {
        if let Some(sender) = sender {
            sender.send(message);
        }
    });
}

/// Runs `job` for each event until it gives its answer.
async fn run(
    url: String,
    job: impl FnMut(WsEvent) -> Option<String> + Send + 'static,
) -> Result<String, JsError> {
    let (answers, mut answer) = unbounded();
    let job = Mutex::new(job);
    let on_event = move |event| {
        let mut job = job.lock().unwrap_or_else(PoisonError::into_inner);
        match job(event) {
            // An error would mean that nobody waits any more.
            Some(done) => drop(answers.unbounded_send(done)),
            None => return ControlFlow::Continue(()),
        }
        ControlFlow::Break(())
    };
    let sender =
        ws_connect(url, Options::default(), Box::new(on_event)).map_err(|error| JsError::new(&error))?;
    SENDER.set(Some(sender));
    let answer = answer.next().await;
    SENDER.set(None);
    answer.ok_or_else(|| JsError::new("closed"))
}

#[wasm_bindgen(js_name = pingPong)]
pub async fn ping_pong(url: String, count: u32) -> Result<String, JsError> {
    let mut tally = Tally::default();
    let job = move |event| {
        match event {
            WsEvent::Opened => {}
            WsEvent::Message(WsMessage::Text(text)) if text == ping(tally.count) => tally.add(&text),
            other => return Some(format!("{other:?}")),
        }
        if tally.count == count {
            return Some(tally.digest());
        }
        send(WsMessage::Text(ping(tally.count)));
        None
    };
    run(url, job).await
}

#[wasm_bindgen]
pub async fn flood(url: String, count: u32) -> Result<String, JsError> {
    let mut tally = Tally::default();
    let job = move |event| {
        match event {
            WsEvent::Opened => {}
            WsEvent::Message(WsMessage::Text(text)) => tally.add(&text),
            other => return Some(format!("{other:?}")),
        }
        (tally.count == count).then(|| tally.digest())
    };
    run(url, job).await
}

#[wasm_bindgen]
pub async fn binary(url: String, count: u32, size: usize) -> Result<String, JsError> {
    let message = pattern(size);
    let mut sample = Sample::default();
    let mut received = 0;
    let job = move |event| {
        match event {
            WsEvent::Opened => (0..count).for_each(|_| send(WsMessage::Binary(message.clone()))),
            WsEvent::Message(WsMessage::Binary(bytes)) => {
                sample.add(&bytes);
                received += 1;
            }
            other => return Some(format!("{other:?}")),
        }
        (received == count).then(|| sample.digest())
    };
    run(url, job).await
}
