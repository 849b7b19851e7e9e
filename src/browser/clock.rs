//! The wall clock, and chance.

use std::time::Duration;

use wasm_bindgen::prelude::*;

/// Now, since the Unix epoch, to the millisecond; zero on a target without a browser, which has nothing to time.
///
/// A wall clock and not `performance.now()`: some engines stop the latter while the machine sleeps, and a wait that
/// spans a sleep has to notice. It can be set back by the user, so callers subtract with saturation.
pub(crate) fn now() -> Duration {
    Duration::from_millis(timestamp() as u64)
}

/// The same in milliseconds.
pub(crate) fn timestamp() -> f64 {
    if cfg!(target_arch = "wasm32") { js_sys::Date::now() } else { 0.0 }
}

/// A number from 0 up to 1, to spread waits by: nothing that must be unguessable.
pub(crate) fn random() -> f64 {
    if cfg!(target_arch = "wasm32") { js_sys::Math::random() } else { 0.5 }
}

/// Bytes that nobody can guess: <https://w3c.github.io/webcrypto/#Crypto-method-getRandomValues>. `None` where there is
/// no such source.
pub(crate) fn unguessable() -> Option<[u8; 16]> {
    if !cfg!(target_arch = "wasm32") {
        return None;
    }
    let bytes = js_sys::Uint8Array::new_with_length(16);
    CRYPTO.with(|crypto| crypto.as_ref()?.get_random_values(&bytes).ok())?;
    let mut unguessable = [0; 16];
    bytes.copy_to(&mut unguessable);
    Some(unguessable)
}

#[wasm_bindgen]
extern "C" {
    type Crypto;

    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: Option<Crypto>;

    #[wasm_bindgen(method, catch, js_name = getRandomValues)]
    fn get_random_values(this: &Crypto, bytes: &js_sys::Uint8Array) -> Result<JsValue, JsValue>;
}
