//! `stream`: a response read while it arrives.

use futures_util::StreamExt;
use js_sys::Promise;
use pagewire::http;
use pagewire::stream;
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::http::setup;
use crate::options::Options;
use crate::pull::Pull;
use crate::value::Address;

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "StreamOptions")]
    pub type StreamOptions;
}

/// The lines of a response, each as it arrives; LF, CR and CRLF end a line. The request is sent with the first `next()`.
/// A status other than 200 to 299 is an error of kind "status".
///
/// ```js
/// for await (const line of stream.lines("/log", { idleTimeout: 30_000 })) {
///   console.log(line);
/// }
/// ```
#[wasm_bindgen(js_namespace = stream, js_name = lines)]
pub fn lines(url: Address, options: Option<StreamOptions>) -> Result<LineStream, JsValue> {
    let options = Options::new(options, &[setup::COMMON, &["maxLine"]])?;
    let mut lines = stream::lines(setup::common(http::get(url.text()), &options)?);
    if let Some(longest) = options.count("maxLine")? {
        lines = lines.max_line(usize::try_from(longest).unwrap_or(usize::MAX));
    }
    let lines = lines.map(|line| line.map(JsValue::from).map_err(|error| to_js(&error)));
    Ok(LineStream { lines: Pull::new(lines) })
}

/// The lines of a response: an async iterator. Leaving the loop closes the connection.
///
/// ```js
/// for await (const line of stream.lines("/log")) {
///   if (line === "ready") break;
/// }
/// ```
#[wasm_bindgen(js_namespace = stream, js_name = Lines)]
#[derive(Clone)]
pub struct LineStream {
    lines: Pull,
}

#[wasm_bindgen(js_namespace = stream, js_class = Lines)]
impl LineStream {
    /// The next line.
    ///
    /// ```js
    /// const { value: heading } = await lines.next();
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<IteratorResult<string, undefined>>")]
    pub fn next(&self) -> Promise {
        self.lines.next()
    }

    /// Closes the connection: what a loop that is left early calls.
    #[wasm_bindgen(js_name = "return", unchecked_return_type = "Promise<IteratorResult<string, undefined>>")]
    pub fn finish(&self) -> Promise {
        self.lines.finish()
    }

    /// Closes the connection.
    ///
    /// ```js
    /// stop.onclick = () => lines.close();
    /// ```
    pub fn close(&self) {
        self.lines.close();
    }

    /// The iterator that `for await` asks for: the lines themselves.
    #[wasm_bindgen(
        js_name = "[Symbol.asyncIterator]",
        unchecked_return_type = "AsyncIterator<string, undefined>"
    )]
    pub fn iterator(&self) -> LineStream {
        self.clone()
    }

    // Takes the place of the generated `free`, which `[Symbol.dispose]` calls too: here disposing closes. The memory
    // goes back when the object is collected.
    /// Closes the connection.
    #[wasm_bindgen(js_name = free, skip_typescript)]
    pub fn dispose(&self) {
        self.lines.close();
    }
}

impl std::fmt::Debug for LineStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LineStream").finish_non_exhaustive()
    }
}
