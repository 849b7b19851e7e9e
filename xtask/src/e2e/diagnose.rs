//! Diagnoses against real causes: each failure is staged, and what the module says of it is held against its cause.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::{Claim, Page, Scene};
use crate::engine::Engine;

pub(super) const SCENARIOS: [Claim; 1] =
    [("every failure is diagnosed, and no wrong verdict is sure", matrix)];

/// A failure, staged.
struct Cause {
    name: &'static str,
    /// The page that meets it.
    page: Start,
    /// An async function's body that makes a request, with `http`, `second` and `closed` in scope.
    request: &'static str,
    probe: bool,
    verdict: &'static str,
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
    /// Cross-origin isolated.
    Isolated,
    /// From what the browser takes for a public address.
    Outside,
    /// In a browser whose network is switched off once the page is there.
    Offline,
}

const fn cause(name: &'static str, request: &'static str, verdict: &'static str) -> Cause {
    Cause { name, page: Start::Plain, request, probe: true, verdict, sure: false }
}

const fn sure(name: &'static str, request: &'static str, verdict: &'static str) -> Cause {
    Cause { sure: true, ..cause(name, request, verdict) }
}

const CAUSES: [Cause; 22] = [
    cause("a port where nobody listens", "http.get(closed)", "unreachable"),
    cause("a host without an address", "http.get('http://nobody.invalid/')", "unreachable"),
    sure("a server without CORS", "http.get(second + '/status/200?cors=off')", "blocked-by-cors"),
    sure(
        "another origin is allowed",
        "http.get(second + '/status/200?acao=http://other.example')",
        "blocked-by-cors",
    ),
    Cause {
        probe: false,
        ..cause("a server without CORS, unprobed", "http.get(second + '/status/200?cors=off')", "cannot-tell")
    },
    sure(
        "a header is not allowed",
        "http.get(second + '/status/200?acah=', { headers: { 'x-any': '1' } })",
        "blocked-by-cors",
    ),
    cause("a method is not allowed", "http.put(second + '/status/200?acam=GET', 'x')", "blocked-by-cors"),
    cause(
        "the preflight is refused",
        "http.put(second + '/status/200?preflight=500', 'x')",
        "blocked-by-cors",
    ),
    sure(
        "the preflight of JSON is refused",
        "http.post(second + '/status/200?preflight=405', null, { json: {} })",
        "blocked-by-cors",
    ),
    cause(
        "* for credentials",
        "http.get(second + '/status/200?cors=star', { withCredentials: true })",
        "blocked-by-cors",
    ),
    Cause {
        page: Start::Policy,
        ..sure("the page's policy", "http.get(second + '/status/200')", "blocked-by-csp")
    },
    Cause {
        page: Start::Policy,
        probe: false,
        ..sure("the page's policy, unprobed", "http.get(second + '/status/200')", "blocked-by-csp")
    },
    Cause {
        page: Start::Secure,
        ..sure("http from an https page", "http.get('http://plain.example/')", "mixed-content")
    },
    sure("a bad port", "http.get('http://127.0.0.1:6667/')", "bad-port"),
    sure("a time limit", "http.get('/delay/20000', { timeout: 50 })", "timed-out"),
    sure("the caller's abort", "http.get('/delay/20000', { signal: AbortSignal.timeout(50) })", "aborted"),
    sure("the browser's abort", "(setTimeout(() => window.stop(), 50), http.get('/delay/20000'))", "aborted"),
    sure("an error status", "http.get('/status/500').then((response) => response.errorForStatus())", "told"),
    cause(
        "a body cut off",
        "http.get('/raw?key=cut-' + Date.now() + '&times=1&end=fin&send=' + encodeURIComponent('HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\ncut'))",
        "interrupted",
    ),
    Cause { page: Start::Isolated, ..cause("an isolated page", "http.get(closed)", "cannot-tell") },
    Cause {
        page: Start::Outside,
        ..cause("the local network, not allowed", "http.get(second + '/status/200')", "local-network-access")
    },
    Cause { page: Start::Offline, ..sure("no network", "http.get('http://away.example/')", "offline") },
];

