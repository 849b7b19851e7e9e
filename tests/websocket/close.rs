//! Closing: by whom, how, and what is known afterwards.

use std::time::Duration;

use futures_util::future::{join, join_all};
use futures_util::stream::FusedStream;
use futures_util::{FutureExt, SinkExt, StreamExt};
use pagewire::websocket::{self, Close, InvalidClose, Message, State};
use wasm_bindgen_test::wasm_bindgen_test;

use super::{ended, is_webkit};
use crate::shared::{Wire, sleep, within};

#[wasm_bindgen_test]
async fn the_server_hears_the_code_and_the_reason() {
    for (code, reason) in
        [(1000, "r".repeat(123)), (3000, String::new()), (4001, "€".repeat(41)), (4999, "so".into())]
    {
        let wire = Wire::new().await;
        let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
        let event = socket.close(Close::new(code, reason.as_str()).unwrap()).await;
        assert_eq!((event.code, &event.reason, event.was_clean, event.unsent), (code, &reason, true, 0));
        assert_eq!(socket.state(), State::Closed);
        assert_eq!(socket.close_event(), Some(event));
        let entries = wire.when("the end of the socket", ended).await;
        let close = entries[0].websocket.as_ref().unwrap().close.as_ref().unwrap();
        assert_eq!((close.code, &close.reason, close.by.as_str()), (Some(code), &reason, "client"));
    }
}

#[wasm_bindgen_test]
fn a_code_or_reason_that_may_not_be_sent_is_refused_by_its_type() {
    for code in [999, 1001, 1005, 2999, 5000] {
        assert_eq!(Close::new(code, ""), Err(InvalidClose::Code(code)));
    }
    assert_eq!(Close::new(1000, "€".repeat(42)), Err(InvalidClose::Reason(126)));
}

#[wasm_bindgen_test]
async fn without_a_code_the_close_says_none() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let event = socket.close(Close::default()).await;
    assert_eq!((event.code, event.reason.as_str(), event.was_clean), (1005, "", true));
    let entries = wire.when("the end of the socket", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().close.as_ref().unwrap().code, None);
}

#[wasm_bindgen_test]
async fn a_close_by_the_server_ends_the_stream_and_tells_why() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo?greet=hi&close=4002:enough")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("hi".into()));
    assert!(socket.next().await.is_none());
    assert!(socket.is_terminated());
    assert!(socket.next().await.is_none());
    let event = socket.closed().await;
    assert_eq!((event.code, event.reason.as_str(), event.was_clean), (4002, "enough", true));
}

#[wasm_bindgen_test]
async fn any_number_that_the_server_sends_is_the_code() {
    for code in [0_u16, 999, 1001, 1004, 1011, 1016, 2999, 3000, 5000, 65535] {
        let wire = Wire::new().await;
        let socket = websocket::connect(wire.ws(&format!("/ws/echo?greet=x&close={code}:so"))).await.unwrap();
        let event = within(15_000, socket.closed()).await.expect("one outcome");
        // An engine may take a code that means nothing for a broken connection; it makes up no other.
        let is_told = (event.code, event.reason.as_str(), event.was_clean) == (code, "so", true);
        let is_broken = [1002, 1006].contains(&event.code) && !event.was_clean;
        assert!(is_told || is_broken, "{code}: {event:?}");
        // Codes that have a meaning are told by every engine.
        assert!(is_told || ![1001, 1011, 3000].contains(&code), "{code}: {event:?}");
    }
}

#[wasm_bindgen_test]
async fn an_end_without_a_close_frame_is_unclean_and_one_outcome() {
    for end in ["fin", "reset"] {
        let wire = Wire::new().await;
        let mut socket = websocket::connect(wire.ws(&format!("/ws/echo?end={end}"))).await.unwrap();
        socket.send("go").await.unwrap();
        let states: Vec<_> = within(15_000, socket.states().collect()).await.expect("an end");
        assert_eq!(states.iter().filter(|state| **state == State::Closed).count(), 1, "{end}");
        let event = socket.close_event().unwrap();
        assert_eq!((event.code, event.was_clean), (1006, false), "{end}");
        // What came before the end is still there.
        if let Some(last) = socket.next().await {
            assert_eq!(last.unwrap(), Message::Text("go".into()), "{end}");
            assert!(socket.next().await.is_none(), "{end}");
        }
        sleep(100).await;
        assert_eq!(socket.close_event(), Some(event), "{end}");
    }
}

#[wasm_bindgen_test]
async fn a_server_that_never_answers_the_close_is_given_up() {
    let wire = Wire::new().await;
    let connect =
        websocket::connect(wire.ws("/ws/echo?deaf=60000")).close_timeout(Duration::from_millis(300));
    let mut socket = connect.await.unwrap();
    let states = socket.states();
    let event = within(5000, socket.close(Close::new(4000, "bye").unwrap())).await.expect("an end");
    assert_eq!((event.code, event.was_clean), (1006, false));
    assert!(event.reason.contains("no answer"), "{event:?}");
    assert_eq!(socket.state(), State::Closed);
    assert!(socket.next().await.is_none());
    assert_eq!(socket.send("x").await.unwrap_err().close_event(), Some(&event));
    assert_eq!(states.collect::<Vec<_>>().await, [State::Closed]);
}

