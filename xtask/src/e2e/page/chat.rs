//! The chat in two tabs: what the other tab hears, also after a cut, and what the server saw.

use fantoccini::wd::WindowHandle;
use pagewire_server::{How, Side};
use serde_json::json;

use super::super::{Page, Scene};
use super::demo::{Demo, ensure, said, same};

const LOG: &str = r#"[data-demo="chat"] .log"#;

pub(super) fn two_tabs(page: &Page) -> Scene<'_> {
    Box::pin(in_two_tabs(page, async |tabs| {
        tabs.say("hello from the first").await?;
        tabs.show_second().await?;
        tabs.demo.shows(LOG, "first: hello from the first").await?;
        tabs.say("hello from the second").await?;
        tabs.show_first().await?;
        tabs.demo.shows(LOG, "second: hello from the second").await
    }))
}

pub(super) fn cut(page: &Page) -> Scene<'_> {
    Box::pin(in_two_tabs(page, async |tabs| {
        tabs.demo.press("cut").await?;
        tabs.demo.shows(LOG, "lost, code 1006").await?;
        tabs.say("said while away").await?;
        tabs.demo.shows(LOG, "said while away (waits for a connection)").await?;
        tabs.show_second().await?;
        tabs.demo.shows(LOG, "first: said while away").await?;
        tabs.show_first().await?;
        let drawn = "return [...document.querySelectorAll('.states rect')].map((it) => it.dataset.state)";
        let drawn = tabs.demo.script(drawn).await?;
        let states: Vec<_> = drawn.as_array().into_iter().flatten().filter_map(|it| it.as_str()).collect();
        same("the first states", states.get(..3), Some(&["connecting", "open", "lost"][..]))?;
        same("the last state", states.last(), Some(&"open"))?;
        let seen = page.record("chat");
        let [first, .., last] = &seen[..] else { return Err(format!("{seen:?}")) };
        same("the end that was cut", first.ended.as_ref().map(|end| end.how), Some(How::Disconnected))?;
        ensure(seen.iter().any(|entry| entry.status == Some(503)), || "no attempt was refused".to_owned())?;
        let after = last.websocket.as_ref().map(|socket| socket.messages_in);
        same("the messages after the cut", after, Some(1))
    }))
}

pub(super) fn flood(page: &Page) -> Scene<'_> {
    Box::pin(in_two_tabs(page, async |tabs| {
        tabs.demo.press("flood").await?;
        tabs.demo.shows(r#"[data-demo="chat"] [data-gauge="sent"]"#, "1,000").await?;
        tabs.drawn("sent").await?;
        tabs.show_second().await?;
        tabs.demo.shows(LOG, "first: 1,000 messages, none missing").await?;
        tabs.demo.shows(r#"[data-demo="chat"] [data-gauge="received"]"#, "1,000").await?;
        tabs.drawn("received").await?;
        tabs.show_first().await?;
        let arrived = page.record("chat").pop().and_then(|entry| Some(entry.websocket?.messages_in));
        same("what arrived", arrived, Some(1000))
    }))
}

pub(super) fn close(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = entered(page, "first").await?;
        close_with(&demo, "4001", "see you").await?;
        demo.becomes("done").await?;
        demo.tells("Closed cleanly: code 4001, reason “see you”.").await?;
        let entry = demo.only_entry().await?;
        let close = entry.websocket.and_then(|socket| socket.close).ok_or("no close frame was recorded")?;
        let seen = (close.by, close.code, close.reason.as_str());
        same("the close frame", seen, (Side::Client, Some(4001), "see you"))
    })
}

pub(super) fn refused_close(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = entered(page, "first").await?;
        for (code, reason) in [("1005", "bye"), ("4001", &"long ".repeat(25))] {
            demo.script("document.querySelector('[data-demo=chat] .log').replaceChildren()").await?;
            close_with(&demo, code, reason).await?;
            demo.shows(LOG, "invalid-request").await?;
        }
        demo.press("say").await?;
        let heard = async || {
            let socket = page.record("chat").pop()?.websocket?;
            (socket.messages_in == 1 && socket.close.is_none()).then_some(())
        };
        page.until("the server hears on", std::time::Duration::from_secs(10), heard).await
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

/// Runs a scene with the first tab in front, and leaves one tab.
async fn in_two_tabs(
    page: &Page,
    scene: impl AsyncFnOnce(&Tabs<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let tabs = Tabs::open(page).await?;
    let outcome = scene(&tabs).await;
    let closed = tabs.close().await;
    outcome.and(closed)
}

async fn narrowed(page: &Page) -> Result<(), String> {
    let demo = entered(page, "first").await?;
    demo.press("flood").await?;
    demo.shows(LOG, "1,000 messages in").await?;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    same("what stands out at the side", demo.script(wide).await?, json!(0))
}

async fn entered<'a>(page: &'a Page, name: &str) -> Result<Demo<'a>, String> {
    let demo = Demo::ready(page, "chat").await?;
    demo.type_over("#chat-room [name=room]", &page.key).await?;
    demo.type_over("#chat-room [name=name]", name).await?;
    demo.press("start").await?;
    demo.can_press("cut").await?;
    Ok(demo)
}

async fn close_with(demo: &Demo<'_>, code: &str, reason: &str) -> Result<(), String> {
    demo.type_over("#chat-close [name=code]", code).await?;
    demo.type_over("#chat-close [name=reason]", reason).await?;
    demo.press("close").await
}

/// The page in two tabs; whichever is in front, `demo` is its chat.
struct Tabs<'a> {
    page: &'a Page,
    demo: Demo<'a>,
    first: WindowHandle,
    second: WindowHandle,
}

impl<'a> Tabs<'a> {
    /// Both enter the same room; each records under a key of its own.
    async fn open(page: &'a Page) -> Result<Self, String> {
        let first = page.client.window().await.map_err(said)?;
        let demo = entered(page, "first").await?;
        let second = page.client.new_window(true).await.map_err(said)?.handle;
        let tabs = Tabs { page, demo, first, second };
        match tabs.enter_second().await {
            Ok(()) => Ok(tabs),
            Err(reason) => {
                tabs.close().await?;
                Err(reason)
            }
        }
    }

    async fn enter_second(&self) -> Result<(), String> {
        self.show_second().await?;
        let Page { first, key, .. } = self.page;
        self.page.client.goto(&format!("{first}/?key={key}-second")).await.map_err(said)?;
        entered(self.page, "second").await?;
        self.show_first().await
    }

    async fn show_first(&self) -> Result<(), String> {
        self.page.client.switch_to_window(self.first.clone()).await.map_err(said)
    }

    async fn show_second(&self) -> Result<(), String> {
        self.page.client.switch_to_window(self.second.clone()).await.map_err(said)
    }

    /// Closes the second, in which nothing may be unclaimed either.
    async fn close(&self) -> Result<(), String> {
        self.show_second().await?;
        let unclaimed = self.demo.script("return window.__unclaimed").await;
        self.page.client.close_window().await.map_err(said)?;
        self.show_first().await?;
        same("unclaimed in the second tab", unclaimed?, json!([]))
    }

    async fn say(&self, text: &str) -> Result<(), String> {
        self.demo.type_over("#chat-say [name=text]", text).await?;
        self.demo.press("say").await
    }

    /// Waits until the meter shows a bar of this direction.
    async fn drawn(&self, way: &str) -> Result<(), String> {
        let high = format!(
            "return [...document.querySelectorAll('.rates rect.{way}')].some((it) => it.getAttribute('height') > 20) || null"
        );
        self.demo.until_script(&format!("the meter shows what is {way}"), &high).await?;
        Ok(())
    }
}
