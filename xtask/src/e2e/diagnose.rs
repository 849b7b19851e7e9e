//! Diagnoses against real causes: each failure is staged, and what the module says of it is held against its cause.

use serde_json::json;

use super::driver::network;
use super::{Claim, Page, Scene};
use crate::engine::Engine;
use crate::port;

pub(super) const SCENARIOS: [Claim; 1] =
    [("every failure is diagnosed, and no wrong verdict is sure", matrix)];

/// A failure, staged.
struct Cause {
    name: &'static str,
    /// The page that meets it.
    page: Start,
    /// An expression that makes a request, with `http`, `second`, `closed` and `raw` in scope.
    request: &'static str,
    probe: bool,
    /// The verdict's word, and what it says beside that.
    verdict: &'static str,
    detail: &'static str,
    sure: bool,
}

/// Where the page comes from.
#[derive(Clone, Copy, PartialEq)]
enum Start {
    Plain,
    /// With a content security policy that lets it connect to its own origin only.
    Policy,
    /// Over https.
    Secure,
    /// Over https, with a policy that turns `http` into `https`.
    Upgrading,
    /// Cross-origin isolated.
    Isolated,
    /// From what the browser takes for a public address.
    Outside,
    /// In a browser whose network is switched off once the page is there.
    Offline,
}

impl Start {
    /// What a driver cannot stage. Anything else that is not staged is a failure.
    fn is_beyond(self, engine: Engine) -> bool {
        matches!(
            (self, engine),
            (Start::Offline, Engine::Webkit) | (Start::Outside, Engine::Firefox | Engine::Webkit)
        )
    }
}

const fn cause(
    name: &'static str,
    verdict: &'static str,
    detail: &'static str,
    request: &'static str,
) -> Cause {
    Cause { name, page: Start::Plain, request, probe: true, verdict, detail, sure: false }
}

const fn sure(
    name: &'static str,
    verdict: &'static str,
    detail: &'static str,
    request: &'static str,
) -> Cause {
    Cause { sure: true, ..cause(name, verdict, detail, request) }
}

const CORS: &str = "blocked-by-cors";
const CSP: &str = "blocked-by-csp";