fn matrix(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let mut wrong = Vec::new();
        let (mut right, mut untold) = (0, 0);
        page.note("  cause -> verdict (confidence)".to_owned());
        for cause in &CAUSES {
            let Some((verdict, confidence, text)) = stage(page, cause).await? else {
                page.note(format!("  {}: cannot be staged with this driver", cause.name));
                continue;
            };
            page.note(format!("  {} -> {verdict} ({confidence})", cause.name));
            right += usize::from(verdict == cause.verdict);
            untold += usize::from(verdict == "cannot-tell");
            if verdict != cause.verdict || (cause.sure && confidence != "high") {
                wrong.push(format!("{}: {text}", cause.name));
            }
        }
        let home = format!("{}/?key={}", page.first, page.key);
        page.client.goto(&home).await.map_err(|error| error.to_string())?;
        page.note(format!(
            "  {right} of {} right, {untold} \"cannot tell\", {} not as claimed",
            CAUSES.len(),
            wrong.len()
        ));
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    })
}

/// Opens the page, fails, and gives verdict, confidence and text; nothing where the driver cannot do it.
async fn stage(page: &Page, cause: &Cause) -> Result<Option<(String, String, String)>, String> {
    let (origin, more) = match cause.page {
        Start::Plain | Start::Offline => (&page.first, ""),
        Start::Secure => (&page.secure, ""),
        Start::Outside => match &page.outside {
            Some(outside) => (outside, ""),
            None => return Ok(None),
        },
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
    if page.client.execute("return location.origin", Vec::new()).await.map_err(text)? != json!(origin) {
        return Ok(None);
    }
    let ready = page.client.execute_async(IMPORT, Vec::new()).await.map_err(text)?;
    if ready != json!("ready") {
        return Err(format!("{}: the module does not load: {ready}", cause.name));
    }
    if cause.page == Start::Isolated
        && page.client.execute("return crossOriginIsolated", Vec::new()).await.map_err(text)? != json!(true)
    {
        return Ok(None);
    }
    if cause.page == Start::Offline && !network(&page.client, page.engine, false).await {
        return Ok(None);
    }
    let script = FAIL.replace("REQUEST", cause.request);
    let arguments = vec![json!(page.second), json!(closed_port()), json!(cause.probe)];
    let told = page.client.execute_async(&script, arguments).await;
    if cause.page == Start::Offline {
        network(&page.client, page.engine, true).await;
    }
    let told = told.map_err(text)?;
    let part = |index: usize| told[index].as_str().unwrap_or_default().to_owned();
    if told.is_array() {
        Ok(Some((part(0), part(1), part(2))))
    } else {
        Err(format!("{}: {told}", cause.name))
    }
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
    Promise.resolve().then(() => REQUEST).then(
        () => done('it did not fail'),
        async (error) => {
            if (!error.diagnose) return done(`no diagnosis of ${error}`);
            const { verdict, confidence, text } = await error.diagnose({ probe });
            done([verdict, confidence, `${error.message}: ${text}`]);
        },
    ).catch((error) => done(String(error)));";

/// An address of this machine where nobody listens.
fn closed_port() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let port = listener.map_or(4, |address| address.port());
    format!("http://127.0.0.1:{port}/")
}

/// Switches the browser's network, where the driver can; says whether it could.
async fn network(client: &Client, engine: Engine, on: bool) -> bool {
    let result = match engine {
        Engine::Chromium => {
            let conditions =
                json!({ "offline": !on, "latency": 0, "download_throughput": -1, "upload_throughput": -1 });
            let body = json!({ "network_conditions": conditions });
            client.issue_cmd(Vendor { path: "chromium/network_conditions", body }).await
        }
        Engine::Firefox => {
            let context = |name: &str| Vendor { path: "moz/context", body: json!({ "context": name }) };
            if client.issue_cmd(context("chrome")).await.is_err() {
                return false;
            }
            let switched = client
                .execute(
                    &format!("Services.io.manageOfflineStatus = {on}; Services.io.offline = {}", !on),
                    Vec::new(),
                )
                .await;
            let back = client.issue_cmd(context("content")).await;
            switched.and(back)
        }
        Engine::Webkit => return false,
    };
    // The page hears of it in a task of its own.
    tokio::time::sleep(Duration::from_millis(200)).await;
    result.is_ok()
}

/// A command that only one vendor's driver knows.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
