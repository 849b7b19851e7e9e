//! The bounded queue.

use std::future::poll_fn;

use futures_util::future::join;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::queue::{Limit, Queue};
use crate::browser::timer::sleep;

fn queue(items: usize, bytes: usize) -> Queue<u32> {
    Queue::new(Limit { items, bytes })
}

async fn next(queue: &Queue<u32>) -> Option<u32> {
    poll_fn(|context| queue.poll_next(context)).await
}

#[wasm_bindgen_test]
async fn items_come_out_in_order_and_then_the_end_for_ever() {
    let queue = queue(10, 10);
    queue.push(1, 1).unwrap();
    queue.push(2, 1).unwrap();
    queue.close();
    assert!(!queue.is_terminated());
    assert_eq!((next(&queue).await, next(&queue).await), (Some(1), Some(2)));
    assert_eq!((next(&queue).await, next(&queue).await), (None, None));
    assert!(queue.is_terminated());
}

#[wasm_bindgen_test]
fn both_bounds_hold_and_what_does_not_fit_is_given_back() {
    let few = queue(2, 100);
    few.push(1, 1).unwrap();
    few.push(2, 1).unwrap();
    assert_eq!(few.push(3, 1), Err(3));
    few.pop();
    few.push(3, 1).unwrap();

    let small = queue(100, 10);
    small.push(1, 6).unwrap();
    assert_eq!(small.push(2, 6), Err(2));
    small.pop();
    small.push(2, 6).unwrap();
}

#[wasm_bindgen_test]
fn one_item_larger_than_the_bound_does_not_fit_even_into_an_empty_queue() {
    let queue = queue(10, 10);
    assert_eq!(queue.push(1, 11), Err(1));
    queue.push(2, 10).unwrap();
}

#[wasm_bindgen_test]
fn a_closed_queue_takes_nothing() {
    let queue = queue(10, 10);
    queue.close();
    assert_eq!(queue.push(1, 1), Err(1));
}

#[wasm_bindgen_test]
fn a_newer_item_takes_the_place_of_the_one_it_supersedes() {
    let queue = queue(2, 10);
    queue.push(1, 1).unwrap();
    queue.push(20, 1).unwrap();
    queue.merge(21, |last| *last >= 20).unwrap();
    assert_eq!(queue.merge(3, |last| *last < 20), Err(3));
    assert_eq!((queue.pop(), queue.pop(), queue.pop()), (Some(1), Some(21), None));
}

#[wasm_bindgen_test]
async fn two_tasks_that_wait_are_both_woken() {
    let queue = queue(10, 10);
    let push = async {
        sleep(std::time::Duration::from_millis(20)).await;
        queue.push(1, 1).unwrap();
        queue.close();
    };
    let ((first, second), ()) = join(join(next(&queue), next(&queue)), push).await;
    assert_eq!([first, second].into_iter().flatten().collect::<Vec<_>>(), [1]);
}
