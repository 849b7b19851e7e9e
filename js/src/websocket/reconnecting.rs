//! A connection that is made again when it is lost.

use std::future::Future;

use futures_util::StreamExt;
use js_sys::Promise;
use pagewire::websocket::{self, Change, Close, CloseEvent};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{ReconnectOptions, Sendable, outgoing, read_close, setup};
use crate::error::close_to_js;
use crate::promise::{promise, promise_for};
use crate::pull::Pull;
use crate::value::{Address, Text, object, set};

/// Connects at once, and again whenever the connection is lost, until it is closed.
///
/// ```js
/// const chat = websocket.reconnecting("/chat", { queue: { messages: 100 } });
/// await chat.send("sent as soon as there is a connection");
/// for await (const message of chat) console.log(message);
/// ```
#[wasm_bindgen(js_namespace = websocket, js_name = reconnecting)]
pub fn reconnecting(url: Address, options: Option<ReconnectOptions>) -> Result<Reconnecting, JsValue> {
    let (connect, rules) = setup::reconnecting(url, options)?;
    let socket = connect.reconnect(rules);
    // It owns itself until it is over: no collector closes it.
    spawn_local(ignore(socket.closed()));
    let messages = Pull::new(socket.clone().map(super::message_to_js));
    Ok(Reconnecting { socket, messages })
}

async fn ignore(end: impl Future<Output = Option<CloseEvent>>) {
    end.await;
}

/// A connection that is kept up: an async iterator of the messages received, `string` or `Uint8Array`.
///
/// It lives until it is closed, or until no new attempt is made: then the iterator throws, once. Leaving a loop over it
/// does not close it.
///
/// ```js
/// const prices = websocket.reconnecting("/prices", { overflow: "keep-latest" });
/// for await (const price of prices) show(price);
/// ```
#[wasm_bindgen(js_namespace = websocket, js_name = Reconnecting)]
#[derive(Clone)]
pub struct Reconnecting {
    socket: websocket::Reconnecting,
    messages: Pull,
}

/// The changes of a connection that is kept up: an async iterator.
///
/// ```js
/// for await (const { state } of chat.changes()) light.className = state;
/// ```
#[wasm_bindgen(js_namespace = websocket, js_name = Changes)]
#[derive(Clone)]
pub struct Changes {
    changes: Pull,
}

#[wasm_bindgen(js_namespace = websocket, js_class = Reconnecting)]
impl Reconnecting {
    /// Sends a message; resolves when the browser has taken it, or where there is no connection, when it is in the queue.
    /// Rejects with kind "closed" where there is no connection and no queue, and from the close on; with "too-large" where
    /// the queue is full. Messages go in the order of the calls; those of calls that nobody awaits have no bound, and lie
    /// in memory until there is room.
    ///
    /// ```js
    /// await chat.send("hello");
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn send(&self, message: Sendable) -> Promise {
        let sending = outgoing(message).map(|message| self.socket.send(message));
        promise_for(sending, |()| Ok(JsValue::UNDEFINED))
    }

    /// Sends what waits in the queue and closes the connection if there is one, and makes no other; resolves with how it
    /// ended, if there was one.
    ///
    /// ```js
    /// await chat.close(4001, "signed out");
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<CloseInfo | undefined>")]
    pub fn close(&self, code: Option<f64>, reason: Option<Text>) -> Promise {
        match read_close(code, reason.map(|reason| reason.text())) {
            Ok(close) => ended(self.socket.close(close)),
            Err(refusal) => Promise::reject(&refusal),
        }
    }

    /// Resolves when it is over for good, with how the last connection ended, if there was one.
    ///
    /// ```js
    /// const end = await chat.closed();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<CloseInfo | undefined>")]
    pub fn closed(&self) -> Promise {
        ended(self.socket.closed())
    }

    /// The changes from now on, beginning with the present one.
    ///
    /// ```js
    /// for await (const change of chat.changes()) {
    ///   if (change.state === "lost") status.textContent = `again in ${change.againIn} ms`;
    /// }
    /// ```
    pub fn changes(&self) -> Changes {
        Changes { changes: Pull::new(self.socket.changes().map(|change| Ok(change_to_js(&change)))) }
    }

