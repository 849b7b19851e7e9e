//! The CORS laboratory: its plan is held against what the server saw, its diagnosis against the failure that was chosen.

use pagewire_server::Entry;
use serde_json::{Value, json};

use super::super::{Page, Scene};
use super::demo::{Demo, ensure, on_a_phone, said, same};
use super::{ENTER, header};
use crate::engine::Engine;

/// One of the page's examples, and what must come of it.
struct Example {
    name: &'static str,
    state: &'static str,
    /// The methods that the server sees first; probes may follow those of a request that failed.
    methods: &'static [&'static str],
    verdict: Option<(&'static str, &'static str)>,
}

const fn passes(name: &'static str, methods: &'static [&'static str]) -> Example {
    Example { name, state: "done", methods, verdict: None }
}

const fn fails(
    name: &'static str,
    methods: &'static [&'static str],
    verdict: &'static str,
    confidence: &'static str,
) -> Example {
    Example { name, state: "failed", methods, verdict: Some((verdict, confidence)) }
}

const EXAMPLES: [Example; 7] = [
    passes("Simple GET", &["GET"]),
    passes("JSON POST", &["OPTIONS", "POST"]),
    passes("Bearer token", &["OPTIONS", "GET"]),
    fails("Cookies with *", &["GET"], "blocked-by-cors", "likely"),
    fails("Preflight refused", &["OPTIONS"], "blocked-by-cors", "likely"),
    fails("Server without CORS", &["GET"], "blocked-by-cors", "high"),
    fails("No such host", &[], "unreachable", "likely"),
];

pub(super) fn examples(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        for (number, example) in EXAMPLES.iter().enumerate() {
            let key = format!("{}-{number}", page.key);
            page.client.goto(&format!("{}/?key={key}", page.first)).await.map_err(said)?;
            let entries = || page.journal.entries(&format!("{key}-cors"));
            try_out(page, example, entries).await.map_err(|wrong| format!("{}: {wrong}", example.name))?;
        }
        Ok(())
    })
}

async fn try_out(page: &Page, example: &Example, entries: impl Fn() -> Vec<Entry>) -> Result<(), String> {
    let demo = Demo::ready(page, "cors").await?;
    demo.click(&format!("[data-preset={:?}]", example.name)).await?;
    demo.becomes(example.state).await?;
    let entries = entries();
    let methods: Vec<_> = entries.iter().map(|entry| entry.method.as_str()).collect();
    match example.verdict {
        None => same("the methods", methods.as_slice(), example.methods)?,
        Some((verdict, confidence)) => {
            ensure(methods.starts_with(example.methods), || format!("the server saw {methods:?}"))?;
            ensure(!methods.contains(&"DELETE"), || "the refused request was sent".to_owned())?;
            let chip = format!("[data-verdict={verdict}][data-confidence={confidence}]");
            demo.shows(&format!("{LABORATORY} {chip}"), verdict).await?;
        }
    }
    if example.methods.is_empty() {
        return demo.shows(&format!("{LABORATORY} .comparison[data-state=unknown]"), "No record").await;
    }
    as_planned(&demo, &entries).await
}

pub(super) fn form(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        choose_own(&demo).await?;
        let planned = [
            "PURGE is not GET, HEAD or POST",
            "x-requested-with is not on the safelist",
            "content-type",
            "upload's events",
            "Access-Control-Allow-Methods: PURGE",
            "Access-Control-Allow-Credentials: true",
        ];
        for words in planned {
            demo.shows(&format!("{LABORATORY} .plan"), words).await?;
        }
        same("requests before sending", demo.entries().len(), 0)?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        let entries = demo.ended().await?;
        let methods: Vec<_> = entries.iter().map(|entry| entry.method.as_str()).collect();
        same("the methods", methods, vec!["OPTIONS", "PURGE"])?;
        same("the cookie", header(&entries[1], "cookie"), Some("laboratory=a-cookie"))?;
        same("the header", header(&entries[1], "x-requested-with"), Some("XMLHttpRequest"))?;
        as_planned(&demo, &entries).await
    })
}

