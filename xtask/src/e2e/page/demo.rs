//! One demo of the page under a person's hands: what can be pressed, what is shown, and what the server saw of it.

use std::fmt::{Debug, Display};
use std::time::Duration;

use fantoccini::Locator;
use fantoccini::elements::Element;
use pagewire_server::Entry;
use serde_json::{Value, json};

use super::super::Page;

/// Longer than any demo runs by itself.
const PATIENCE: Duration = Duration::from_secs(15);

const USUAL_WIDTH: u32 = 1280;
const PHONE_WIDTH: u32 = 390;
const HEIGHT: u32 = 900;

/// Keeps the positions that the progress bar takes; setting one changes the element's attribute.
const WATCH_BAR: &str = "
    const bar = document.querySelector(`[data-demo=${arguments[0]}] progress`);
    window.__bar = [];
    new MutationObserver(() => window.__bar.push(bar.position)).observe(bar, { attributes: true });";

pub(super) struct Demo<'a> {
    page: &'a Page,
    name: &'static str,
}

impl<'a> Demo<'a> {
    /// The demo, once the page has made it usable.
    pub(super) async fn ready(page: &'a Page, name: &'static str) -> Result<Self, String> {
        let demo = Demo { page, name };
        demo.can_press("start").await?;
        Ok(demo)
    }

    pub(super) async fn can_press(&self, action: &str) -> Result<(), String> {
        let button = format!("{}[aria-disabled=false]", self.button(action));
        self.wait(&format!("`{action}` of {} can be pressed", self.name), async || {
            self.find(&button).await.ok()
        })
        .await?;
        Ok(())
    }

    pub(super) async fn press(&self, action: &str) -> Result<(), String> {
        self.can_press(action).await?;
        self.click(&self.button(action)).await
    }

    pub(super) async fn click(&self, selector: &str) -> Result<(), String> {
        self.find(selector).await?.click().await.map_err(said)
    }

    pub(super) async fn type_into(&self, selector: &str, text: &str) -> Result<(), String> {
        self.find(selector).await?.send_keys(text).await.map_err(said)
    }

    pub(super) async fn type_over(&self, selector: &str, text: &str) -> Result<(), String> {
        self.find(selector).await?.clear().await.map_err(said)?;
        self.type_into(selector, text).await
    }

    /// Chooses an option of a `select` by its text.
    pub(super) async fn choose(&self, selector: &str, text: &str) -> Result<(), String> {
        self.find(selector).await?.select_by_label(text).await.map_err(said)
    }

    pub(super) async fn script(&self, text: &str) -> Result<Value, String> {
        let name = vec![Value::from(self.name)];
        self.page.client.execute(text, name).await.map_err(said)
    }

    /// Waits for one of the states `running`, `done`, `failed`, `cancelled`.
    pub(super) async fn becomes(&self, state: &str) -> Result<(), String> {
        let selector = format!("[data-demo={}][data-state={state}]", self.name);
        let reached =
            self.wait(&format!("{} is {state}", self.name), async || self.find(&selector).await.ok()).await;
        match reached {
            Ok(_) => Ok(()),
            Err(late) => Err(format!("{late}; the page said: {}", self.verdict().await?)),
        }
    }

    /// Waits until what `selector` finds shows `text`.
    pub(super) async fn shows(&self, selector: &str, text: &str) -> Result<(), String> {
        let shown = async || self.find(selector).await.ok()?.text().await.ok();
        let found = async || shown().await.filter(|shown| shown.contains(text));
        match self.wait(&format!("{selector} shows {text:?}"), found).await {
            Ok(_) => Ok(()),
            Err(late) => Err(format!("{late}; it shows {:?}", shown().await)),
        }
    }

    /// The outcome that the page tells: a second check, never the first.
    pub(super) async fn tells(&self, text: &str) -> Result<(), String> {
        self.shows(&format!("[data-demo={}] .verdict", self.name), text).await
    }

