//! The sockets of the built ES module in a page, over http and https, judged by what the server saw.

use serde_json::{Value, json};

use super::{Claim, Page, Scene};
use crate::engine::Engine;

pub(super) const SCENARIOS: [Claim; 4] = [
    ("the module's socket speaks wss on an https page", over_tls),
    ("the module's socket carries text, bytes and blobs, and tells how it ended", messages),
    ("the module's socket keeps to its bounds and refuses what no browser connects to", bounds),
    ("the module keeps a connection up and tells every change", kept_up),
];

fn over_tls(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let opened = expect(page, &page.secure, "return location.protocol;", json!("https:")).await;
        if page.engine == Engine::Webkit && opened.is_err() {
            page.note("  WebKit's driver does not open a page with this certificate".to_owned());
            return Ok(());
        }
        let script = "
            const socket = await websocket.connect('/ws/echo');
            await socket.send('hello');
            const { value } = await socket.next();
            const end = await socket.close(4001, 'bye');
            let refusal;
            try { await websocket.connect('ws://plain.example/'); } catch (error) { refusal = error.refusal; }
            return [new URL(socket.url).protocol, value, end.code, end.wasClean, refusal];";
        expect(page, &page.secure, script, json!(["wss:", "hello", 4001, true, "mixed-content"])).await
    })
}

fn messages(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let script = "
            const socket = await websocket.connect(`/ws/echo?key=${key}-ws&protocols=b`, { protocols: ['a', 'b'] });
            await socket.send('grüße');
            await socket.send(new Uint8Array([1, 2, 3]).subarray(1));
            await socket.send(new Blob(['blob']));
            const got = [];
            for await (const message of socket) {
                got.push(typeof message === 'string' ? message : [...message]);
                if (got.length === 3) break;
            }
            const end = await socket.close(4000, 'done');
            const after = await socket.send('late').catch((error) => [error.kind, error.close.code, error.close.reason]);
            return [socket.protocol, got, end, socket.readyState, after];";
        let end = json!({ "code": 4000, "reason": "done", "wasClean": true, "unsent": 0 });
        let got = json!(["grüße", [2, 3], [98, 108, 111, 98]]);
        expect(page, &page.first, script, json!(["b", got, end, 3, ["closed", 4000, "done"]])).await?;
        let seen = page.record("ws");
        let socket = seen.first().and_then(|entry| entry.websocket.as_ref());
        match socket.map(|socket| (socket.messages_in, socket.bytes_in)) {
            Some((3, 13)) => Ok(()),
            other => Err(format!("the server saw {other:?} messages and bytes")),
        }
    })
}

fn bounds(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let script = "
            const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
            const kind = async (call) => { try { await call(); return 'none'; } catch (error) { return error.refusal ?? error.kind; } };
            const flood = (overflow) => websocket.connect('/ws/echo?flood=1000', { receiveLimit: { messages: 10 }, overflow });
            const latest = await flood('keep-latest');
            const all = await flood('close');
            await pause();
            const kept = (await latest.next()).value;
            const first = [];
            const error = await kind(async () => { for await (const message of all) first.push(message); });
            latest.close();
            return [kept, latest.dropped, first.length, error,
                await kind(() => websocket.connect('http://127.0.0.1:6000/')),
                await kind(() => websocket.connect('/ws/echo', { protocols: ['a', 'a'] })),
                await kind(() => websocket.connect('/ws/echo', { overflow: 'spill' })),
                await kind(() => websocket.connect('/ws/echo', { reconnect: true }))];";
        let expected =
            json!(["999", 999, 10, "too-large", "port", "subprotocol", "invalid-request", "invalid-request"]);
        expect(page, &page.first, script, expected).await
    })
}

fn kept_up(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let script = "
            const socket = websocket.reconnecting(`/ws/echo?key=${key}-kept&greet=hi&close=4000:again`, {
                backoff: { base: 5, cap: 5 }, attempts: 1, queue: { messages: 10 },
                heartbeat: { every: 10000, patience: 1000, ping: 'ping', isPong: (message) => message === 'pong' },
            });
            const states = (async () => { const seen = []; for await (const { state } of socket.changes()) seen.push(state); return seen; })();
            const got = [];
            let kind;
            try {
                for await (const message of socket) got.push(message);
            } catch (error) { kind = error.kind; }
            return [got, kind, await states, (await socket.closed()).code];";
        let states = json!(["connecting", "open", "lost", "connecting", "open", "closed"]);
        expect(page, &page.first, script, json!([["hi", "hi"], "closed", states, 4000])).await?;
        match page.record("kept").len() {
            2 => Ok(()),
            count => Err(format!("the server saw {count} connections")),
        }
    })
}

/// Runs the body of an async function, with `websocket` and `key` in scope, in a page of `origin`.
async fn expect(page: &Page, origin: &str, body: &str, expected: Value) -> Result<(), String> {
    let text = |error: fantoccini::error::CmdError| error.to_string();
    page.client.goto(&format!("{origin}/?key={}", page.key)).await.map_err(text)?;
    let script = RUN.replace("BODY", body);
    let told = page.client.execute_async(&script, vec![json!(page.key)]).await.map_err(text)?;
    if told == expected { Ok(()) } else { Err(format!("{told} in place of {expected}")) }
}

const RUN: &str = "
    const [key, done] = arguments;
    import('/pkg/pagewire.js').then(async (module) => {
        await module.default();
        const { websocket } = module;
        return (async () => { BODY })();
    }).then(done, (error) => done(String(error)));";
