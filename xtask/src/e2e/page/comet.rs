//! The four ways to follow a feed, side by side: what each shows, and what it took, by the server's record.

use std::time::Duration;

use pagewire_server::{Entry, How};
use serde_json::{Value, json};

use super::super::{Page, Scene};
use super::demo::{Demo, ensure, said, same};

const WAYS: [&str; 4] = ["short", "long", "stream", "sse"];

/// Longer than all attempts of a way that fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn all_four(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let feed = Feed::ready(page).await?;
        feed.demo.press("start").await?;
        for way in WAYS {
            feed.asks(way).await?;
        }
        for number in 1..=3 {
            feed.publish(1).await?;
            feed.shown_by_all(number).await?;
        }
        feed.publish(5).await?;
        feed.shown_by_all(8).await?;
        // By the time that short polling has asked once more, nothing has come twice.
        let asked = page.record("comet-short").len();
        page.until("short polling asks again", PATIENCE, async || {
            (page.record("comet-short").len() > asked + 1).then_some(())
        })
        .await?;
        feed.shown_by_all(8).await?;
        for way in WAYS {
            same(&format!("the messages of {way}"), feed.gauge(way, "messages").await?, json!("8"))?;
            feed.demo.shows(&format!("[data-way={way}] [data-gauge=median]"), " ms").await?;
        }
        Ok(())
    })
}

pub(super) fn empty_answers(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let feed = Feed::ready(page).await?;
        feed.press("short").await?;
        page.until("short polling has asked four times", PATIENCE, async || {
            (page.record("comet-short").len() >= 4).then_some(())
        })
        .await?;
        feed.press("short").await?;
        feed.becomes("short", "cancelled").await?;
        let seen = feed.ended("short").await?;
        let empty = seen.iter().filter(|entry| matches!(entry.status, Some(204 | 304))).count();
        ensure(empty >= 3, || format!("only {empty} answers were empty"))?;
        feed.demo.shows("[data-way=short] [data-gauge=empty]", &empty.to_string()).await?;
        same("rings", feed.count("[data-way=short] circle.empty").await?, json!(empty))?;
        same("messages", feed.count("[data-way=short] .message").await?, json!(0))
    })
}

pub(super) fn one_request_a_message(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let feed = Feed::ready(page).await?;
        feed.press("long").await?;
        feed.asks("long").await?;
        for number in 1..=5_usize {
            feed.publish(1).await?;
            feed.shown(number, "long").await?;
            let again = number + 1;
            page.until("the next question is asked", PATIENCE, async || {
                (page.record("comet-long").len() == again).then_some(())
            })
            .await?;
        }
        let seen = page.record("comet-long");
        let held = seen.last().is_some_and(|entry| entry.ended.is_none());
        ensure(held, || "the last question is not held".to_owned())?;
        same("the requests", seen.len(), 6)?;
        feed.demo.shows("[data-way=long] [data-gauge=requests]", "6").await?;
        same("the bars", feed.count("[data-way=long] rect.request").await?, json!(6))
    })
}

pub(super) fn one_request_in_all(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let feed = Feed::ready(page).await?;
        for way in ["stream", "sse"] {
            feed.press(way).await?;
            feed.asks(way).await?;
        }
        for number in 1..=5_usize {
            feed.publish(1).await?;
            for way in ["stream", "sse"] {
                feed.shown(number, way).await?;
            }
        }
        for way in ["stream", "sse"] {
            let seen = page.record(&format!("comet-{way}"));
            same(&format!("the requests of {way}"), seen.len(), 1)?;
            let open = seen.iter().all(|entry| entry.ended.is_none() && entry.sent > 0);
            ensure(open, || format!("{way}: {seen:?}"))?;
            feed.demo.shows(&format!("[data-way={way}] [data-gauge=requests]"), "1").await?;
        }
        Ok(())
    })
}

pub(super) fn stopped(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let feed = Feed::ready(page).await?;
        feed.demo.press("start").await?;
        for way in WAYS {
            feed.asks(way).await?;
        }
        feed.demo.press("stop").await?;
        for way in WAYS {
            feed.becomes(way, "cancelled").await?;
        }
        for way in ["long", "stream", "sse"] {
            let seen = feed.ended(way).await?;
            let how: Vec<_> = seen.iter().filter_map(|entry| Some(entry.ended.as_ref()?.how)).collect();
            same(&format!("the end of {way}"), how, vec![How::Disconnected])?;
            feed.demo.shows(&format!("[data-way={way}] .cross"), "×").await?;
        }
        Ok(())
    })
}

pub(super) fn other_origin(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let feed = Feed::ready(page).await?;
        feed.demo.choose("#comet-feed [name=feed]", "its other origin").await?;
        feed.demo.press("start").await?;
        for way in WAYS {
            feed.asks(way).await?;
        }
        feed.publish(1).await?;
        feed.shown_by_all(1).await?;
        feed.publish(1).await?;
        feed.shown_by_all(2).await?;
        for way in WAYS {
            let seen = page.record(&format!("comet-{way}"));
            let foreign = seen.iter().all(|entry| entry.origin.as_ref() == Some(&page.first));
            ensure(foreign, || format!("{way} asked its own origin"))?;
            let preflights = seen.iter().filter(|entry| entry.method == "OPTIONS").count();
            ensure((preflights > 0) == (way == "short"), || format!("{way}: {preflights} preflights"))?;
        }
        Ok(())
    })
}