#[wasm_bindgen_test]
async fn a_close_behind_much_that_is_still_sent_is_not_given_up() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?pace=100")).close_timeout(Duration::from_millis(700));
    let socket = connect.send_buffer(100 << 20, 0).await.unwrap();
    for _ in 0..20 {
        socket.send(vec![0; 1 << 20]).await.unwrap();
    }
    let event = within(30_000, socket.close(Close::default())).await.expect("an end");
    // WebKit does not tell how much it has sent, so that it looks as if nothing moved.
    assert!(event.was_clean || is_webkit(), "{event:?}");
}

#[wasm_bindgen_test]
async fn the_close_is_over_when_the_server_has_answered_it_and_not_before() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo?deaf=600")).await.unwrap();
    let mut closing = socket.close(Close::default());
    sleep(200).await;
    assert_eq!((socket.state(), (&mut closing).now_or_never()), (State::Closing, None));
    assert!(closing.await.was_clean);
}

#[wasm_bindgen_test]
async fn closing_again_changes_nothing() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let first = socket.close(Close::new(4001, "one").unwrap());
    let second = socket.close(Close::new(4002, "two").unwrap()).await;
    assert_eq!((first.await, second.code), (second.clone(), 4001));
    assert_eq!(socket.close(Close::new(4003, "three").unwrap()).await, second);
}

#[wasm_bindgen_test]
async fn a_clone_that_observes_sees_open_closing_and_closed() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let mut states = socket.states();
    assert_eq!(states.next().await, Some(State::Open));
    drop(socket.close(Close::default()));
    assert_eq!(states.next().await, Some(State::Closing));
    assert_eq!(states.next().await, Some(State::Closed));
    assert_eq!((states.next().await, states.is_terminated()), (None, true));
}

#[wasm_bindgen_test]
async fn everybody_who_waits_is_woken_by_the_end() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?deaf=60000")).send_buffer(1, 0);
    let socket = connect.close_timeout(Duration::from_millis(300)).await.unwrap();
    socket.send(vec![0; 40 << 20]).await.unwrap();
    let reads = (0..2).map(|_| {
        let mut reader = socket.clone();
        async move { reader.next().await.is_none() }.boxed_local()
    });
    let writes =
        (0..2).map(|_| socket.send("x").map(|outcome| outcome.is_err_and(|e| e.is_closed())).boxed_local());
    let ends = (0..2).map(|_| socket.closed().map(|event| !event.was_clean).boxed_local());
    // Polled after the others, and at once: WebKit counts a message as sent when another process has it.
    let closer = async {
        socket.close(Close::default()).await;
        true
    };
    let waiting: Vec<_> = reads.chain(writes).chain(ends).chain([closer.boxed_local()]).collect();
    let woken = within(40_000, join_all(waiting)).await.expect("everybody is woken");
    assert_eq!(woken, [true; 7]);
}

#[wasm_bindgen_test]
async fn messages_that_come_after_the_own_close_are_dropped_by_the_browser() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo?pace=100")).await.unwrap();
    socket.send("echoed too late").await.unwrap();
    assert!(socket.close(Close::default()).await.was_clean);
    assert!(socket.next().await.is_none());
}

#[wasm_bindgen_test]
async fn dropping_the_last_clone_closes_the_connection() {
    let wire = Wire::new().await;
    let socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let clone = socket.clone();
    drop(socket);
    clone.send("still open").await.unwrap();
    drop(clone);
    let entries = wire.when("the end of the socket", ended).await;
    assert_eq!(entries[0].websocket.as_ref().unwrap().messages_in, 1);
}

#[wasm_bindgen_test]
async fn a_reader_may_drop_everything_from_within() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo?greet=x")).await.unwrap();
    let task = async move {
        socket.next().await.unwrap().unwrap();
        drop(socket.close(Close::default()));
        drop(socket);
    };
    task.await;
    wire.when("the end of the socket", ended).await;
}

#[wasm_bindgen_test]
async fn a_sink_that_closes_goes_through_closing_to_closed() {
    let wire = Wire::new().await;
    let mut socket = websocket::connect(wire.ws("/ws/echo")).await.unwrap();
    let states = socket.states();
    let (states, closed) = join(states.collect::<Vec<_>>(), SinkExt::<Message>::close(&mut socket)).await;
    closed.unwrap();
    assert_eq!(states, [State::Open, State::Closing, State::Closed]);
    let event = socket.close_event().expect("it is over");
    assert_eq!((event.code, event.was_clean), (1005, true));
}

#[wasm_bindgen_test]
async fn a_reader_that_was_too_far_behind_hears_of_it_when_the_end_is_known() {
    let wire = Wire::new().await;
    let connect = websocket::connect(wire.ws("/ws/echo?flood=5&deaf=400")).receive_limit(3, 1000);
    let mut socket = connect.await.unwrap();
    let mut states = socket.states();
    while states.next().await != Some(State::Closing) {}
    for _ in 0..3 {
        socket.next().await.unwrap().unwrap();
    }
    assert!(socket.next().await.unwrap().unwrap_err().is_too_large());
    assert!(socket.close_event().is_some_and(|end| end.was_clean));
    assert!(socket.next().await.is_none());
}
