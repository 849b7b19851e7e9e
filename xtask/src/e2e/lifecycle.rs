//! Offline, hidden, frozen, put aside, and back: staged by the browser itself, where its driver can, and judged by what the
//! server saw of the connections.

use std::time::Duration;

use fantoccini::error::CmdError;
use serde_json::{Value, json};

use super::driver::{self, network};
use super::{Claim, Page, Scene};
use crate::engine::Engine;

pub(super) const SCENARIOS: [Claim; 4] = [
    ("polls and events rest while the browser has no network, and go on without a gap or a repeat", |page| {
        rests(page, "offline")
    }),
    (
        "polls and events rest while their window is out of sight, and go on without a gap or a repeat",
        |page| rests(page, "hidden"),
    ),
    ("polls and events rest while the page is frozen, and go on without a gap or a repeat", |page| {
        rests(page, "frozen")
    }),
    (
        "polls and events rest while the page is put aside for another, and go on without a gap or a repeat",
        |page| rests(page, "aside"),
    ),
];

const SOON: Duration = Duration::from_secs(10);

/// What reads messages, under the name of its record. Each is told to rest.
const WAYS: [&str; 3] = ["connect", "native", "long"];

/// Reads messages, has the browser go `away` and come back, and compares what was read with what was sent.
fn rests<'a>(page: &'a Page, away: &'static str) -> Scene<'a> {
    Box::pin(async move {
        let started = page.client.execute_async(START, vec![json!(page.first), json!(page.key)]).await;
        if started.as_ref().map_err(ToString::to_string)? != &json!("started") {
            return Err(format!("{started:?}"));
        }
        page.until("the first messages", SOON, async || grown(page, &[3; 3]).await).await?;
        if !go(page, away, true).await {
            page.note(format!("  {away}: {} has no way to stage it", page.engine));
            return Ok(());
        }
        let asked = || WAYS.map(|way| page.record(way).len());
        let all_ended = || WAYS.iter().all(|way| page.record(way).iter().all(|entry| entry.ended.is_some()));
        let ended = async || all_ended().then(asked);
        let before = page.until("the end of every connection", SOON, ended).await?;
        // Long enough for an impatient one to ask again.
        tokio::time::sleep(Duration::from_millis(700)).await;
        if asked() != before {
            return Err(format!(
                "{WAYS:?} asked {before:?} times, and {:?} while they were to rest",
                asked()
            ));
        }
        go(page, away, false).await;
        if away == "aside" && !is_kept(page).await? {
            page.note(format!("  aside: {} did not keep the page", page.engine));
            return Ok(());
        }
        let so_far = page.until("an answer of the page", SOON, async || counts(page).await).await?;
        page.until("more messages", SOON, async || grown(page, &so_far).await).await?;
        whole(page).await?;
        match asked() {
            [connect, native, _] if connect == before[0] + 1 && native == before[1] + 1 => Ok(()),
            asked => Err(format!("{WAYS:?} asked {before:?} times, and {asked:?} when they were back")),
        }
    })
}

/// How many messages each has read.
async fn counts(page: &Page) -> Option<Vec<usize>> {
    let read = "return window.read && Object.values(window.read).map((read) => read.length)";
    serde_json::from_value(page.client.execute(read, vec![]).await.ok()?).ok()
}

async fn grown(page: &Page, before: &[usize]) -> Option<()> {
    let now = counts(page).await?;
    now.iter().zip(before).all(|(now, before)| *now > before + 2).then_some(())
}

async fn is_kept(page: &Page) -> Result<bool, String> {
    let kept = page.client.execute("return window.read !== undefined", vec![]).await.map_err(text)?;
    Ok(kept == json!(true))
}

/// Every message once and in order.
async fn whole(page: &Page) -> Result<(), String> {
    let read = page.client.execute("return Object.values(window.read)", vec![]).await.map_err(text)?;
    let read: Vec<Vec<usize>> = serde_json::from_value(read).map_err(|error| error.to_string())?;
    match read.iter().all(|numbers| numbers.iter().copied().eq(1..=numbers.len())) {
        true => Ok(()),
        false => Err(format!("{WAYS:?} read {read:?}")),
    }
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
    driver::devtools(&page.client, command, parameters).await.is_ok()
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
    const [first, key, done] = arguments;
    import('/pkg/pagewire.js').then(async ({ default: init, poll, sse }) => {
        await init();
        // Coming back ends a wait. Firefox ends a connection before it tells that the page goes: an attempt in between would
        // not be ended by it at all.
        const retry = { base: 20_000, cap: 20_000, moreAttempts: Infinity };
        const rest = { pauseWhenHidden: true, pauseWhenOffline: true, retry };
        const events = (way) => `${first}/sse?count=0&every=50&key=${key}-${way}`;
        const messages = `${first}/poll?count=10000&every=50&hold=5000&form=header&key=${key}-long`;
        const cursor = { header: 'x-position', query: 'after' };
        const ways = {
            connect: sse.connect(events('connect'), rest),
            native: sse.native(events('native'), { resumeByQuery: 'last_event_id', ...rest }),
            long: poll.long(messages, { cursor, ...rest }),
        };
        window.read = {};
        for (const [way, items] of Object.entries(ways)) {
            const read = window.read[way] = [];
            (async () => {
                for await (const item of items) read.push(Number((item.data ?? await item.text()).split(' ')[1]));
            })();
        }
        done('started');
    }).catch((error) => done(String(error)));";