/// A method, a header, a body, credentials and upload events, as a visitor would choose them.
async fn choose_own(demo: &Demo<'_>) -> Result<(), String> {
    demo.choose(&field("method"), "another …").await?;
    demo.click(&format!("{LABORATORY} [data-action=add]")).await?;
    demo.type_into(&format!("{LABORATORY} .row input:first-child"), "X-Requested-With").await?;
    // Leaving the field brings the value that is usual for this header.
    demo.choose(&field("body"), "JSON").await?;
    demo.click(&field("credentials")).await?;
    demo.click(&field("upload")).await?;
    demo.choose(&field("acac"), "true").await
}

pub(super) fn typed(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        demo.choose(&field("target"), "an address of your own").await?;
        let address = format!("{}/status/200?cors=off&key={}-cors", page.second, page.key);
        // The key Enter sends, as in any form.
        demo.type_over(&field("url"), &format!("{address}{ENTER}")).await?;
        demo.becomes("failed").await?;
        let first = demo.ended().await?.into_iter().next();
        let seen = first.map(|entry| (entry.method, entry.path, entry.origin));
        same(
            "the request",
            seen,
            Some(("GET".to_owned(), "/status/200".to_owned(), Some(page.first.clone()))),
        )?;
        demo.shows(&format!("{LABORATORY} [data-verdict]"), "blocked-by-cors").await
    })
}

pub(super) fn exposed(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        demo.press("start").await?;
        demo.shows(&format!("{LABORATORY} .hidden-names"), "x-request-id").await?;
        demo.choose(&field("aceh"), "X-Request-Id").await?;
        demo.press("start").await?;
        demo.shows(&format!("{LABORATORY} .readable .headers"), "x-request-id").await?;
        let hidden = "return document.querySelector('#cors .hidden-names').textContent";
        let hidden = demo.script(hidden).await?;
        ensure(!hidden.to_string().contains("x-request-id"), || format!("hidden too: {hidden}"))
    })
}

pub(super) fn remembered(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        demo.choose(&field("method"), "DELETE").await?;
        demo.choose(&field("acma"), "600 seconds; one address for all runs").await?;
        let (mut runs, mut seen) = (0, 0);
        loop {
            demo.press("start").await?;
            demo.becomes("done").await?;
            runs += 1;
            let preflights = demo.ended().await?.iter().filter(|entry| entry.method == "OPTIONS").count();
            if preflights == seen {
                break;
            }
            demo.shows(&format!("{LABORATORY} .comparison"), "As planned").await?;
            seen = preflights;
            // Firefox forgets it whenever it has looked the host up anew, which it does for either family of addresses
            // and for both together, each at most once a minute.
            let most = if page.engine == Engine::Firefox { 4 } else { 1 };
            ensure(seen <= most, || format!("{seen} preflights in {runs} runs"))?;
        }
        ensure(runs > 1, || "the first run had no preflight".to_owned())?;
        demo.shows(&format!("{LABORATORY} .comparison[data-state=remembered]"), "remembers").await
    })
}

pub(super) fn probes(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        demo.choose(&field("acao"), "left out").await?;
        demo.press("start").await?;
        demo.becomes("failed").await?;
        let sent = demo.ended().await?.len();
        ensure(sent > 1, || "the diagnosis sent no probe".to_owned())?;
        // All but the first stand below the heading that says what they are.
        demo.shows(&format!("{LABORATORY} .record h4"), "The probes of the diagnosis").await?;
        let drawn = "document.querySelectorAll('#cors .record > h4 ~ .exchange').length";
        let all = format!("return {drawn} === {} || null", sent - 1);
        demo.until_script("each probe is drawn as one", &all).await.map(drop)
    })
}

pub(super) fn copied(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        let line = format!("Access-Control-Allow-Origin: {}\nVary: Origin", page.first);
        let copy = format!("{LABORATORY} .plan figure:first-of-type [data-action=copy]");
        // The machine's own clipboard is left as it is.
        demo.script("navigator.clipboard.writeText = async (text) => { window.__copied = text; }").await?;
        demo.click(&copy).await?;
        demo.shows(&format!("{LABORATORY} .plan .told"), "Copied").await?;
        same("what was copied", demo.script("return window.__copied").await?, json!(line))?;
        demo.script("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))").await?;
        demo.click(&copy).await?;
        demo.shows(&format!("{LABORATORY} .plan .told"), "Selected").await?;
        let selected = demo.script("return getSelection().toString()").await?;
        ensure(selected.to_string().contains("Vary: Origin"), || format!("selected: {selected}"))
    })
}