pub(super) fn failures(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        // No listener there: bound, and let go at once.
        let nobody =
            std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|it| it.local_addr()).map_err(said)?;
        let address = format!("{}/?key={}&nchan=http://{nobody}", page.first, page.key);
        page.client.goto(&address).await.map_err(said)?;
        let feed = Feed::ready(page).await?;
        feed.demo.choose("#comet-feed [name=feed]", &format!("Nchan at http://{nobody}")).await?;
        feed.demo.press("start").await?;
        for way in WAYS {
            feed.becomes(way, "failed").await?;
            feed.demo.shows(&format!("[data-way={way}] .verdict"), "network").await?;
        }
        feed.demo.press("publish").await?;
        feed.demo.shows("#comet-verdict", "network").await
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

async fn narrowed(page: &Page) -> Result<(), String> {
    let feed = Feed::ready(page).await?;
    feed.demo.press("start").await?;
    feed.publish(1).await?;
    feed.shown_by_all(1).await?;
    let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    same("what stands out at the side", feed.demo.script(wide).await?, json!(0))?;
    let off = feed.demo.script(OFF_THE_LANE).await?;
    same("what is drawn beside its lane", off, json!([]))
}

/// What of the drawings lies outside by more than half a ring.
const OFF_THE_LANE: &str = "
    return [...document.querySelectorAll('.lane-chart')].flatMap((lane) => {
        const { left, right } = lane.getBoundingClientRect();
        return [...lane.children].map((drawn) => drawn.getBoundingClientRect())
            .filter((it) => it.left < left - 6 || it.right > right + 6).map((it) => [it.left, it.right]);
    })";

/// The demo, with messages only when they are asked for.
struct Feed<'a> {
    page: &'a Page,
    demo: Demo<'a>,
}

impl<'a> Feed<'a> {
    async fn ready(page: &'a Page) -> Result<Self, String> {
        let demo = Demo::ready(page, "comet").await?;
        let silent = "
            const rate = document.querySelector('#comet-feed [name=rate]');
            rate.value = 0;
            rate.dispatchEvent(new Event('input'));";
        demo.script(silent).await?;
        Ok(Feed { page, demo })
    }

    /// The button of one way.
    async fn press(&self, way: &str) -> Result<(), String> {
        self.demo.click(&format!("[data-way={way}] button")).await
    }

    async fn becomes(&self, way: &str, state: &str) -> Result<(), String> {
        self.page
            .until(&format!("{way} is {state}"), PATIENCE, async || {
                let selector = format!("[data-way={way}][data-state={state}]");
                (self.count(&selector).await.ok()? == json!(1)).then_some(())
            })
            .await
    }

    /// Waits until the server has a question of this way.
    async fn asks(&self, way: &str) -> Result<(), String> {
        let record = format!("comet-{way}");
        let asked =
            async || self.page.record(&record).iter().any(|entry| entry.method == "GET").then_some(());
        self.page.until(&format!("{way} asks"), PATIENCE, asked).await
    }

    /// Presses the button so many times, and waits until the page shows that it was done.
    async fn publish(&self, times: usize) -> Result<(), String> {
        let before = self.count(".source .message").await?.as_u64().unwrap_or_default();
        for _ in 0..times {
            self.demo.press("publish").await?;
        }
        let all = json!(before + times as u64);
        self.page
            .until("all is published", PATIENCE, async || {
                (self.count(".source .message").await.ok()? == all).then_some(())
            })
            .await
    }

    async fn shown_by_all(&self, last: usize) -> Result<(), String> {
        for way in WAYS {
            self.shown(last, way).await?;
        }
        Ok(())
    }

    /// Waits until a way shows the last message: then it shows each up to that, once and in order.
    async fn shown(&self, last: usize, way: &str) -> Result<(), String> {
        let ids = format!(
            "return [...document.querySelectorAll('[data-way={way}] .message')].map((it) => it.dataset.id)"
        );
        let all: Value = (1..=last).map(|id| id.to_string()).collect();
        let seen = async || self.demo.script(&ids).await;
        let whole = async || seen().await.ok().filter(|ids| ids.as_array().map(Vec::len) >= Some(last));
        match self.page.until(&format!("{way} shows {last} messages"), PATIENCE, whole).await {
            Ok(ids) => same(&format!("the messages of {way}"), ids, all),
            Err(late) => Err(format!("{late}; it shows {:?}", seen().await)),
        }
    }

    async fn gauge(&self, way: &str, name: &str) -> Result<Value, String> {
        let text =
            format!("return document.querySelector('[data-way={way}] [data-gauge={name}]').textContent");
        self.demo.script(&text).await
    }

    async fn count(&self, selector: &str) -> Result<Value, String> {
        self.demo.script(&format!("return document.querySelectorAll('{selector}').length")).await
    }

    /// What the server recorded of a way, once all of it is over.
    async fn ended(&self, way: &str) -> Result<Vec<Entry>, String> {
        let record = format!("comet-{way}");
        let over = async || {
            let seen = self.page.record(&record);
            seen.iter().all(|entry| entry.ended.is_some()).then_some(seen)
        };
        self.page.until(&format!("{way} is over"), PATIENCE, over).await
    }
}