    /// The latest change: where the connection stands.
    ///
    /// ```js
    /// const isOpen = chat.latest.state === "open";
    /// ```
    #[wasm_bindgen(getter, unchecked_return_type = "ConnectionChange")]
    pub fn latest(&self) -> JsValue {
        change_to_js(&self.socket.latest())
    }

    /// How many messages wait for a connection.
    ///
    /// ```js
    /// badge.textContent = chat.queued;
    /// ```
    #[wasm_bindgen(getter)]
    pub fn queued(&self) -> f64 {
        self.socket.queued() as f64
    }

    /// The subprotocol of the present connection, or an empty string.
    #[wasm_bindgen(getter)]
    pub fn protocol(&self) -> String {
        self.socket.protocol()
    }

    /// The extensions of the present connection, or an empty string.
    #[wasm_bindgen(getter)]
    pub fn extensions(&self) -> String {
        self.socket.extensions()
    }

    /// Bytes that the browser has taken for the present connection and not yet sent.
    #[wasm_bindgen(getter, js_name = bufferedAmount)]
    pub fn buffered_amount(&self) -> f64 {
        self.socket.buffered_amount() as f64
    }

    /// How many received messages were dropped for want of room, by the chosen `overflow`.
    #[wasm_bindgen(getter)]
    pub fn dropped(&self) -> f64 {
        self.socket.dropped() as f64
    }

    /// The next message.
    ///
    /// ```js
    /// const { value: greeting } = await chat.next();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<IteratorResult<string | Uint8Array, undefined>>")]
    pub fn next(&self) -> Promise {
        self.messages.next()
    }

    /// The iterator that `for await` asks for: the connection itself.
    #[wasm_bindgen(
        js_name = "[Symbol.asyncIterator]",
        unchecked_return_type = "AsyncIterator<string | Uint8Array, undefined>"
    )]
    pub fn iterator(&self) -> Reconnecting {
        self.clone()
    }

    // Takes the place of the generated `free`, which `[Symbol.dispose]` calls too: here disposing closes. The memory
    // goes back when the object is collected.
    /// Closes the connection.
    #[wasm_bindgen(js_name = free, skip_typescript)]
    pub fn dispose(&self) {
        drop(self.socket.close(Close::default()));
    }
}

#[wasm_bindgen(js_namespace = websocket, js_class = Changes)]
impl Changes {
    /// The next change.
    ///
    /// ```js
    /// const { value } = await chat.changes().next();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<IteratorResult<ConnectionChange, undefined>>")]
    pub fn next(&self) -> Promise {
        self.changes.next()
    }

    /// Ends the iteration: what a loop that is left early calls. The connection is left alone.
    #[wasm_bindgen(
        js_name = "return",
        unchecked_return_type = "Promise<IteratorResult<ConnectionChange, undefined>>"
    )]
    pub fn finish(&self) -> Promise {
        self.changes.finish()
    }

    /// The iterator that `for await` asks for: the changes themselves.
    #[wasm_bindgen(
        js_name = "[Symbol.asyncIterator]",
        unchecked_return_type = "AsyncIterator<ConnectionChange, undefined>"
    )]
    pub fn iterator(&self) -> Changes {
        self.clone()
    }
}

fn ended(end: impl Future<Output = Option<CloseEvent>> + 'static) -> Promise {
    promise(async { Ok(end.await.map_or(JsValue::UNDEFINED, |end| close_to_js(&end))) })
}

fn change_to_js(change: &Change) -> JsValue {
    let (state, end) = match change {
        Change::Connecting { .. } => ("connecting", &None),
        Change::Open => ("open", &None),
        Change::Lost { end, .. } => ("lost", end),
        Change::Hidden => ("hidden", &None),
        Change::Closing => ("closing", &None),
        Change::Closed { end } => ("closed", end),
        _ => ("", &None),
    };
    let js = object([("state", state.into())]);
    if let Some(end) = end {
        set(&js, &[("end", close_to_js(end))]);
    }
    match change {
        Change::Connecting { attempt } => set(&js, &[("attempt", (*attempt).into())]),
        Change::Lost { again_in, .. } => {
            set(&js, &[("againIn", (again_in.as_secs_f64() * 1000.0).round().into())]);
        }
        _ => {}
    }
    js
}

impl std::fmt::Debug for Reconnecting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reconnecting").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}
