//! The plan against what browsers do: every request of a generated table, as the server's record saw it.

use futures_util::StreamExt;
use js_sys::{Array, Uint8Array};
use pagewire::cors::{self, Kind, Plan};
use pagewire::http::{self, Form, Request};
use pagewire::stream;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::table::{Row, Sender, rows};
use crate::conformance_engine::{Engine, engine};
use crate::shared::{Entry, Wire, note};

/// So many are under one key of the journal.
const BATCH: usize = 40;

#[wasm_bindgen_test]
async fn every_prediction_is_what_the_browser_does() {
    let engine = engine().await;
    let rows = rows();
    let (mut exact, mut deviating, mut wrong) = (0, 0, Vec::new());
    let mut met: Vec<&str> = Vec::new();
    for batch in rows.chunks(BATCH) {
        let wire = Wire::new().await;
        let mut plans = Vec::new();
        for (number, row) in batch.iter().enumerate() {
            plans.push(send(row, wire.second_url(&format!("/status/200?row={number}"))).await);
        }
        let entries = wire.entries().await;
        for (number, (row, plan)) in batch.iter().zip(&plans).enumerate() {
            let seen = seen(&entries, number);
            match plan.preflight_in(family(engine)) {
                planned if planned != seen => {
                    wrong.push(format!("{}: planned {planned:?}, seen {seen:?}", row.name));
                }
                planned if planned == standard(plan) => exact += 1,
                _ => {
                    deviating += 1;
                    met.extend(plan.deviations().iter().map(|known| known.what));
                }
            }
        }
    }
    note(&format!(
        "cors::plan: of {} requests {exact} went as the standard has it, {deviating} by a listed deviation, {} otherwise",
        rows.len(),
        wrong.len()
    ))
    .await;
    for known in cors::deviations().iter().filter(|known| known.engine == family(engine)) {
        // What must be answered, and not what is asked, is another test's: conformance_cors.
        let answered = known.what.contains("Access-Control-Allow-Headers");
        assert!(answered || met.contains(&known.what), "no request meets: {}", known.what);
    }
    assert!(rows.len() > 400, "{}", rows.len());
    assert!(wrong.is_empty(), "{} mismatches\n{}", wrong.len(), wrong.join("\n"));
}

/// The two lines of a preflight, if there is one.
type Preflight = Option<(String, Option<String>)>;

fn standard(plan: &Plan) -> Preflight {
    Some((plan.request_method()?.to_owned(), plan.request_headers()))
}

fn seen(entries: &[Entry], number: usize) -> Preflight {
    let row = format!("row={number}&");
    let of_row = |entry: &&Entry| entry.query.starts_with(&row);
    assert!(entries.iter().any(|entry| of_row(&entry)), "row {number} never came");
    let asked = |entry: &Entry| {
        let method = entry.header("access-control-request-method")?.to_owned();
        Some((method, entry.header("access-control-request-headers").map(str::to_owned)))
    };
    let mut preflights = entries.iter().filter(of_row).filter_map(asked);
    let first = preflights.next();
    assert!(preflights.next().is_none(), "two preflights of row {number}");
    first
}

async fn send(row: &Row, url: String) -> Plan {
    let request = (row.request)(url);
    let plan = match row.sender {
        Sender::Xhr => cors::plan(&request),
        Sender::Stream => cors::plan_stream(&request),
    };
    let plan = plan.unwrap_or_else(|error| panic!("{}: {error}", row.name));
    match row.sender {
        Sender::Xhr if row.with_events => drop(request.start().unwrap().await),
        Sender::Xhr => drop(request.await),
        Sender::Stream => drop(stream::bytes(request).next().await),
    }
    plan
}

fn family(engine: Engine) -> cors::Engine {
    match engine {
        Engine::Chromium => cors::Engine::Chromium,
        Engine::Firefox => cors::Engine::Gecko,
        Engine::WebKit => cors::Engine::WebKit,
    }
}

#[wasm_bindgen_test]
async fn at_the_pages_own_origin_nothing_is_asked() {
    let plan = cors::plan(&http::put("/x").header("x-any", "1")).unwrap();
    assert_eq!((plan.kind(), plan.request_method()), (Kind::SameOrigin, None));
    let data = cors::plan(&http::get("data:,x").header("x-any", "1")).unwrap();
    assert_eq!(data.kind(), Kind::SameOrigin);
}

#[wasm_bindgen_test]
async fn what_sending_would_refuse_has_no_plan() {
    for request in [http::get("/x").header("a b", "1"), http::get("http://[/"), http::get("/x").body("text")]
    {
        assert!(cors::plan(&request).unwrap_err().is_invalid_request());
    }
}

type Change = fn(Request) -> Request;

/// The kinds of bodies, each with what it is called.
pub(super) fn bodies() -> Vec<(&'static str, Change)> {
    vec![
        ("text", |request| request.body("text")),
        ("empty text", |request| request.body("")),
        ("bytes", |request| request.body(vec![1, 2, 3])),
        ("json", |request| request.json(&[1])),
        ("urlencoded", |request| request.form(&[("a", "b")])),
        ("form data", |request| request.body(form())),
        ("untyped blob", |request| request.body(blob(""))),
        ("text blob", |request| request.body(blob("text/plain"))),
        ("json blob", |request| request.body(blob("application/json"))),
        ("quoted blob", |request| request.body(blob("text/plain;a=\"b\""))),
        ("buffer", |request| request.body(Uint8Array::from(&[1, 2][..]).buffer())),
    ]
}

fn blob(kind: &str) -> web_sys::Blob {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    web_sys::Blob::new_with_str_sequence_and_options(&Array::of1(&JsValue::from_str("x")), &options).unwrap()
}

fn form() -> Form {
    Form::new().unwrap().text("a", "b").unwrap()
}
