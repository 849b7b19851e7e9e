//! What the page can do, driven by clicks as a person does it and judged by what the server saw.

mod chat;
mod comet;
mod demo;
mod laboratory;
mod pings;
mod transfer;
mod waterfall;

use pagewire_server::{Entry, How, Side};
use serde_json::json;

use super::{Page, Scenario, Scene};
use demo::{Demo, ensure, same};

/// Each claim with its proof.
pub(super) const SCENARIOS: &[(&str, Scenario)] = &[
    ("a download moves its bar and arrives whole", transfer::download),
    ("a download without a length arrives whole", transfer::download_without_length),
    ("a cancelled download is disconnected", transfer::cancelled_download),
    ("a downloaded file can be saved as it was sent", transfer::saved_file),
    ("a downloaded file gives way to the next", transfer::next_file),
    ("an upload moves its bar and arrives whole", transfer::upload),
    ("an upload tells its rate and what is left", transfer::upload_gauges),
    ("a chosen file arrives as it is", transfer::chosen_file),
    ("an empty file arrives too", transfer::empty_file),
    ("a cancelled upload is disconnected", transfer::cancelled_upload),
    ("a waterfall shows what a download did in order", waterfall::download),
    ("a waterfall shows both ways of an upload", waterfall::upload),
    ("a waterfall ends where its exchange was cancelled", waterfall::cancelled),
    ("the table of a waterfall says what is drawn", waterfall::table),
    ("a waterfall fits into a narrow window", waterfall::narrow),
    ("lines are shown while the answer goes on", lines),
    ("a stopped stream is disconnected", stopped_stream),
    ("Comet shows every published message in four ways, once and in order", comet::all_four),
    ("Comet shows the empty answers of short polling", comet::empty_answers),
    ("Comet by long polling makes one request for each message", comet::one_request_a_message),
    ("Comet by streaming and events makes one request for all messages", comet::one_request_in_all),
    ("Comet that is stopped is disconnected in all four ways", comet::stopped),
    ("Comet follows a feed of another origin in four ways", comet::other_origin),
    ("Comet tells why each of the four ways failed", comet::failures),
    ("Comet fits into a narrow window", comet::narrow),
    ("a socket echoes text and bytes", echo),
    ("a socket closes with code and reason", close),
    ("a close code that may not be sent keeps the socket open", refused_close_code),
    ("Chat in one tab is heard in the other", chat::two_tabs),
    ("Chat that is cut off sends what was said meanwhile", chat::cut),
    ("Chat under a flood shows its rate, and loses nothing", chat::flood),
    ("Chat closes with code and reason", chat::close),
    ("Chat goes on when a close code or reason is refused", chat::refused_close),
    ("Chat fits into a narrow window", chat::narrow),
    ("an image ping and a beacon reach another origin without CORS", pings::ping_and_beacon),
    ("an image ping ends without an image too", pings::no_image),
    ("a note too large for a beacon goes another way", pings::large_note),
    ("JSONP brings data through a frame and into the page", pings::kind_answer),
    ("JSONP in a frame stops what a hostile answer does in the page", pings::hostile_answers),
    ("JSONP and an image ping work over https", pings::over_https),
    ("JSONP fits into a narrow window", pings::narrow),
    ("each example of the CORS laboratory goes as it was planned", laboratory::examples),
    ("the CORS laboratory plans and sends what a form says", laboratory::form),
    ("the CORS laboratory asks a typed address", laboratory::typed),
    ("the CORS laboratory tells exposed headers from hidden ones", laboratory::exposed),
    ("the CORS laboratory sees that a preflight is remembered", laboratory::remembered),
    ("the CORS laboratory shows the probes of a diagnosis apart", laboratory::probes),
    ("the lines for a server can be copied out of the CORS laboratory", laboratory::copied),
    ("the CORS laboratory refuses what no browser sends", laboratory::refused),
    ("the CORS laboratory names the engine that does otherwise than planned", laboratory::deviation),
    ("the CORS laboratory says when its outcome is out of date", laboratory::stale),
    ("the CORS laboratory fits into a narrow window", laboratory::narrow),
    ("the server's record is drawn beside the demo", record),
    ("the keyboard alone drives a demo", keyboard),
    ("an error that nobody handled is noticed and shown", unclaimed),
    ("all demos at once leave nothing unclaimed", visit),
];

fn lines(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "stream").await?;
        demo.press("start").await?;
        demo.shows(r#"[data-demo="stream"] .log li:nth-child(2)"#, "line 2").await?;
        let open = demo.entries().pop().ok_or("no request was recorded")?;
        ensure(open.ended.is_none(), || {
            "the second line was shown only when the answer was over".to_owned()
        })?;
        demo.becomes("done").await?;
        arrived_whole(&demo.only_entry().await?, "line 1\n".len() as u64 * 9 + "line 10\n".len() as u64 * 3)?;
        demo.tells("12 lines").await
    })
}

fn stopped_stream(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "stream").await?;
        demo.click("#stream-endless").await?;
        demo.press("start").await?;
        demo.shows(r#"[data-demo="stream"] .log li:nth-child(3)"#, "line 3").await?;
        demo.press("stop").await?;
        demo.becomes("cancelled").await?;
        cut_off(&demo.only_entry().await?)
    })
}

fn echo(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = connected(page).await?;
        demo.press("send").await?;
        demo.shows(r#"[data-demo="websocket"] .log li:nth-child(2)"#, "hello").await?;
        demo.click("#websocket-send [name=bytes]").await?;
        demo.press("send").await?;
        demo.shows(r#"[data-demo="websocket"] .log li:nth-child(4)"#, "5 bytes: 68 65 6c 6c 6f").await?;
        let entry = demo.entries().pop().ok_or("no handshake was recorded")?;
        same("the status", entry.status, Some(101))?;
        let socket = entry.websocket.ok_or("no socket was recorded")?;
        same("messages and bytes in", (socket.messages_in, socket.bytes_in), (2, 10))?;
        same("messages out", socket.messages_out, 2)
    })
}

