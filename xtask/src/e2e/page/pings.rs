//! Image ping, beacon and JSONP: that they reach the server, and that a hostile answer does not reach the page.

use pagewire_server::Entry;
use serde_json::{Value, json};

use super::super::{Page, Scene};
use super::demo::{Demo, ensure, said, same};
use crate::engine::Engine;

const VERDICT: &str = "[data-demo=ping] .verdict";
const NOTE: &str = "a note that outlives the page";

/// The answers that attack; each row of the table is one, below the row of the kind answer.
const ATTACKS: usize = 7;

/// Notes what the table says of the answer that writes into the page, at each change of the page's words.
const WATCH_WORDS: &str = "
    window.__changes = [];
    const words = document.querySelector('.words q');
    new MutationObserver(() => {
        const ends = [...document.querySelectorAll('.attacks tbody tr:last-child td')];
        __changes.push([words.textContent, ends.map((end) => end.textContent)]);
    }).observe(words, { childList: true });";

/// Each row of the table: the name, and how it ended in the frame and in the page.
const TABLE: &str = "
    const rows = [...document.querySelectorAll('.attacks tbody tr')];
    return rows.map((row) => [...row.cells].map((cell) => cell.textContent));";

pub(super) fn ping_and_beacon(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "ping").await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        let (ping, beacon) = both(&demo).await?;
        same(
            "the ping",
            (ping.method.as_str(), ping.path.as_str(), ping.status),
            ("GET", "/pixel", Some(200)),
        )?;
        ensure(ping.query.contains("seen=page%207"), || format!("the ping's query was {}", ping.query))?;
        let body = beacon.body.as_ref().and_then(|body| body.text.as_deref());
        same("the beacon", (beacon.method.as_str(), body), ("POST", Some(NOTE)))?;
        for entry in [&ping, &beacon] {
            same("the origin asked", origin_asked(page, entry), Some(page.second.clone()))?;
            ensure(entry.query.contains("cors=off"), || format!("{} was allowed by CORS", entry.path))?;
        }
        demo.shows(VERDICT, "an image of 1 × 1").await?;
        demo.shows(VERDICT, "The note went as a beacon").await
    })
}

pub(super) fn no_image(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        for (choice, status) in [("a text", 200), ("nothing: 204", 204)] {
            let demo = Demo::ready(page, "ping").await?;
            let sent = demo.entries().len();
            demo.choose("#ping-what [name=target]", choice).await?;
            demo.press("start").await?;
            demo.becomes("done").await?;
            demo.shows(VERDICT, "an end, without an image").await?;
            let asked = demo.ended().await?.into_iter().skip(sent).find(|entry| entry.method == "GET");
            same("the answer to the ping", asked.and_then(|entry| entry.status), Some(status))?;
        }
        Ok(())
    })
}

pub(super) fn large_note(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "ping").await?;
        demo.choose("#ping-what [name=note]", "70 KiB").await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        // Firefox keeps to no quota.
        let way = if page.engine == Engine::Firefox { "as a beacon" } else { "by XMLHttpRequest" };
        demo.shows(VERDICT, way).await?;
        let (_, note) = both(&demo).await?;
        same("the note's length", note.body.map(|body| (body.length, body.whole)), Some((70 << 10, true)))
    })
}

pub(super) fn kind_answer(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = answered(page).await?;
        let table = demo.script(TABLE).await?;
        same("the first row", &table[0], &json!(["says hello", "hello", "hello"]))?;
        let entries = demo.ended().await?;
        let kind: Vec<_> = entries.iter().filter(|entry| entry.query.contains("data=")).collect();
        same("the calls for data", kind.len(), 2)?;
        for entry in kind {
            same("the path", entry.path.as_str(), "/jsonp")?;
            same("the origin asked", origin_asked(page, entry), Some(page.second.clone()))?;
        }
        Ok(())
    })
}

pub(super) fn hostile_answers(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "jsonp").await?;
        demo.script(WATCH_WORDS).await?;
        answered(page).await?;
        let sent = demo.ended().await?.iter().filter(|entry| entry.query.contains("script=")).count();
        same("the attacks sent", sent, 2 * ATTACKS)?;
        let table = demo.script(TABLE).await?;
        let ends = table.as_array().into_iter().flatten().skip(1);
        let ends: Vec<_> = ends.map(|row| (row[1].as_str(), row[2].as_str())).collect();
        same("how each ended", ends, vec![(Some("stopped"), Some("succeeds")); ATTACKS])?;
        demo.shows(".words[data-state=changed]", "a foreign script was here").await?;
        // The page's own as the run begins, then one alone: after the frame's turn.
        let changes = demo.script("return window.__changes").await?;
        same(
            "the changes",
            changes,
            json!([["only this page writes here", []], ["a foreign script was here", ["stopped"]]]),
        )?;
        demo.tells(&format!("The frame stopped {ATTACKS} of {ATTACKS} attacks")).await?;
        let left = "return [document.cookie.includes('jsonp-demo'), 'jsonp-demo' in localStorage,
            document.querySelectorAll('iframe').length]";
        same("what is left", demo.script(left).await?, json!([false, false, 0]))
    })
}

/// The page's policy names its servers by `http:`.
pub(super) fn over_https(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        page.client.goto(&format!("{}/?key={}", page.secure, page.key)).await.map_err(said)?;
        let demo = answered(page).await?;
        same("the first row", &demo.script(TABLE).await?[0], &json!(["says hello", "hello", "hello"]))?;
        let demo = Demo::ready(page, "ping").await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        demo.shows(VERDICT, "an image of 1 × 1").await
    })
}

pub(super) fn narrow(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        page.client.set_window_size(390, 900).await.map_err(said)?;
        let fits = narrowed(page).await;
        page.client.set_window_size(1280, 900).await.map_err(said)?;
        fits
    })
}

async fn narrowed(page: &Page) -> Result<(), String> {
    let demo = answered(page).await?;
    demo.shows("[data-demo=jsonp] .record", "GET").await?;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    same("what stands out at the side", demo.script(wide).await?, Value::from(0))
}

/// The demo of JSONP, once it has run.
async fn answered(page: &Page) -> Result<Demo<'_>, String> {
    let demo = Demo::ready(page, "jsonp").await?;
    demo.press("start").await?;
    demo.becomes("done").await?;
    Ok(demo)
}

/// The ping and the note, once both have ended: the page does not wait for the note.
async fn both(demo: &Demo<'_>) -> Result<(Entry, Entry), String> {
    demo.shows("[data-demo=ping] .record", "POST").await?;
    let entries = demo.ended().await?;
    match <[Entry; 2]>::try_from(entries) {
        Ok([ping, note]) => Ok((ping, note)),
        Err(entries) => Err(format!("{} requests were recorded", entries.len())),
    }
}

/// Which of the page's two origins a request came to.
fn origin_asked(page: &Page, entry: &Entry) -> Option<String> {
    let port = entry.port?.to_string();
    [&page.first, &page.second].into_iter().find(|origin| origin.ends_with(&port)).cloned()
}
