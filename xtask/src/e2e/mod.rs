//! The end-to-end run: drives the built page in a real browser and judges it by what the server saw.

mod diagnose;
pub(crate) mod driver;
mod leaving;
mod lifecycle;
mod page;
pub(crate) mod session;
mod websocket;

use std::cell::RefCell;
use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fantoccini::Client;
use pagewire_server::{Entry, Journal, Options as ServerOptions, Server};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::engine::{Engine, Ready, SCREEN};
use crate::steps::Step;
use crate::test::Row;
use crate::{Workbench, interrupt};
use session::Session;

/// How long one scenario may take.
const SCENARIO_LIMIT: Duration = Duration::from_secs(30);

/// A scenario's running: `Ok` when its claim held, else one line that says what was seen instead.
pub(crate) type Scene<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + 'a>>;

/// One claim about the page. Written as `fn name(page: &Page) -> Scene<'_> { Box::pin(async move { ... }) }`.
pub(crate) type Scenario = for<'a> fn(&'a Page) -> Scene<'a>;

/// What a scenario is given: the page, just opened at `<first>/?key=<key>`, and its witness, the server.
///
/// When the scenario has returned, `window.__unclaimed` of the page must be an empty array too.
pub(crate) struct Page {
    /// The browser: window of 1280 by 900, the page loaded.
    pub(crate) client: Client,
    /// The page's own origin, such as `http://127.0.0.1:4600`.
    pub(crate) first: String,
    /// The server's other port: another origin, the same site.
    pub(crate) second: String,
    /// The same page over https, with a certificate made at start.
    pub(crate) secure: String,
    /// The same page from a public address, as far as the browser knows, where it can be made to believe that.
    pub(crate) outside: Option<String>,
    pub(crate) engine: Engine,
    /// What the server recorded.
    pub(crate) journal: Journal,
    /// Unique to this scenario.
    pub(crate) key: String,
    notes: RefCell<Vec<String>>,
}

impl Page {
    /// Prints a line when the scenario is over.
    pub(crate) fn note(&self, line: String) {
        self.notes.borrow_mut().push(line);
    }

    /// What the server recorded for one demo, under `<key>-<demo>`.
    pub(crate) fn record(&self, demo: &str) -> Vec<Entry> {
        self.journal.entries(&format!("{}-{demo}", self.key))
    }

