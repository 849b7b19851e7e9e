//! Connections that are kept up, while they are closed.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use pagewire::websocket::{self, Close, CloseEvent, Reconnect, Reconnecting};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use super::reconnect::{lost, opened, quick};
use super::{all_ended, is_short_lived, is_webkit};
use crate::shared::{Wire, sleep, within};

const HOUR: Duration = Duration::from_secs(3600);

#[wasm_bindgen_test]
async fn a_message_is_refused_from_the_close_on_though_there_is_a_queue() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?deaf=500")).reconnect(quick().queue(10, 1000));
    opened(&socket).await;
    let closing = socket.close(Close::default());
    assert!(socket.send("never").await.is_err_and(|error| error.is_closed()));
    assert!(closing.await.is_some_and(|end| end.was_clean));
    let entries = wire.when("the end", all_ended).await;
    assert_eq!((entries[0].websocket.as_ref().unwrap().messages_in, socket.queued()), (0, 0));
}

#[wasm_bindgen_test]
async fn one_that_waits_for_room_is_refused_by_the_close() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?deaf=500")).send_buffer(1, 0);
    let socket = connect.reconnect(quick().queue(10, 1000));
    opened(&socket).await;
    socket.send(vec![0; 20 << 20]).await.unwrap();
    let mut waiting = socket.send("never");
    assert!((&mut waiting).now_or_never().is_none() || is_webkit());
    if is_webkit() {
        return;
    }
    let closing = socket.close(Close::default());
    assert!(waiting.await.is_err_and(|error| error.is_closed()));
    assert!(closing.await.is_some_and(|end| end.was_clean));
    let entries = wire.when("the end", all_ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 1);
}

#[wasm_bindgen_test]
async fn a_message_is_refused_once_the_reader_was_too_far_behind() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?flood=10&deaf=1000")).receive_limit(3, 1000);
    let socket = connect.reconnect(quick().queue(10, 1000));
    let flooded = wire.when("the flood", |entries| {
        entries
            .first()
            .and_then(|entry| entry.websocket.as_ref())
            .is_some_and(|socket| socket.messages_out == 10)
    });
    flooded.await;
    sleep(200).await;
    assert!(socket.send("never").await.is_err_and(|error| error.is_closed()));
}

/// Just open, with ten messages of which one fills the browser's buffer.
async fn with_ten_mebibytes_accepted(wire: &Wire) -> Reconnecting {
    let connect = websocket::connect(wire.ws("/ws/echo?hold=200&mute=true")).send_buffer(1 << 20, 1 << 10);
    let socket = connect.reconnect(quick().queue(10, 20 << 20));
    for _ in 0..10 {
        socket.send(vec![0; 1 << 20]).await.unwrap();
    }
    opened(&socket).await;
    socket
}

#[wasm_bindgen_test]
async fn what_was_accepted_is_sent_before_the_close() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = with_ten_mebibytes_accepted(&wire).await;
    let end = within(20_000, socket.close(Close::default())).await.expect("an end").unwrap();
    assert_eq!((end.was_clean, end.unsent), (true, 0));
    let entries = wire.when("the end", all_ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 10);
}

#[wasm_bindgen_test]
async fn what_was_accepted_is_sent_before_the_last_clone_is_gone() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = with_ten_mebibytes_accepted(&wire).await;
    drop(socket);
    let entries = wire.when("the end", all_ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 10);
}

#[wasm_bindgen_test]
async fn what_still_waits_at_the_end_is_told_as_unsent() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&delay=50&end=fin"));
    let socket = connect.reconnect(Reconnect::new().backoff(HOUR, HOUR).queue(10, 1000));
    lost(&socket).await;
    socket.send("12345").await.unwrap();
    socket.send("678").await.unwrap();
    let end = socket.close(Close::default()).await.expect("there was a connection");
    assert_eq!((end.code, end.unsent, socket.queued()), (1006, 8, 2));
}

#[wasm_bindgen_test]
async fn the_code_is_heard_though_everything_is_dropped_at_once() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).reconnect(quick());
    opened(&socket).await;
    drop(socket.close(Close::new(4001, "bye").unwrap()));
    drop(socket);
    let entries = wire.when("the end", all_ended).await;
    let close = entries[0].websocket.as_ref().unwrap().close.as_ref().unwrap();
    assert_eq!((close.code, close.reason.as_str(), entries.len()), (Some(4001), "bye", 1));
}

#[wasm_bindgen_test]
async fn an_abort_during_the_wait_ends_it_at_once() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let controller = AbortController::new().unwrap();
    let connect = websocket::connect(wire.ws("/ws/echo?delay=50&greet=x&end=fin"));
    let connect = connect.abort_signal(&controller.signal());
    let mut socket = connect.reconnect(Reconnect::new().backoff(HOUR, HOUR));
    lost(&socket).await;
    socket.next().await.unwrap().unwrap();
    controller.abort();
    let error = within(1000, socket.next()).await.expect("at once").unwrap().unwrap_err();
    assert!(error.is_aborted(), "{error}");
    // How the one connection that there was ended.
    assert_eq!(socket.closed().await.map(|end| end.code), Some(1006));
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn an_abort_leaves_an_open_connection_alone() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let controller = AbortController::new().unwrap();
    let connect = websocket::connect(wire.ws("/ws/echo")).abort_signal(&controller.signal());
    let mut socket = connect.reconnect(quick());
    opened(&socket).await;
    controller.abort();
    socket.send("still here").await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), "still here".into());
}

#[wasm_bindgen_test]
async fn fifty_that_are_dropped_at_once_leave_none_open() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let kept = |_| websocket::connect(wire.ws("/ws/echo")).reconnect(quick());
    let sockets: Vec<_> = (0..50).map(kept).collect();
    for socket in &sockets {
        opened(socket).await;
    }
    drop(sockets);
    let entries = wire.when("the end of all", all_ended).await;
    assert_eq!(entries.len(), 50);
}

#[wasm_bindgen_test]
async fn another_may_be_opened_by_whoever_hears_that_one_was_lost() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let other = Rc::new(RefCell::new(None));
    let (slot, address) = (Rc::clone(&other), wire.ws("/ws/echo?greet=other"));
    let judge = move |_: &CloseEvent| {
        slot.replace(Some(websocket::connect(address.clone()).reconnect(quick())));
        false
    };
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&close=4000"));
    let first = connect.reconnect(quick().again_if(judge));
    within(5000, first.closed()).await.expect("an end");
    let mut other = other.take().expect("it was made");
    assert_eq!(other.next().await.unwrap().unwrap(), "other".into());
}

#[wasm_bindgen_test]
async fn the_changes_end_though_the_connection_was_only_dropped() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).reconnect(quick());
    opened(&socket).await;
    let changes = socket.changes();
    drop(socket);
    let changes: Vec<_> = within(5000, changes.collect()).await.expect("they end");
    assert!(matches!(changes.last(), Some(websocket::Change::Closed { end: Some(end) }) if end.was_clean));
}
