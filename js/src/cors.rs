//! `cors`: what a cross-origin request costs, told before; and why a request failed, told by its error.

use js_sys::{Array, Function, Promise, Reflect};
use pagewire::cors::{self, Diagnose, Diagnosis, Kind, Line, Plan, Readable, Verdict};
use pagewire::{Error, http};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::error::to_js;
use crate::http::{RequestOptions, planned};
use crate::options::Options;
use crate::promise::promise;
use crate::request::RequestBody;
use crate::value::{Address, Text, hide, object};

/// The interfaces that have no class behind them.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("cors.ts");

#[wasm_bindgen]
extern "C" {
    /// See `cors.ts`.
    #[wasm_bindgen(typescript_type = "DiagnoseOptions")]
    pub type DiagnoseOptions;

    /// See `cors.ts`.
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
    explain(planned(http::request(&method.text(), url.text()), body, options), cors::plan)
}

/// As `plan`, for a request that `stream` sends: over `fetch`, which keeps the values of a repeated header apart.
///
/// ```js
/// cors.planStream("GET", "https://api.example/log").kind; // "simple"
/// ```
#[wasm_bindgen(js_namespace = cors, js_name = planStream)]
pub fn plan_stream(
    method: Text,
    url: Address,
    body: Option<RequestBody>,
    options: Option<RequestOptions>,
) -> Result<PlanObject, JsValue> {
    explain(planned(http::request(&method.text(), url.text()), body, options), cors::plan_stream)
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

fn explain(
    request: Result<http::Request, JsValue>,
    plan: fn(&http::Request) -> pagewire::Result<Plan>,
) -> Result<PlanObject, JsValue> {
    let plan = plan(&request?).map_err(|error| to_js(&error))?;
    Ok(plan_object(&plan).unchecked_into())
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
        object([
            ("engine", known.engine.as_str().into()),
            ("what", known.what.into()),
            ("link", known.link.into()),
        ])
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
        (
            "readable",
            cors::SAFELISTED_RESPONSE_HEADERS.into_iter().map(JsValue::from).collect::<Array>().into(),
        ),
        ("deviations", deviations.collect::<Array>().into()),
        ("text", plan.to_string().into()),
    ])
}

fn lines(lines: &[Line]) -> JsValue {
    let line = |line: &Line| {
        object([
            ("name", line.name.into()),
            ("value", line.value.as_str().into()),
            ("optional", line.optional.into()),
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
    /// See `PagewireError.diagnose` in `cors.ts`.
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
        ("detail", detail(&diagnosis.verdict)),
        ("confidence", diagnosis.confidence.as_str().into()),
        ("message", diagnosis.verdict.to_string().into()),
        ("advice", diagnosis.verdict.advice().into()),
        ("evidence", evidence.collect::<Array>().into()),
        (
            "needed",
            object([
                ("preflight", lines(&diagnosis.needed_preflight)),
                ("answer", lines(&diagnosis.needed_answer)),
            ]),
        ),
        ("text", diagnosis.to_string().into()),
    ])
}

/// What the verdict says beside its word.
fn detail(verdict: &Verdict) -> JsValue {
    match verdict {
        Verdict::BlockedByCors(part) => part.as_str().into(),
        Verdict::BlockedByCsp { directive } => directive.as_str().into(),
        Verdict::BadPort(port) => (*port).into(),
        Verdict::TimedOut(phase) => phase.as_str().into(),
        Verdict::Aborted(by) => by.as_str().into(),
        Verdict::Told(kind) => kind.as_str().into(),
        Verdict::CannotTell(reason) => reason.as_str().into(),
        _ => JsValue::UNDEFINED,
    }
}