    /// Asks `probe` every 20 ms until it gives a value. `what` names what was awaited, for the failure's line.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        limit: Duration,
        mut probe: impl AsyncFnMut() -> Option<T>,
    ) -> Result<T, String> {
        let give_up = Instant::now() + limit;
        loop {
            if let Some(value) = probe().await {
                return Ok(value);
            }
            if Instant::now() > give_up {
                return Err(format!("after {} ms still not: {what}", limit.as_millis()));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A scenario with the claim that names it.
pub(crate) type Claim = (&'static str, Scenario);

/// The scenarios whose claim contains `filter`.
pub(crate) fn chosen(filter: Option<&str>) -> Vec<Claim> {
    let all = page::SCENARIOS
        .iter()
        .chain(&diagnose::SCENARIOS)
        .chain(&leaving::SCENARIOS)
        .chain(&lifecycle::SCENARIOS)
        .chain(&websocket::SCENARIOS)
        .copied();
    all.filter(|(claim, _)| filter.is_none_or(|word| claim.contains(word))).collect()
}

/// Runs scenarios in one engine; each is one test.
pub(crate) fn run(bench: &Workbench, ready: &Ready, scenarios: &[Claim], step: &Step) -> Result<Row> {
    let mut row = Row { listed: scenarios.len(), ..Row::default() };
    bench.runtime.block_on(async {
        let www = Some(bench.workspace.root.join("www"));
        let server = Server::start(ServerOptions { www: www.clone(), ..ServerOptions::default() }).await?;
        let secure = Server::start(ServerOptions { www, tls: true, ..ServerOptions::default() }).await?;
        let outside = Server::start(ServerOptions {
            www: Some(bench.workspace.root.join("www")),
            ..ServerOptions::default()
        })
        .await?;
        let public = Public::of(ready.engine, &outside);
        let session = open_session(bench, ready, public.as_ref(), step, &mut row).await?;
        step.say(&session.browser());
        let pictures = empty_folder(bench, ready.engine)?;
        let run = Run {
            pictures,
            engine: ready.engine,
            server: &server,
            secure: &secure,
            outside: public.map(|public| public.origin),
            session: &session,
            step,
        };
        for (number, (claim, scenario)) in scenarios.iter().enumerate() {
            if interrupt::came() {
                break;
            }
            step.detail(claim);
            match run.one(number, *scenario).await {
                Ok(()) => row.passed += 1,
                Err(reason) => {
                    let shown = run.screenshot(claim).await;
                    step.say(&format!("FAILED in {}: {claim}: {reason}\n  {shown}", ready.engine));
                    row.failed.push((*claim).to_owned());
                }
            }
        }
        run.whole_page()
            .await
            .unwrap_or_else(|error| step.say(&format!("no picture of the page: {error:#}")));
        session.close().await;
        server.stop().await;
        secure.stop().await;
        outside.stop().await;
        Ok(row)
    })
}

/// A driver or browser that crashes at its start gets a second chance, loudly.
async fn open_session(
    bench: &Workbench,
    ready: &Ready,
    public: Option<&Public>,
    step: &Step,
    row: &mut Row,
) -> Result<Session> {
    let arguments = public.map(Public::arguments).unwrap_or_default();
    match Session::start(bench, ready, &arguments).await {
        Ok(session) => Ok(session),
        Err(error) => {
            step.say(&format!("{} DID NOT START ({error:#}); trying once more", ready.engine));
            row.notes.push("the browser started only at the second attempt".to_owned());
            Session::start(bench, ready, &arguments)
                .await
                .with_context(|| format!("{} does not start", ready.engine))
        }
    }
}

/// A server of this machine that the browser takes for one of the public network.
struct Public {
    origin: String,
    port: String,
}

impl Public {
    /// Only Chromium can be told so.
    fn of(engine: Engine, server: &Server) -> Option<Public> {
        let port = server.origins().first()?.rsplit_once(':')?.1.to_owned();
        (engine == Engine::Chromium).then(|| Public { origin: format!("http://app.example:{port}"), port })
    }

    fn arguments(&self) -> Vec<String> {
        vec![
            "host-resolver-rules=MAP app.example 127.0.0.1".to_owned(),
            format!("ip-address-space-overrides=127.0.0.1:{}=public", self.port),
            // The permission is for secure contexts alone.
            format!("unsafely-treat-insecure-origin-as-secure={}", self.origin),
        ]
    }
}

/// Where the pictures go; those of an earlier run would mislead.
fn empty_folder(bench: &Workbench, engine: Engine) -> Result<PathBuf> {
    let folder = bench.workspace.target.join("e2e").join(engine.to_string().to_lowercase());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

struct Run<'a> {
    /// `target/e2e/<engine>`
    pictures: PathBuf,
    engine: Engine,
    server: &'a Server,
    secure: &'a Server,
    outside: Option<String>,
    session: &'a Session,
    step: &'a Step,
}

impl Run<'_> {
    async fn one(&self, number: usize, scenario: Scenario) -> Result<(), String> {
        let [first, second] = self.server.origins() else {
            return Err("the server has not two origins".to_owned());
        };
        let page = Page {
            client: self.session.client.clone(),
            first: first.clone(),
            second: second.clone(),
            secure: self.secure.origins().first().cloned().unwrap_or_default(),
            outside: self.outside.clone(),
            engine: self.engine,
            journal: self.server.journal(),
            key: format!("e2e-{number}"),
            notes: RefCell::default(),
        };
        let scene = async {
            page.client
                .goto(&format!("{}/?key={}", page.first, page.key))
                .await
                .map_err(|error| error.to_string())?;
            scenario(&page).await?;
            nothing_unclaimed(&page.client).await
        };
        let outcome = timeout(SCENARIO_LIMIT, scene).await;
        for line in page.notes.borrow().iter() {
            self.step.say(line);
        }
        outcome.unwrap_or_else(|_| Err(format!("not done in {} s", SCENARIO_LIMIT.as_secs())))
    }

    /// Saves what the window shows and says where.
    async fn screenshot(&self, name: &str) -> String {
        match self.save(name).await {
            Ok(file) => format!("screenshot: {}", file.display()),
            Err(error) => format!("no screenshot: {error:#}"),
        }
    }

    async fn save(&self, name: &str) -> Result<PathBuf> {
        let picture = timeout(Duration::from_secs(10), self.session.client.screenshot()).await??;
        let name: String =
            name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let file = self.pictures.join(format!("{name}.png"));
        fs::write(&file, picture)?;
        Ok(file)
    }

    /// A picture of the page as a whole, for people to look at.
    async fn whole_page(&self) -> Result<()> {
        let client = &self.session.client;
        let height = client.execute("return document.documentElement.scrollHeight", Vec::new()).await?;
        let height = height.as_u64().and_then(|height| u32::try_from(height).ok()).unwrap_or(900);
        client.set_window_size(1280, height.saturating_add(150).min(SCREEN.1)).await?;
        self.save("the whole page").await?;
        Ok(())
    }
}

/// The page itself records errors and rejections that nobody handled.
async fn nothing_unclaimed(client: &Client) -> Result<(), String> {
    match client.execute("return window.__unclaimed", Vec::new()).await {
        Ok(Value::Array(unclaimed)) if unclaimed.is_empty() => Ok(()),
        Ok(Value::Array(unclaimed)) => Err(format!("unclaimed on the page: {}", Value::Array(unclaimed))),
        Ok(_) => Err("the page does not record unclaimed errors in window.__unclaimed".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
