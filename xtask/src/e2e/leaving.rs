//! What a page still sends when its tab goes elsewhere, as the server saw it after the page was gone.

use std::time::Duration;

use serde_json::json;

use super::{Claim, Page, Scene};

pub(super) const SCENARIOS: [Claim; 2] = [
    ("a beacon of a page that is left arrives", |page| leave(page, "beacon", "navigator.sendBeacon")),
    ("where there is no beacon, the fallback of a page that is left arrives", |page| {
        leave(page, "fetch", "undefined")
    }),
];

/// Sends on `pagehide`, leaves, and looks at the record.
fn leave<'a>(page: &'a Page, via: &'static str, beacon: &'static str) -> Scene<'a> {
    Box::pin(async move {
        let text = |error: fantoccini::error::CmdError| error.to_string();
        let start = format!("{}/status/200?header=Content-Type:text/html", page.first);
        page.client.goto(&start).await.map_err(text)?;
        let target = format!("{}/echo?key={}-{via}", page.first, page.key);
        let told = page.client.execute_async(&LISTEN.replace("BEACON", beacon), vec![json!(target)]).await;
        if told.as_ref().map_err(ToString::to_string)? != &json!("listening") {
            return Err(format!("{told:?}"));
        }
        if !page.record(via).is_empty() {
            return Err("it was sent before the page was left".to_owned());
        }
        page.client.goto(&format!("{}/?key={}", page.second, page.key)).await.map_err(text)?;
        let arrived = async || page.record(via).into_iter().next().and_then(|entry| entry.body?.text);
        let body = page.until("the farewell arrived", Duration::from_secs(10), arrived).await?;
        if body == format!("farewell by {via}") { Ok(()) } else { Err(format!("it said {body:?}")) }
    })
}

/// The way it goes is known only when it has gone: so the page says beforehand which it expects, and sends nothing else.
const LISTEN: &str = "
    const [target, done] = arguments;
    import('/pkg/pagewire.js').then(async ({ default: init, ping }) => {
        await init();
        const real = BEACON;
        Object.defineProperty(navigator, 'sendBeacon', { value: real && real.bind(navigator), configurable: true });
        addEventListener('pagehide', () => {
            const expected = real ? 'beacon' : 'fetch';
            const via = ping.beacon(target, `farewell by ${expected}`, { fallback: true });
            if (via !== expected) throw new Error(`it went by ${via}`);
        });
        done('listening');
    }).catch((error) => done(String(error)));";