#[rustfmt::skip]
const CAUSES: [Cause; 35] = [
    cause("a port where nobody listens", "unreachable", "", "http.get(closed)"),
    cause("a host without an address", "unreachable", "", "http.get('http://nobody.invalid/')"),
    cause("https of a server that speaks none", "unreachable", "", "http.get(second.replace('http:', 'https:') + '/status/200')"),
    cause("a connection that is always reset", "unreachable", "", "http.get(second + '/raw?end=rst')"),
    // Forbidden to be embedded, it cannot be told from one that is not there.
    cause("no CORS, and no embedding either", "unreachable", "", "http.get(second + '/status/200?cors=off&header=Cross-Origin-Resource-Policy:same-origin')"),
    cause("a body cut off", "interrupted", "", "http.get(raw('HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\ncut'))"),
    sure("a server without CORS", CORS, "origin", "http.get(second + '/status/200?cors=off')"),
    Cause { probe: false, ..cause("a server without CORS, unprobed", "cannot-tell", "not-probed", "http.get(second + '/status/200?cors=off')") },
    sure("another origin is allowed", CORS, "origin", "http.get(second + '/status/200?acao=http://other.example')"),
    cause("a token for a server without CORS", CORS, "origin", "http.get(second + '/status/200?cors=off', { bearerAuth: 't' })"),
    cause("a redirect to a server without CORS", CORS, "redirect", "http.get('/redirect?to=' + encodeURIComponent(second + '/status/200?cors=off'))"),
    cause("a header is not allowed", CORS, "preflight", "http.get(second + '/status/200?acah=', { headers: { 'x-any': '1' } })"),
    cause("the preflight of JSON is refused", CORS, "preflight", "http.post(second + '/status/200?preflight=405', null, { json: {} })"),
    cause("the preflight of an upload that is watched is refused", CORS, "preflight", "http.post(second + '/status/200?preflight=405', 'x', { onUpload() {} })"),
    cause("a method is not allowed", CORS, "method", "http.put(second + '/status/200?acam=GET', 'x')"),
    cause("the preflight of a method is refused", CORS, "method", "http.put(second + '/status/200?preflight=500', 'x')"),
    cause("* for credentials", CORS, "credentials", "http.get(second + '/status/200?cors=star', { withCredentials: true })"),
    cause("credentials are not allowed", CORS, "credentials", "http.get(second + '/status/200?acac=', { withCredentials: true })"),
    cause("an error page without CORS, after a POST", CORS, "answer", "http.post(raw('HTTP/1.1 500 Oops\\r\\nContent-Length: 0\\r\\n\\r\\n', second), 'x')"),
    Cause { page: Start::Policy, ..sure("the page's policy", CSP, "connect-src", "http.get(second + '/status/200')") },
    Cause { page: Start::Policy, probe: false, ..sure("the page's policy, unprobed", CSP, "connect-src", "http.get(second + '/status/200')") },
    Cause { page: Start::Policy, ..cause("the page's policy, after a redirect", CSP, "connect-src", "http.get('/redirect?to=' + encodeURIComponent(second + '/status/200'))") },
    Cause { page: Start::Secure, ..sure("http from an https page", "mixed-content", "", "http.get('http://plain.example/')") },
    Cause { page: Start::Upgrading, ..cause("http that the page turns into https", "unreachable", "", "http.get('http://plain.example/')") },
    sure("a bad port", "bad-port", "6667", "http.get('http://127.0.0.1:6667/')"),
    sure("a total limit", "timed-out", "total", "http.get('/delay/20000', { timeout: 50 })"),
    sure("a first-byte limit", "timed-out", "first-byte", "http.get('/delay/20000', { firstByteTimeout: 50 })"),
    sure("an idle limit", "timed-out", "idle", "http.get('/bytes/200000?chunk=100000&delay=20000', { idleTimeout: 300 })"),
    sure("the caller's abort", "aborted", "caller", "http.get('/delay/20000', { signal: AbortSignal.timeout(50) })"),
    sure("the browser's abort", "aborted", "browser", "(setTimeout(() => window.stop(), 50), http.get('/delay/20000'))"),
    sure("an error status", "told", "status", "http.get('/status/500').then((response) => response.errorForStatus())"),
    Cause { page: Start::Isolated, ..cause("an isolated page", "cannot-tell", "isolated", "http.get(closed)") },
    Cause { page: Start::Outside, ..cause("the local network, not allowed", "local-network-access", "", "http.get(second + '/status/200')") },
    Cause { page: Start::Offline, ..sure("no network", "offline", "", "http.get('http://away.example/')") },
    Cause { page: Start::Offline, probe: false, ..cause("no network, unprobed", "offline", "", "http.get('http://away.example/')") },
];

fn matrix(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let mut wrong = Vec::new();
        let (mut staged, mut untold, mut falsely_sure) = (0, 0, 0);
        page.note("  cause -> verdict, detail (confidence)".to_owned());
        for cause in &CAUSES {
            if cause.page.is_beyond(page.engine) {
                page.note(format!("  {}: cannot be staged with this driver", cause.name));
                continue;
            }
            let told = stage(page, cause).await?;
            page.note(format!("  {} -> {} {} ({})", cause.name, told.verdict, told.detail, told.confidence));
            staged += 1;
            untold += usize::from(told.verdict == "cannot-tell");
            let right = told.verdict == cause.verdict && told.detail == cause.detail;
            if !right || (cause.sure && told.confidence != "high") {
                wrong.push(format!("{}: {}", cause.name, told.text));
            }
            falsely_sure += usize::from(!right && told.confidence == "high");
        }
        let home = format!("{}/?key={}", page.first, page.key);
        page.client.goto(&home).await.map_err(|error| error.to_string())?;
        page.note(format!(
            "  {staged} of {} causes staged: {} as claimed, {untold} \"cannot tell\", {falsely_sure} wrong and sure",
            CAUSES.len(),
            staged - wrong.len(),
        ));
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    })
}

