//! `stream`: a response read while it arrives.

use js_sys::{JSON, Uint8Array};
use pagewire::ErrorKind;
use pagewire::http::Request;
use pagewire::stream::{self, Prefix};
use wasm_bindgen::prelude::*;

use crate::error::caused;
use crate::options::Options;
use crate::over_xhr::over_xhr;
use crate::reading::{BytesReading, TextReading, ValueReading, reading};
use crate::request;
use crate::value::Address;

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("stream.ts");

#[wasm_bindgen]
extern "C" {
    /// See `stream.ts`.
    #[wasm_bindgen(typescript_type = "StreamOptions")]
    pub type StreamOptions;

    /// See `stream.ts`.
    #[wasm_bindgen(typescript_type = "TextOptions")]
    pub type TextOptions;

    /// See `stream.ts`.
    #[wasm_bindgen(typescript_type = "LineOptions")]
    pub type LineOptions;

    /// See `stream.ts`.
    #[wasm_bindgen(typescript_type = "ValueOptions")]
    pub type ValueOptions;

    /// See `stream.ts`.
    #[wasm_bindgen(typescript_type = "FrameOptions")]
    pub type FrameOptions;
}

/// The bytes of a response, piece by piece as they arrive. The request is sent with the first `next()`. A status other than
/// 200 to 299 is an error of kind "status".
///
/// ```js
/// let received = 0;
/// for await (const piece of stream.bytes("/film.mp4")) received += piece.length;
/// ```
#[wasm_bindgen(js_namespace = stream, js_name = bytes)]
pub fn bytes(url: Address, options: Option<StreamOptions>) -> Result<BytesReading, JsValue> {
    let (request, options) = asked(url, options.map(Into::into), &[])?;
    let mut bytes = stream::bytes(request);
    if let Some(xhr) = over_xhr(&options)? {
        bytes = bytes.over_xhr(xhr);
    }
    Ok(reading(bytes, |piece: Vec<u8>| Ok(Uint8Array::from(piece.as_slice()).into())))
}

/// The text of a response, piece by piece as it arrives: a character that is cut is held back until it is whole.
///
/// ```js
/// for await (const words of stream.text("/ask", { method: "POST", json: ["Why is the sky blue?"] })) {
///   answer.append(words);
/// }
/// ```
#[wasm_bindgen(js_namespace = stream, js_name = text)]
pub fn text(url: Address, options: Option<TextOptions>) -> Result<TextReading, JsValue> {
    let (request, options) = asked(url, options.map(Into::into), &["strict"])?;
    let mut text = stream::text(request);
    if let Some(xhr) = over_xhr(&options)? {
        text = text.over_xhr(xhr);
    }
    if options.is_set("strict")? {
        text = text.strict();
    }
    Ok(reading(text, |piece: String| Ok(piece.into())))
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
pub fn lines(url: Address, options: Option<LineOptions>) -> Result<TextReading, JsValue> {
    let (request, options) = asked(url, options.map(Into::into), &["maxLine", "strict"])?;
    let mut lines = stream::lines(request);
    if let Some(xhr) = over_xhr(&options)? {
        lines = lines.over_xhr(xhr);
    }
    if let Some(longest) = options.size("maxLine")? {
        lines = lines.max_line(longest);
    }
    if options.is_set("strict")? {
        lines = lines.strict();
    }
    Ok(reading(lines, |line: String| Ok(line.into())))
}

/// The values of a response of newline-delimited JSON, each as soon as its line has arrived. A line that is no JSON is an
/// error of kind "decode", whose `offset` says where.
///
/// ```js
/// for await (const { symbol, price } of stream.ndjson("/trades")) {
///   console.log(symbol, price);
/// }
/// ```
#[wasm_bindgen(js_namespace = stream, js_name = ndjson)]
pub fn ndjson(url: Address, options: Option<ValueOptions>) -> Result<ValueReading, JsValue> {
    let (request, options) = asked(url, options.map(Into::into), &["maxLine"])?;
    let mut values = stream::ndjson_texts(request);
    if let Some(xhr) = over_xhr(&options)? {
        values = values.over_xhr(xhr);
    }
    if let Some(longest) = options.size("maxLine")? {
        values = values.max_line(longest);
    }
    Ok(reading(values, |text: String| {
        JSON::parse(&text).map_err(|cause| caused(ErrorKind::Decode, "the line is no JSON", cause))
    }))
}

/// The frames of a response, each behind its length, each as soon as it is complete. A body that ends within a frame is an
/// error of kind "decode", whose `offset` says where.
///
/// ```js
/// for await (const message of stream.frames("/messages", { prefix: "varint" })) {
///   console.log(message.length);
/// }
/// ```
#[wasm_bindgen(js_namespace = stream, js_name = frames)]
pub fn frames(url: Address, options: Option<FrameOptions>) -> Result<BytesReading, JsValue> {
    let (request, options) = asked(url, options.map(Into::into), &["prefix", "maxFrame"])?;
    let mut frames = stream::frames(request);
    if let Some(xhr) = over_xhr(&options)? {
        frames = frames.over_xhr(xhr);
    }
    if let Some(prefix) = options.typed("prefix", PREFIXES, prefix)? {
        frames = frames.prefix(prefix);
    }
    if let Some(longest) = options.size("maxFrame")? {
        frames = frames.max_frame(longest);
    }
    Ok(reading(frames, |frame: Vec<u8>| Ok(Uint8Array::from(frame.as_slice()).into())))
}

const PREFIXES: &str = "\"u16\", \"u16le\", \"u32\", \"u32le\" or \"varint\"";

fn prefix(value: JsValue) -> Option<Prefix> {
    Some(match value.as_string()?.as_str() {
        "u16" => Prefix::U16,
        "u16le" => Prefix::U16Le,
        "u32" => Prefix::U32,
        "u32le" => Prefix::U32Le,
        "varint" => Prefix::Varint,
        _ => return None,
    })
}

/// The request of a stream, and its options, of which it has some of its own.
fn asked(url: Address, options: Option<JsValue>, own: &[&str]) -> Result<(Request, Options), JsValue> {
    let options = Options::new(options, &[request::COMMON, request::CARRIED, &["xhr"], own])?;
    Ok((request::carried(url.text(), &options)?, options))
}
