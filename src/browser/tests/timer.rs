//! Timers: they end, they stop, and long ones do not fire early.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::browser::clock;
use crate::browser::timer::{Timer, sleep};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[wasm_bindgen_test]
async fn a_sleep_lasts_as_long_as_it_says() {
    let begin = clock::now();
    sleep(Duration::from_millis(60)).await;
    let slept = clock::now().saturating_sub(begin);
    assert!(slept >= Duration::from_millis(60), "{slept:?}");
}

#[wasm_bindgen_test]
async fn a_dropped_timer_never_fires_and_frees_its_callback() {
    let fired = Rc::new(Cell::new(false));
    let flag = Rc::clone(&fired);
    drop(Timer::new(Duration::from_millis(10), move || flag.set(true)));
    assert_eq!(Rc::strong_count(&fired), 1);
    sleep(Duration::from_millis(50)).await;
    assert!(!fired.get());
}

#[wasm_bindgen_test]
async fn a_timer_may_be_dropped_by_its_own_callback() {
    let slot: Rc<Cell<Option<Timer>>> = Rc::default();
    let own = Rc::clone(&slot);
    slot.set(Some(Timer::new(Duration::from_millis(5), move || drop(own.take()))));
    sleep(Duration::from_millis(40)).await;
    assert!(slot.take().is_none());
}

#[wasm_bindgen_test]
async fn thirty_days_do_not_fire_at_once() {
    let fired = Rc::new(Cell::new(0));
    let timers: Vec<_> = [30 * DAY, 25 * DAY, Duration::MAX]
        .into_iter()
        .map(|wait| {
            let count = Rc::clone(&fired);
            Timer::new(wait, move || count.set(count.get() + 1))
        })
        .collect();
    sleep(Duration::from_millis(60)).await;
    assert_eq!(fired.get(), 0);
    drop(timers);
}

/// Time that moves only as far as timers ask: `Date.now` and `setTimeout` are replaced until the test is over.
#[wasm_bindgen(inline_js = "
    export function virtual_time() {
        const real = { now: Date.now, setTimeout: self.setTimeout };
        let now = real.now.call(Date), longest = 0, fired = 0;
        Date.now = () => now;
        self.setTimeout = (callback, delay) => {
            // A WebDriver keeps its own, shorter, time limits by this very function.
            if (delay < 3600000) return real.setTimeout.call(self, callback, delay);
            longest = Math.max(longest, delay);
            // As a browser does: 31 bits of milliseconds, or at once.
            const wait = delay > 2147483647 || delay < 0 ? 0 : delay;
            return real.setTimeout.call(self, () => { now += wait; fired += 1; callback(); }, 0);
        };
        return {
            now: () => now, longest: () => longest, fired: () => fired,
            restore: () => { Date.now = real.now; self.setTimeout = real.setTimeout; },
        };
    }")]
extern "C" {
    type VirtualTime;
    fn virtual_time() -> VirtualTime;
    #[wasm_bindgen(method)]
    fn now(this: &VirtualTime) -> f64;
    #[wasm_bindgen(method)]
    fn longest(this: &VirtualTime) -> f64;
    #[wasm_bindgen(method)]
    fn restore(this: &VirtualTime);
}

#[wasm_bindgen_test]
async fn thirty_days_last_thirty_days_and_not_twenty_four_point_eight() {
    let time = virtual_time();
    let begin = time.now();
    let wait = sleep(30 * DAY);
    wait.await;
    time.restore();
    assert_eq!(time.now() - begin, (30 * DAY).as_secs_f64() * 1000.0);
    assert!(time.longest() <= 2_147_483_647.0);
}
