//! Connections that are kept up, and how many the server saw.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FusedStream;
use pagewire::websocket::{
    self, Change, Close, CloseEvent, Heartbeat, Hidden, Message, Overflow, Reconnect, Reconnecting,
};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{all_ended, is_short_lived};
use crate::shared::{Entry, Wire, evaluate, scope_name, sleep, within};

const MOMENT: Duration = Duration::from_millis(10);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// Waits of ten milliseconds at the most.
pub(super) fn quick() -> Reconnect {
    Reconnect::new().backoff(MOMENT, MOMENT)
}

async fn reached(socket: &Reconnecting, wanted: impl Fn(&Change) -> bool) -> Change {
    let mut changes = socket.changes();
    let found = async {
        loop {
            let change = changes.next().await.expect("the change must come before the end");
            if wanted(&change) {
                return change;
            }
        }
    };
    within(20_000, found).await.expect("the change must come")
}

pub(super) async fn opened(socket: &Reconnecting) {
    reached(socket, |change| *change == Change::Open).await;
}

pub(super) async fn lost(socket: &Reconnecting) -> Change {
    reached(socket, |change| matches!(change, Change::Lost { .. })).await
}

fn open_ones(entries: &[Entry]) -> usize {
    entries.iter().filter(|entry| entry.ended.is_none()).count()
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_made_again_and_again_and_the_messages_go_on() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?greet=hi&delay=50&end=fin"));
    let messages = socket.reconnect(quick()).take(3).collect::<Vec<_>>();
    for message in within(20_000, messages).await.expect("three connections") {
        assert_eq!(message.unwrap(), Message::from("hi"));
    }
    let entries = wire.when("the end of all", all_ended).await;
    assert!(entries.len() >= 3, "{}", entries.len());
}

#[wasm_bindgen_test]
async fn every_change_is_told_in_its_order() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket =
        websocket::connect(wire.ws("/ws/echo?greet=x&close=4000:again")).reconnect(quick().attempts(1));
    let changes: Vec<_> = within(20_000, socket.changes().collect()).await.expect("an end");
    let end = socket.closed().await;
    assert_eq!(end.as_ref().map(|end| end.code), Some(4000));
    let Change::Lost { end: first, again_in } = changes[2].clone() else { panic!("{changes:?}") };
    assert!(again_in <= MOMENT && first == end);
    assert_eq!(changes[..2], [Change::Connecting { attempt: 0 }, Change::Open]);
    assert_eq!(changes[3..], [Change::Connecting { attempt: 1 }, Change::Open, Change::Closed { end }]);
    assert_eq!(wire.entries().await.len(), 2);
}

#[wasm_bindgen_test]
async fn five_failures_are_five_attempts_and_one_error() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/status/503")).reconnect(quick().attempts(4));
    let error = within(60_000, socket.next()).await.expect("an end").unwrap().unwrap_err();
    assert!(error.is_network(), "{error}");
    assert!(socket.next().await.is_none() && socket.is_terminated());
    assert_eq!(socket.closed().await, None);
    sleep(100).await;
    assert_eq!(wire.entries().await.len(), 5);
}

#[wasm_bindgen_test]
async fn what_is_wrong_with_the_address_is_not_tried_again() {
    if is_short_lived() {
        return;
    }
    let mut socket = websocket::connect("ftp://127.0.0.1/").reconnect(Reconnect::new());
    assert!(socket.next().await.unwrap().unwrap_err().is_invalid_request());
    assert!(socket.next().await.is_none());
}

#[wasm_bindgen_test]
async fn a_close_during_the_wait_opens_nothing() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&delay=50&end=fin"));
    let mut socket = connect.reconnect(Reconnect::new().backoff(HOUR, HOUR));
    lost(&socket).await;
    let end = within(1000, socket.close(Close::default())).await.expect("at once");
    assert_eq!(end.map(|end| end.code), Some(1006));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::from("x"));
    assert!(socket.next().await.is_none());
    assert!(socket.send("x").await.unwrap_err().is_closed());
    assert_eq!(wire.entries().await.len(), 1);
}

#[wasm_bindgen_test]
async fn a_close_of_an_open_one_ends_with_its_handshake() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).reconnect(quick());
    opened(&socket).await;
    let changes = socket.changes();
    let end = socket.close(Close::new(4001, "bye").unwrap()).await.unwrap();
    assert_eq!((end.code, end.was_clean), (4001, true));
    let changes: Vec<_> = changes.collect().await;
    assert_eq!(changes, [Change::Open, Change::Closing, Change::Closed { end: Some(end) }]);
    let entries = wire.when("the end", all_ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().close.as_ref().unwrap().code, Some(4001));
    assert_eq!(entries.len(), 1);
}

#[wasm_bindgen_test]
async fn a_code_that_ends_it_for_good_is_told_with_an_error() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&close=1000:done"));
    let mut socket = connect.clone().reconnect(quick());
    socket.next().await.unwrap().unwrap();
    let error = socket.next().await.unwrap().unwrap_err();
    assert_eq!(error.close_event().map(|end| (end.code, end.reason.as_str())), Some((1000, "done")));
    assert_eq!(wire.entries().await.len(), 1);
    // The caller knows better.
    let socket = connect.reconnect(quick().again_if(|end| end.code == 1000));
    lost(&socket).await;
}

#[wasm_bindgen_test]
async fn a_network_that_is_back_ends_the_wait() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&delay=50&end=fin"));
    let socket = connect.reconnect(Reconnect::new().backoff(HOUR, HOUR));
    lost(&socket).await;
    evaluate("self.dispatchEvent(new Event('online'))").await.unwrap();
    lost(&socket).await;
    reached(&socket, |change| matches!(change, Change::Lost { .. })).await;
    wire.when("a second connection", |entries| entries.len() == 2).await;
}

