//! `cors`: what a cross-origin request costs, told before; and why a request failed, told by its error.

use js_sys::{Array, Function, Promise, Reflect};
use pagewire::cors::{self, Diagnose, Diagnosis, Engine, Kind, Line, Plan, Readable};
use pagewire::{Error, http};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::http::{RequestBody, RequestOptions, planned};
use crate::options::Options;
use crate::promise::promise;
use crate::value::{Address, Text, hide, object};

#[wasm_bindgen]
extern "C" {
    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "DiagnoseOptions")]
    pub type DiagnoseOptions;

    /// See `types.ts`.
    #[wasm_bindgen(typescript_type = "Plan")]
    pub type PlanObject;
}

/// What the browser will do with the request that `http.request` would send for the same arguments, by the
/// [CORS protocol](https://fetch.spec.whatwg.org/#http-cors-protocol). Nothing is sent. Throws where sending would refuse.
///
/// ```js
/// const plan = cors.plan("PUT", "https://api.example/items/7", null, { json: { name: "wire" } });
/// console.log(plan.kind, plan.reasons.map((reason) => reason.message));
/// console.log(plan.text);
/// ```
#[wasm_bindgen(js_namespace = cors, js_name = plan)]
pub fn plan(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<RequestOptions>,
) -> Result<PlanObject, JsValue> {
    let request = planned(http::request(&method.text(), url.text()), body, options)?;
    let plan = cors::plan(&request).map_err(|error| to_js(&error))?;
    Ok(plan_object(&plan).unchecked_into())
}

/// Whether a page of another origin can read a response header: "always", "when-exposed" or "never".
///
/// ```js
/// cors.readable("etag"); // "when-exposed"
/// ```
#[wasm_bindgen(js_namespace = cors, js_name = readable, unchecked_return_type = "\"always\" | \"when-exposed\" | \"never\"")]
pub fn readable(name: Text) -> String {
    match cors::readable(&name.text()) {
        Readable::Always => "always",
        Readable::WhenExposed => "when-exposed",
        Readable::Never => "never",
    }
    .to_owned()
}

fn plan_object(plan: &Plan) -> JsValue {
    let kind = match plan.kind() {
        Kind::SameOrigin => "same-origin",
        Kind::Simple => "simple",
        Kind::Preflighted => "preflighted",
    };
    let reasons = plan.reasons().iter().map(|reason| {
        object([
            ("message", reason.to_string().into()),
            ("remedy", reason.remedy().into()),
            ("link", reason.link().into()),
        ])
    });
    let deviations = plan.deviations().into_iter().map(|known| {
        let engine = match known.engine {
            Engine::Chromium => "chromium",
            Engine::Gecko => "gecko",
            _ => "webkit",
        };
        object([("engine", engine.into()), ("what", known.what.into()), ("link", known.link.into())])
    });
    let answers = |with_credentials| {
        object([
            ("preflight", lines(&plan.preflight_answer(with_credentials))),
            ("answer", lines(&plan.answer(with_credentials))),
        ])
    };
    object([
        ("kind", kind.into()),
        ("reasons", reasons.collect::<Array>().into()),
        ("requestMethod", plan.request_method().into()),
        ("requestHeaders", plan.request_headers().into()),
        ("withoutCredentials", answers(false)),
        ("withCredentials", answers(true)),
        ("deviations", deviations.collect::<Array>().into()),
        ("text", plan.to_string().into()),
    ])
}

fn lines(lines: &[Line]) -> JsValue {
    let line = |line: &Line| {
        object([
            ("name", line.name.into()),
            ("value", line.value.as_str().into()),
            ("orStar", line.or_star.into()),
        ])
    };
    lines.iter().map(line).collect::<Array>().into()
}

/// What the error of a request knows of it, so that it can be diagnosed.
#[wasm_bindgen(js_name = Failure, skip_typescript)]
#[derive(Debug)]
pub struct Failure(Diagnose);

#[wasm_bindgen(js_class = Failure)]
impl Failure {
    /// See `PagewireError.diagnose` in `types.ts`.
    #[wasm_bindgen(skip_typescript)]
    pub fn diagnose(&self, options: Option<DiagnoseOptions>) -> Promise {
        let diagnose = self.0.clone();
        promise(async move {
            let options = Options::new(options, &[&["probe"]])?;
            let probes = options.flag("probe")?.unwrap_or(false);
            let diagnosis = if probes { diagnose.probe().await } else { diagnose.await };
            Ok(diagnosis_object(&diagnosis))
        })
    }
}

/// Gives the JavaScript error of a failure its method `diagnose`.
pub(crate) fn attach(js: &JsValue, error: &Error) {
    let failure = JsValue::from(Failure(error.diagnose()));
    let method = Reflect::get(&failure, &"diagnose".into()).unwrap_or_default();
    if let Some(method) = method.dyn_ref::<Function>() {
        // Bound, it keeps the failure alive for as long as the error lives.
        hide(js, "diagnose", &method.bind0(&failure));
    }
}

fn diagnosis_object(diagnosis: &Diagnosis) -> JsValue {
    let evidence = diagnosis.evidence.iter().map(|seen| JsValue::from(seen.to_string()));
    object([
        ("verdict", diagnosis.verdict.as_str().into()),
        ("confidence", diagnosis.confidence.as_str().into()),
        ("message", diagnosis.verdict.to_string().into()),
        ("advice", diagnosis.verdict.advice().into()),
        ("evidence", evidence.collect::<Array>().into()),
        ("missing", lines(&diagnosis.missing)),
        ("text", diagnosis.to_string().into()),
    ])
}