/// What the module said.
struct Told {
    verdict: String,
    detail: String,
    confidence: String,
    text: String,
}

/// Opens the page, fails, and asks why.
async fn stage(page: &Page, cause: &Cause) -> Result<Told, String> {
    let (origin, more) = match cause.page {
        Start::Plain | Start::Offline => (&page.first, ""),
        Start::Secure => (&page.secure, ""),
        Start::Outside => (page.outside.as_ref().unwrap_or(&page.first), ""),
        Start::Upgrading => (&page.secure, "&header=Content-Security-Policy:upgrade-insecure-requests"),
        Start::Policy => (&page.first, "&header=Content-Security-Policy:connect-src%20%27self%27"),
        Start::Isolated => (
            &page.first,
            "&header=Cross-Origin-Opener-Policy:same-origin&header=Cross-Origin-Embedder-Policy:require-corp",
        ),
    };
    // Blank: it asks for nothing that a policy or a lost network could keep from it.
    let start = format!("{origin}/status/200?header=Content-Type:text/html{more}");
    let text = |error: fantoccini::error::CmdError| format!("{}: {error}", cause.name);
    page.client.goto(&start).await.map_err(text)?;
    // A browser that does not take the server's own certificate stays where it was.
    let arrived = page.client.execute("return location.origin", Vec::new()).await.map_err(text)?;
    if arrived != json!(origin) {
        return Err(format!("{}: the page is at {arrived}", cause.name));
    }
    let ready = page.client.execute_async(IMPORT, Vec::new()).await.map_err(text)?;
    if ready != json!("ready") {
        return Err(format!("{}: the module does not load: {ready}", cause.name));
    }
    if cause.page == Start::Offline && !network(&page.client, page.engine, false).await {
        return Err(format!("{}: the driver does not switch the network off", cause.name));
    }
    let script = FAIL.replace("REQUEST", cause.request);
    let closed = port::free().map_err(|error| error.to_string())?;
    let arguments =
        vec![json!(page.second), json!(format!("http://127.0.0.1:{closed}/")), json!(cause.probe)];
    let told = page.client.execute_async(&script, arguments).await;
    if cause.page == Start::Offline {
        network(&page.client, page.engine, true).await;
    }
    let told = told.map_err(text)?;
    let part = |name: &str| told[name].as_str().map_or_else(|| told[name].to_string(), str::to_owned);
    if !told.is_object() {
        return Err(format!("{}: {told}", cause.name));
    }
    Ok(Told {
        verdict: part("verdict"),
        detail: part("detail"),
        confidence: part("confidence"),
        text: part("text"),
    })
}

const IMPORT: &str = "
    const done = arguments[arguments.length - 1];
    import('/pkg/pagewire.js').then(async (module) => {
        await module.default();
        window.pagewire = module;
        done('ready');
    }).catch((error) => done(String(error)));";

const FAIL: &str = "
    const [second, closed, probe, done] = arguments;
    const { http } = window.pagewire;
    // Once such an answer, byte by byte, and then the usual one.
    const raw = (answer, origin = '') =>
        `${origin}/raw?key=raw-${Math.random()}&times=1&end=fin&send=${encodeURIComponent(answer)}`;
    Promise.resolve().then(() => REQUEST).then(
        () => done('it did not fail'),
        async (error) => {
            if (!error.diagnose) return done(`no diagnosis of ${error}`);
            const { verdict, detail = '', confidence, text } = await error.diagnose({ probe });
            done({ verdict, detail, confidence, text: `${error.message}: ${text}` });
        },
    ).catch((error) => done(String(error)));";