    /// Starts, stops once the bar has passed this share, and waits until the page says so.
    pub(super) async fn cancel_at(&self, share: f64) -> Result<(), String> {
        self.press("start").await?;
        self.bar_passes(share).await?;
        self.press("stop").await?;
        self.becomes("cancelled").await
    }

    /// Nothing of the page stands out at the side of the window.
    pub(super) async fn fits_its_window(&self) -> Result<(), String> {
        let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        same("what stands out at the side", self.script(wide).await?, json!(0))
    }

    pub(super) async fn watch_bar(&self) -> Result<(), String> {
        self.script(WATCH_BAR).await?;
        Ok(())
    }

    /// The watched bar went through several positions, always forward, to its end. Without a known total, as before
    /// the headers are there, its position is -1.
    pub(super) async fn bar_moved(&self) -> Result<(), String> {
        let positions = self.script("return window.__bar").await?;
        let mut positions: Vec<f64> = positions
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .filter(|position| *position >= 0.0)
            .collect();
        let forward = positions.is_sorted();
        positions.dedup();
        let between = positions.iter().filter(|position| **position > 0.0 && **position < 1.0).count();
        let whole = positions.last().is_some_and(|position| *position >= 1.0);
        ensure(forward && whole && between >= 4, || format!("the bar took the positions {positions:?}"))
    }

    /// Runs a script until it gives a value.
    pub(super) async fn until_script(&self, what: &str, text: &str) -> Result<Value, String> {
        self.wait(what, async || self.script(text).await.ok().filter(|value| !value.is_null())).await
    }

    pub(super) async fn bar_passes(&self, share: f64) -> Result<(), String> {
        let position = async || {
            let bar = "return document.querySelector(`[data-demo=${arguments[0]}] progress`).position";
            self.script(bar).await.ok()?.as_f64()
        };
        let passed = async || position().await.filter(|position| *position > share);
        self.wait(&format!("the bar passes {share}"), passed).await?;
        Ok(())
    }

    /// What the server recorded of this demo so far.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.page.record(self.name)
    }

    /// What the server recorded, once every request of it has ended.
    pub(super) async fn ended(&self) -> Result<Vec<Entry>, String> {
        let all_ended = async || {
            let entries = self.entries();
            let over = !entries.is_empty() && entries.iter().all(|entry| entry.ended.is_some());
            over.then_some(entries)
        };
        self.wait("the server recorded the end", all_ended).await
    }

    /// The one request that there was, once it has ended.
    pub(super) async fn only_entry(&self) -> Result<Entry, String> {
        let mut entries = self.ended().await?;
        same("the number of requests", entries.len(), 1)?;
        entries.pop().ok_or_else(|| "no request was recorded".to_owned())
    }

    fn button(&self, action: &str) -> String {
        format!("[data-demo={}] [data-action={action}]", self.name)
    }

    async fn verdict(&self) -> Result<String, String> {
        self.find(&format!("[data-demo={}] .verdict", self.name)).await?.text().await.map_err(said)
    }

    async fn find(&self, selector: &str) -> Result<Element, String> {
        self.page.client.find(Locator::Css(selector)).await.map_err(said)
    }

    async fn wait<T>(&self, what: &str, probe: impl AsyncFnMut() -> Option<T>) -> Result<T, String> {
        self.page.until(what, PATIENCE, probe).await
    }
}

/// Looks at the page in a window as narrow as a phone, and gives the window its width back.
pub(super) async fn on_a_phone(
    page: &Page,
    look: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    page.client.set_window_size(PHONE_WIDTH, HEIGHT).await.map_err(said)?;
    let seen = look.await;
    page.client.set_window_size(USUAL_WIDTH, HEIGHT).await.map_err(said)?;
    seen
}

pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

pub(super) fn same<T: PartialEq + Debug>(what: &str, seen: T, expected: T) -> Result<(), String> {
    ensure(seen == expected, || format!("{what}: expected {expected:?}, saw {seen:?}"))
}

pub(super) fn said(error: impl Display) -> String {
    error.to_string()
}