#[wasm_bindgen_test]
async fn a_hidden_page_makes_no_new_attempt_if_told_so() {
    if is_short_lived() {
        return;
    }
    if scope_name() != "Window" {
        return;
    }
    let wire = Wire::new().await;
    let hide = |hidden: bool| async move {
        let source = format!(
            "Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }});
             document.dispatchEvent(new Event('visibilitychange'));"
        );
        evaluate(&source).await.unwrap();
    };
    let connect = websocket::connect(wire.ws("/ws/echo?greet=x&delay=100&end=fin"));
    let socket = connect.reconnect(quick().when_hidden(Hidden::Wait));
    opened(&socket).await;
    hide(true).await;
    reached(&socket, |change| *change == Change::Hidden).await;
    sleep(100).await;
    assert_eq!(wire.entries().await.len(), 1);
    hide(false).await;
    evaluate("delete document.hidden").await.unwrap();
    opened(&socket).await;
    assert_eq!(wire.entries().await.len(), 2);
}

#[wasm_bindgen_test]
async fn there_is_never_a_second_connection_beside_the_first() {
    if is_short_lived() {
        return;
    }
    for end in ["end=fin", "end=reset", "close=4000:again"] {
        let wire = Wire::new().await;
        let connect = websocket::connect(wire.ws(&format!("/ws/echo?greet=x&delay=30&{end}")));
        let socket = connect.reconnect(quick());
        // Firefox takes its time after a failure.
        let mut connections = 0;
        for _ in 0..300 {
            evaluate("self.dispatchEvent(new Event('online'))").await.unwrap();
            sleep(15).await;
            let entries = wire.entries().await;
            assert!(open_ones(&entries) <= 1, "{end}: {entries:?}");
            connections = entries.len();
            if connections > 2 {
                break;
            }
        }
        assert!(connections > 2, "{end}: {connections}");
        drop(socket);
    }
}

#[wasm_bindgen_test]
async fn what_the_present_connection_is_like_is_told() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?protocols=v1")).protocols(["v2", "v1"]);
    let socket = connect.reconnect(quick());
    assert_eq!((socket.protocol().as_str(), socket.buffered_amount()), ("", 0));
    opened(&socket).await;
    assert_eq!(socket.protocol(), "v1");
    let mut numbers = socket.json::<u8>();
    socket.send("7").await.unwrap();
    assert_eq!(numbers.next().await.unwrap().unwrap(), 7);
    socket.close(Close::default()).await;
    assert_eq!((socket.protocol().as_str(), numbers.next().await.is_none()), ("", true));
}

#[wasm_bindgen_test]
async fn dropping_the_last_clone_ends_everything() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).reconnect(quick());
    opened(&socket).await;
    let clone = socket.clone();
    drop(socket);
    clone.send("still here").await.unwrap();
    drop(clone);
    let entries = wire.when("the end", all_ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 1);
    sleep(200).await;
    assert_eq!(wire.entries().await.len(), 1);
    // While connecting, too.
    drop(websocket::connect(wire.ws("/ws/echo?hold=500")).reconnect(quick()));
    sleep(100).await;
    wire.when("the end of the attempt", all_ended).await;
}

#[wasm_bindgen_test]
async fn a_reader_that_is_too_far_behind_ends_it_with_the_error() {
    if is_short_lived() {
        return;
    }
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?flood=10")).receive_limit(3, 1000);
    let mut socket = connect.clone().reconnect(quick());
    wire.when("the end", |entries| !entries.is_empty() && all_ended(entries)).await;
    sleep(100).await;
    for number in 0..3 {
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::from(number.to_string()));
    }
    assert!(socket.next().await.unwrap().unwrap_err().is_too_large());
    assert!(socket.next().await.is_none());
    let mut latest = connect.overflow(Overflow::KeepLatest).reconnect(quick());
    sleep(500).await;
    assert_eq!(latest.next().await.unwrap().unwrap(), Message::from("9"));
    assert_eq!(latest.dropped(), 9);
}

#[wasm_bindgen_test]
async fn the_caller_s_functions_may_close_or_drop_the_connection_they_are_asked_about() {
    if is_short_lived() {
        return;
    }
    let slot: Rc<RefCell<Option<Reconnecting>>> = Rc::default();
    let wire = Wire::new().await;
    let own = Rc::clone(&slot);
    let judge = move |_: &CloseEvent| {
        if let Some(socket) = own.borrow().as_ref() {
            drop(socket.close(Close::default()));
        }
        true
    };
    let closes =
        websocket::connect(wire.ws("/ws/echo?greet=x&delay=50&end=fin")).reconnect(quick().again_if(judge));
    slot.replace(Some(closes.clone()));
    within(10_000, closes.closed()).await.expect("the close from within must count");
    slot.take();

    let own = Rc::clone(&slot);
    let answer = move |_: &Message| {
        drop(own.take());
        false
    };
    let (every, patience) = (HOUR, HOUR);
    let drops = Reconnect::new().heartbeat(Heartbeat::new(every, patience, || "x".into(), answer));
    slot.replace(Some(websocket::connect(wire.ws("/ws/echo?greet=x&delay=50")).reconnect(drops)));
    let both = wire.when("the end of both", |entries| entries.len() == 2 && all_ended(entries)).await;
    let close = both[1].websocket.as_ref().unwrap().close.as_ref().unwrap();
    assert_eq!((close.code, close.by.as_str()), (None, "client"));
}
