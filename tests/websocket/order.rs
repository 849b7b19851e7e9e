//! Who goes first among those who wait for room.

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Wake};

use futures_util::future::{LocalBoxFuture, join, join_all};
use futures_util::{FutureExt, StreamExt};
use pagewire::websocket::{self, Close, Message, Sending, WebSocket};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use super::is_webkit;
use crate::shared::{Wire, sleep, within};

/// A connection whose buffer is full, to a server that reads after a while.
async fn full(wire: &Wire) -> WebSocket {
    let connect = websocket::connect(wire.ws("/ws/echo?deaf=300")).send_buffer(1, 0);
    let socket = connect.await.unwrap();
    socket.send(vec![0; 20 << 20]).await.unwrap();
    socket
}

async fn emptied(socket: &WebSocket) {
    let empty = async {
        while socket.buffered_amount() > 0 {
            sleep(20).await;
        }
    };
    within(20_000, empty).await.expect("the buffer must empty itself");
}

/// The next texts that come back.
async fn texts(socket: &mut WebSocket, count: usize) -> Vec<Message> {
    let texts = socket.by_ref().map(Result::unwrap).filter(|message| {
        let is_text = matches!(message, Message::Text(_));
        async move { is_text }
    });
    within(20_000, pin!(texts).take(count).collect()).await.expect("all come back")
}

#[wasm_bindgen_test]
async fn a_later_send_does_not_overtake_one_that_waits() {
    let wire = Wire::new().await;
    let mut socket = full(&wire).await;
    let sender = socket.clone();
    let mut first = pin!(sender.send("first"));
    // WebKit says that its buffer is empty, so nothing waits there.
    assert!((&mut first).now_or_never().is_none() || is_webkit());
    if is_webkit() {
        return;
    }
    emptied(&socket).await;
    // There is room, but nobody has looked at it for the first.
    let (second, first) = join(sender.send("second"), first).await;
    assert!(second.is_ok() && first.is_ok());
    assert_eq!(texts(&mut socket, 2).await, [Message::from("first"), Message::from("second")]);
}

#[wasm_bindgen_test]
async fn a_hundred_that_wait_go_in_the_order_in_which_they_were_sent() {
    let wire = Wire::new().await;
    let mut socket = full(&wire).await;
    let sender = socket.clone();
    let all = (0..100).map(|number| sender.send(number.to_string()));
    let sent = within(20_000, join_all(all)).await.expect("room for all");
    assert!(sent.iter().all(Result::is_ok));
    let expected: Vec<_> = (0..100).map(|number| Message::from(number.to_string())).collect();
    assert_eq!(texts(&mut socket, 100).await, expected);
}

#[wasm_bindgen_test]
async fn one_that_no_longer_waits_lets_the_next_one_go() {
    let wire = Wire::new().await;
    let mut socket = full(&wire).await;
    let sender = socket.clone();
    let mut first = Box::pin(sender.send("first"));
    let mut second = Box::pin(sender.send("second"));
    let mut third = Box::pin(sender.send("third"));
    let poll = |one: &mut Pin<Box<Sending>>| one.now_or_never().is_none();
    assert!((poll(&mut first) && poll(&mut second) && poll(&mut third)) || is_webkit());
    if is_webkit() {
        return;
    }
    drop(second);
    emptied(&socket).await;
    // The last look that anybody takes finds the first, which does not go.
    spawn_local(async {
        sleep(100).await;
        drop(first);
    });
    // A task of its own, which nothing wakes but its turn.
    spawn_local(async { third.await.unwrap() });
    assert_eq!(texts(&mut socket, 1).await, [Message::from("third")]);
}

#[wasm_bindgen_test]
async fn a_waker_that_polls_within_the_call_that_wakes_it_breaks_nothing() {
    let wire = Wire::new().await;
    let mut socket = full(&wire).await;
    let told: Rc<RefCell<Vec<&str>>> = Rc::default();
    let note = |what: &'static str| {
        let told = Rc::clone(&told);
        move || told.borrow_mut().push(what)
    };
    let (one, two, end) = (note("one"), note("two"), note("end"));
    poll_at_each_wake(socket.send("one").map(move |sent| sent.map(|()| one()).unwrap()));
    poll_at_each_wake(socket.send("two").map(move |sent| sent.map(|()| two()).unwrap()));
    poll_at_each_wake(socket.closed().map(move |_| end()));
    assert_eq!(texts(&mut socket, 2).await, [Message::from("one"), Message::from("two")]);
    assert!(socket.close(Close::default()).await.was_clean);
    assert_eq!(*told.borrow(), ["one", "two", "end"]);
}

thread_local! {
    static POLLED: RefCell<Vec<Option<LocalBoxFuture<'static, ()>>>> = RefCell::default();
}

/// Wakes the future of this number by polling it.
struct AtOnce(usize);

fn poll_at_each_wake(future: impl Future<Output = ()> + 'static) {
    let number = POLLED.with_borrow_mut(|polled| {
        polled.push(Some(future.boxed_local()));
        polled.len() - 1
    });
    Arc::new(AtOnce(number)).wake();
}

impl Wake for AtOnce {
    fn wake(self: Arc<Self>) {
        let number = self.0;
        let Some(mut future) = POLLED.with_borrow_mut(|polled| polled[number].take()) else { return };
        if future.as_mut().poll(&mut Context::from_waker(&self.into())).is_pending() {
            POLLED.with_borrow_mut(|polled| polled[number] = Some(future));
        }
    }
}