pub(super) fn refused(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        demo.choose(&field("method"), "another …").await?;
        demo.type_over(&field("custom"), "TRACE").await?;
        demo.shows(&format!("{LABORATORY} .headline[data-state=refused]"), "TRACE").await?;
        demo.press("start").await?;
        demo.shows(&format!("{LABORATORY} [data-kind=invalid-request]"), "invalid-request").await?;
        same("the requests", demo.entries().len(), 0)
    })
}

pub(super) fn stale(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        let is_told = "return !document.querySelector('#cors .stale').hidden";
        demo.press("start").await?;
        demo.becomes("done").await?;
        same("told before a change", demo.script(is_told).await?, json!(false))?;
        demo.choose(&field("method"), "PUT").await?;
        same("told after it", demo.script(is_told).await?, json!(true))?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        same("told after the next run", demo.script(is_told).await?, json!(false))
    })
}

/// Chromium alone sends this client hint unasked.
pub(super) fn deviation(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        demo.click(&format!("{LABORATORY} [data-action=add]")).await?;
        demo.type_into(&format!("{LABORATORY} .row input:nth-child(1)"), "DPR").await?;
        demo.type_into(&format!("{LABORATORY} .row input:nth-child(2)"), "2").await?;
        demo.shows(&format!("{LABORATORY} .deviations"), "Chromium").await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        let entries = demo.ended().await?;
        if page.engine != Engine::Chromium {
            return as_planned(&demo, &entries).await;
        }
        same("the requests", entries.len(), 1)?;
        same("the hint", header(&entries[0], "dpr"), Some("2"))?;
        demo.shows(&format!("{LABORATORY} .comparison[data-state=deviates]"), "no preflight came").await
    })
}

pub(super) fn narrow(page: &Page) -> Scene<'_> {
    Box::pin(on_a_phone(page, narrowed(page)))
}

async fn narrowed(page: &Page) -> Result<(), String> {
    let demo = Demo::ready(page, "cors").await?;
    demo.click("[data-preset='Preflight refused']").await?;
    demo.becomes("failed").await?;
    demo.shows(&format!("{LABORATORY} .record"), "OPTIONS").await?;
    demo.fits_its_window().await
}

const LABORATORY: &str = "[data-demo=cors]";

fn field(name: &str) -> String {
    format!("#cors-form [name={name}]")
}

/// The plan that the page shows, held against the server's record: an `OPTIONS` with exactly its lines, or none.
async fn as_planned(demo: &Demo<'_>, entries: &[Entry]) -> Result<(), String> {
    let question = "
        const lines = document.querySelectorAll('#cors .question > span');
        return lines.length > 0 ? [...lines].map((line) => line.textContent).join('\\n') : null";
    let planned = demo.script(question).await?;
    let asked = entries.iter().find(|entry| entry.method == "OPTIONS").map(question_of);
    same("the question planned and asked", planned.as_str(), asked.as_deref())?;
    let kind = demo.script("return document.querySelector('#cors .headline').dataset.state").await?;
    let expected = if asked.is_some() { "preflighted" } else { "simple" };
    same("the plan", kind, Value::from(expected))?;
    demo.shows(&format!("{LABORATORY} .comparison[data-state=as-planned]"), "As planned").await
}

/// A preflight as the page writes it.
fn question_of(entry: &Entry) -> String {
    let mut lines = vec![format!("OPTIONS {}", entry.path)];
    let wanted = [
        ("origin", "Origin"),
        ("access-control-request-method", "Access-Control-Request-Method"),
        ("access-control-request-headers", "Access-Control-Request-Headers"),
    ];
    let told = wanted.iter().filter_map(|(name, shown)| Some(format!("{shown}: {}", header(entry, name)?)));
    lines.extend(told);
    lines.join("\n")
}
