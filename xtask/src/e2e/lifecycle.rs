//! Offline, hidden, frozen, put aside, and back: staged by the browser itself, where its driver can, and judged by what the
//! server saw of the connections.

use std::time::Duration;

use fantoccini::error::CmdError;
use serde_json::{Value, json};

use super::driver::{Vendor, network};
use super::{Claim, Page, Scene};
use crate::engine::Engine;

pub(super) const SCENARIOS: [Claim; 4] = [
    ("events rest while the browser has no network, and go on without a gap or a repeat", |page| {
        rests(page, "offline")
    }),
    ("events rest while their window is out of sight, and go on without a gap or a repeat", |page| {
        rests(page, "hidden")
    }),
    ("events rest while the page is frozen, and go on without a gap or a repeat", |page| {
        rests(page, "frozen")
    }),
    ("events rest while the page is put aside for another, and go on without a gap or a repeat", |page| {
        rests(page, "aside")
    }),
];

const SOON: Duration = Duration::from_secs(10);

/// Reads events, has the browser go `away` and come back, and compares what was read with what was sent.
fn rests<'a>(page: &'a Page, away: &'static str) -> Scene<'a> {
    Box::pin(async move {
        let url = format!("{}/sse?count=0&every=50&key={}-feed", page.first, page.key);
        let started = page.client.execute_async(START, vec![json!(url)]).await.map_err(text)?;
        if started != json!("started") {
            return Err(started.to_string());
        }
        page.until("the first events", SOON, async || (count(page).await? > 3).then_some(())).await?;
        if !go(page, away, true).await {
            page.note(format!("  {away}: {} has no way to stage it", page.engine));
            return Ok(());
        }
        let feed = || page.record("feed");
        let ended = async || feed().iter().all(|entry| entry.ended.is_some()).then(|| feed().len());
        let asked = page.until("the connection ended", SOON, ended).await?;
        // Long enough for an impatient one to ask again.
        tokio::time::sleep(Duration::from_millis(700)).await;
        if feed().len() != asked {
            return Err(format!("it asked {} times while it was to rest", feed().len() - asked));
        }
        go(page, away, false).await;
        if away == "aside"
            && page.client.execute("return window.read === undefined", vec![]).await.map_err(text)?
                == json!(true)
        {
            page.note(format!("  aside: {} did not keep the page", page.engine));
            return Ok(());
        }
        let before = page.until("the page answers", SOON, async || count(page).await).await?;
        page.until("more events", SOON, async || (count(page).await? > before + 3).then_some(())).await?;
        let read = page.client.execute("return window.read", vec![]).await.map_err(text)?;
        let read: Vec<String> = serde_json::from_value(read).map_err(|error| error.to_string())?;
        let whole: Vec<_> = (1..=read.len()).map(|number| format!("event {number}")).collect();
        match feed().len() - asked {
            1 if read == whole => Ok(()),
            1 => Err(format!("it read {read:?}")),
            again => Err(format!("it asked {again} times when it was back")),
        }
    })
}

async fn count(page: &Page) -> Option<u64> {
    page.client.execute("return window.read?.length", vec![]).await.ok()?.as_u64()
}

/// Whether the browser could be made to.
async fn go(page: &Page, away: &str, there: bool) -> bool {
    match away {
        "offline" => network(&page.client, page.engine, !there).await,
        "hidden" if there => in_sight(page, false).await && is_hidden(page).await == Some(true),
        "hidden" => in_sight(page, true).await,
        "frozen" if page.engine == Engine::Chromium => {
            let state = json!({ "state": if there { "frozen" } else { "active" } });
            // Frozen it is hidden, too, and stays so.
            devtools(page, "Page.setWebLifecycleState", state).await
                && (there || in_sight(page, false).await && in_sight(page, true).await)
        }
        "frozen" => false,
        _ if there => page
            .client
            .goto(&format!("{}/status/200?header=Content-Type:text/html", page.second))
            .await
            .is_ok(),
        _ => page.client.back().await.is_ok(),
    }
}

async fn in_sight(page: &Page, is: bool) -> bool {
    let done = if is {
        page.client.set_window_rect(0, 0, 1280, 900).await
    } else {
        page.client.minimize_window().await
    };
    done.is_ok()
}

async fn devtools(page: &Page, command: &str, parameters: Value) -> bool {
    let body = json!({ "cmd": command, "params": parameters });
    page.client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await.is_ok()
}

async fn is_hidden(page: &Page) -> Option<bool> {
    let hidden =
        async || page.client.execute("return document.hidden", vec![]).await.ok()?.as_bool()?.then_some(true);
    page.until("the page is hidden", Duration::from_secs(2), hidden).await.ok()
}

fn text(error: CmdError) -> String {
    error.to_string()
}

const START: &str = "
    const [feed, done] = arguments;
    import('/pkg/pagewire.js').then(async ({ default: init, sse }) => {
        await init();
        window.read = [];
        // Coming back ends a wait. Firefox ends a connection before it tells that the page goes: an attempt in between would
        // not be ended by it at all.
        const retry = { base: 20_000, cap: 20_000, moreAttempts: Infinity };
        const events = sse.connect(feed, { pauseWhenHidden: true, pauseWhenOffline: true, retry });
        done('started');
        for await (const event of events) window.read.push(event.data);
    }).catch((error) => done(String(error)));";