fn close(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = connected(page).await?;
        close_with(&demo, "4001", "see you").await?;
        demo.becomes("done").await?;
        let entry = demo.only_entry().await?;
        same("the end", entry.ended.map(|ended| ended.how), Some(How::Complete))?;
        let close = entry.websocket.and_then(|socket| socket.close).ok_or("no close frame was recorded")?;
        let seen = (close.by, close.code, close.reason.as_str());
        same("the close frame", seen, (Side::Client, Some(4001), "see you"))?;
        demo.tells("Closed cleanly: code 4001, reason “see you”.").await
    })
}

fn refused_close_code(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = connected(page).await?;
        close_with(&demo, "1001", "bye").await?;
        demo.shows(r#"[data-demo="websocket"] .log li:nth-child(1)"#, "invalid-request").await?;
        demo.press("send").await?;
        demo.shows(r#"[data-demo="websocket"] .log li:nth-child(3)"#, "hello").await?;
        let socket = demo.entries().pop().and_then(|entry| entry.websocket);
        let close = socket.and_then(|socket| socket.close);
        ensure(close.is_none(), || format!("a close frame was sent: {close:?}"))
    })
}

fn record(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "cors").await?;
        demo.press("start").await?;
        let entry = demo.only_entry().await?;
        let drawn = r#"[data-demo="cors"] .record"#;
        demo.shows(drawn, &format!("GET /echo?{}", entry.query)).await?;
        demo.shows(drawn, &format!("from {}", page.first)).await?;
        demo.shows(drawn, "200").await?;
        demo.shows(drawn, "complete").await?;
        demo.click(r#"[data-demo="cors"] .record summary"#).await?;
        for (name, value) in &entry.headers {
            demo.shows(drawn, name).await?;
            demo.shows(drawn, value).await?;
        }
        Ok(())
    })
}

fn keyboard(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "stream").await?;
        demo.type_into(r#"[data-demo="stream"] [data-action="start"]"#, ENTER).await?;
        demo.shows(r#"[data-demo="stream"] .log"#, "line 1").await?;
        demo.type_into(r#"[data-demo="stream"] [data-action="stop"]"#, ENTER).await?;
        demo.becomes("cancelled").await?;
        cut_off(&demo.only_entry().await?)
    })
}

/// <https://www.w3.org/TR/webdriver2/#keyboard-actions>
const ENTER: &str = "\u{E007}";

/// The page's own scripts are made to fail: an error of the driver's script would be muted by the browser.
fn unclaimed(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.press("start").await?;
        demo.script("AbortController.prototype.abort = undefined").await?;
        demo.press("stop").await?;
        demo.shows("#trouble", "abort is not a function").await?;
        demo.script("window.Math.floor = undefined").await?;
        demo.becomes("failed").await?;
        demo.shows("#trouble", "Math.floor is not a function").await?;
        // Taken out, so that the harness finds only what this scenario did not cause.
        let kept = demo.script("return window.__unclaimed.splice(0).length").await?;
        same("the errors kept", kept, json!(2))
    })
}

fn visit(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        // From the bottom up: a record that grows above a button would move it away from the click.
        let below = [("cors", "done"), ("jsonp", "done"), ("ping", "done")];
        let above = [("stream", "done"), ("upload", "done"), ("download", "done")];
        start(page, &below).await?;
        let socket = connected(page).await?;
        start(page, &above).await?;
        for (name, outcome) in below.into_iter().chain(above) {
            Demo::ready(page, name).await?.becomes(outcome).await?;
        }
        close_with(&socket, "1000", "bye").await?;
        socket.becomes("done").await?;
        let kept = socket.script("return window.__unclaimed").await?;
        same("the errors kept", kept, json!([]))
    })
}

async fn start(page: &Page, demos: &[(&'static str, &str)]) -> Result<(), String> {
    for (name, _) in demos {
        Demo::ready(page, name).await?.press("start").await?;
    }
    Ok(())
}

async fn connected(page: &Page) -> Result<Demo<'_>, String> {
    let demo = Demo::ready(page, "websocket").await?;
    demo.press("start").await?;
    demo.can_press("send").await?;
    Ok(demo)
}

async fn close_with(demo: &Demo<'_>, code: &str, reason: &str) -> Result<(), String> {
    demo.type_over("#websocket-close [name=code]", code).await?;
    demo.type_over("#websocket-close [name=reason]", reason).await?;
    demo.press("close").await
}

/// All of the answer was handed to the connection, and nothing cut it off.
fn arrived_whole(entry: &Entry, length: u64) -> Result<(), String> {
    same("the status", entry.status, Some(200))?;
    let end = entry.ended.as_ref().map(|ended| (ended.how, ended.sent));
    same("the end", end, Some((How::Complete, length)))
}

fn received(entry: &Entry, length: u64, sha256: &str) -> Result<(), String> {
    let body = entry.body.as_ref().ok_or("no body was recorded")?;
    same("the body", (body.length, body.sha256.as_str()), (length, sha256))
}

fn cut_off(entry: &Entry) -> Result<(), String> {
    let how = entry.ended.as_ref().map(|ended| ended.how);
    same("the end", how, Some(How::Disconnected))
}

fn header<'e>(entry: &'e Entry, name: &str) -> Option<&'e str> {
    entry.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
