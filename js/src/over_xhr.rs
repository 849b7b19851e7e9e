//! The option `xhr` of what either engine reads.

use pagewire::stream::Xhr;
use wasm_bindgen::prelude::*;

use crate::error::invalid;
use crate::options::Options;

/// The engine that the option `xhr` names.
pub(crate) fn over_xhr(options: &Options) -> Result<Option<Xhr>, JsValue> {
    if options.get("xhr")?.is_none_or(|value| value.is_object()) {
        return options.nested("xhr", XHR)?.map(|chosen| engine(&chosen)).transpose();
    }
    let wanted = options.typed("xhr", "true, false or an object", |value| value.as_bool())?;
    Ok(wanted.filter(|wanted| *wanted).map(|_| Xhr::new()))
}

const XHR: &[&str] = &["budget", "resumeByQuery", "resumeByRange", "uniqueBy", "sameUrl"];

fn engine(options: &Options) -> Result<Xhr, JsValue> {
    let mut xhr = Xhr::new();
    if let Some(bytes) = options.count("budget")? {
        xhr = xhr.budget(bytes);
    }
    match (options.text("resumeByQuery")?, options.is_set("resumeByRange")?) {
        (Some(_), true) => return Err(invalid("a stream resumes in one way: by query or by range")),
        (Some(name), false) => xhr = xhr.resume_by_query(&name),
        (None, true) => xhr = xhr.resume_by_range(),
        (None, false) => {}
    }
    if let Some(name) = options.text("uniqueBy")? {
        xhr = xhr.unique_by(&name);
    }
    Ok(if options.is_set("sameUrl")? { xhr.same_url() } else { xhr })
}
