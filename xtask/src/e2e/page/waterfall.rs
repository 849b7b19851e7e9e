//! The drawing of an exchange, measured on the screen: what stands where on its axis.

use serde_json::Value;

use super::super::{Page, Scene};
use super::demo::{Demo, ensure, on_a_phone, same};
use super::transfer::{DOWNLOAD, UPLOAD, UPLOAD_SHA256};
use super::{arrived_whole, cut_off, received};

pub(super) fn download(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        arrived_whole(&demo.only_entry().await?, DOWNLOAD)?;
        let drawn = Drawing::of(&demo).await?;
        same("the states", drawn.states()?, vec![0, 1, 2, 3, 4])?;
        let (moments, progress) = drawn.moments("download")?;
        same("the moments", moments, vec!["loadstart", "progress", "load", "loadend"])?;
        ensure(progress >= 4, || format!("progress was drawn {progress} times"))?;
        ensure(drawn.lane("upload").is_err(), || "nothing was sent, yet there is a lane for it".to_owned())?;
        // The server answers at once, then takes its time.
        let (first_byte, body) = (drawn.length("firstByte")?, drawn.length("body")?);
        ensure(first_byte < body / 2.0, || format!("first byte took {first_byte}, the body {body}"))?;
        drawn.stays_on_its_axis()
    })
}

pub(super) fn upload(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "upload").await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        received(&demo.only_entry().await?, UPLOAD, UPLOAD_SHA256)?;
        let drawn = Drawing::of(&demo).await?;
        let (sent, progress) = drawn.moments("upload")?;
        same("the upload's moments", sent, vec!["loadstart", "progress", "load", "loadend"])?;
        ensure(progress >= 4, || format!("progress was drawn {progress} times"))?;
        let (taken, _) = drawn.moments("download")?;
        same("the answer's moments", taken.last_chunk(), Some(&["load", "loadend"]))?;
        // The server takes its time to read, then answers in one piece.
        let (first_byte, body) = (drawn.length("firstByte")?, drawn.length("body")?);
        ensure(body < first_byte / 2.0, || format!("first byte took {first_byte}, the body {body}"))?;
        let (sending, whole) = (drawn.length("upload")?, drawn.length("download")?);
        ensure(sending <= whole, || format!("sending took {sending}, the whole {whole}"))?;
        drawn.stays_on_its_axis()
    })
}

pub(super) fn cancelled(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "upload").await?;
        demo.cancel_at(0.2).await?;
        cut_off(&demo.only_entry().await?)?;
        let drawn = Drawing::of(&demo).await?;
        same("the states", drawn.states()?, vec![0, 1, 4])?;
        let (sent, _) = drawn.moments("upload")?;
        same("the upload's moments", sent, vec!["loadstart", "progress", "abort", "loadend"])?;
        let (taken, _) = drawn.moments("download")?;
        same("the download's moments", taken, vec!["loadstart", "abort", "loadend"])?;
        ensure(drawn.length("body")? == 0.0, || "a body is drawn that never came".to_owned())?;
        drawn.stays_on_its_axis()
    })
}

pub(super) fn table(page: &Page) -> Scene<'_> {
    Box::pin(async move {
        let demo = Demo::ready(page, "download").await?;
        demo.press("start").await?;
        demo.becomes("done").await?;
        let drawn = Drawing::of(&demo).await?;
        same("the states", drawn.states()?, vec![0, 1, 2, 3, 4])?;
        demo.click(r#"[data-demo="download"] .waterfall summary"#).await?;
        for row in [
            "0 unsent",
            "1 opened",
            "2 headers received",
            "3 loading",
            "4 done",
            "loadstart",
            "progress, ",
            "loadend",
        ] {
            demo.shows(r#"[data-demo="download"] .waterfall table"#, row).await?;
        }
        for phase in ["DNS", "Connect", "TLS", "First byte", "Body"] {
            demo.shows(r#"[data-demo="download"] .waterfall table"#, phase).await?;
        }
        Ok(())
    })
}

pub(super) fn narrow(page: &Page) -> Scene<'_> {
    Box::pin(on_a_phone(page, narrowed(page)))
}

async fn narrowed(page: &Page) -> Result<(), String> {
    let demo = Demo::ready(page, "download").await?;
    demo.press("start").await?;
    demo.becomes("done").await?;
    demo.click(r#"[data-demo="download"] .waterfall summary"#).await?;
    demo.fits_its_window().await?;
    Drawing::of(&demo).await?.stays_on_its_axis()
}

/// Where everything is on the screen, as shares of the axis.
const MEASURE: &str = "
    const lanes = document.querySelectorAll(`[data-demo=${arguments[0]}] [data-lane]`);
    return Object.fromEntries([...lanes].map((lane) => {
        const axis = lane.querySelector('.track').getBoundingClientRect();
        const place = (drawn) => {
            const { left, right } = drawn.getBoundingClientRect();
            return { from: (left - axis.left) / axis.width, to: (right - axis.left) / axis.width };
        };
        const each = (selector) => [...lane.querySelectorAll(selector)].map((it) => ({ ...it.dataset, ...place(it) }));
        return [lane.dataset.lane, { bars: each('.bar'), marks: each('.mark') }];
    }))";

/// A mark is wider than the moment that it stands for: in shares of the axis.
const SLACK: f64 = 0.03;

struct Drawing(Value);

impl Drawing {
    async fn of(demo: &Demo<'_>) -> Result<Self, String> {
        demo.script(MEASURE).await.map(Self)
    }

    /// The ready states, each of which begins where the one before it ends.
    fn states(&self) -> Result<Vec<u64>, String> {
        let bars = self.things("state", "bars")?;
        for pair in bars.windows(2) {
            let gap = (place(&pair[1], "from") - place(&pair[0], "to")).abs();
            ensure(gap < SLACK, || format!("a gap of {gap} between the states {pair:?}"))?;
        }
        let state = |bar: &Value| bar["state"].as_str()?.parse().ok();
        bars.iter()
            .map(state)
            .collect::<Option<_>>()
            .ok_or_else(|| format!("states without a number: {bars:?}"))
    }

    /// The moments from left to right, repeated progress once, and how many times there was progress.
    fn moments(&self, lane: &str) -> Result<(Vec<&str>, usize), String> {
        let marks = self.things(lane, "marks")?;
        let middles = marks.iter().map(|mark| (place(mark, "from") + place(mark, "to")) / 2.0);
        let forward = middles.collect::<Vec<_>>().windows(2).all(|pair| pair[0] <= pair[1] + SLACK);
        ensure(forward, || format!("the marks of {lane} go back: {marks:?}"))?;
        let mut moments: Vec<_> = marks.iter().filter_map(|mark| mark["moment"].as_str()).collect();
        let progress = moments.iter().filter(|moment| **moment == "progress").count();
        moments.dedup();
        Ok((moments, progress))
    }

    /// The length of the one bar of a lane; what took no time has none.
    fn length(&self, lane: &str) -> Result<f64, String> {
        match self.things(lane, "bars")? {
            [] => Ok(0.0),
            [bar] => Ok(place(bar, "to") - place(bar, "from")),
            bars => Err(format!("the lane {lane} has the bars {bars:?}")),
        }
    }

    fn stays_on_its_axis(&self) -> Result<(), String> {
        let lanes = self.0.as_object().into_iter().flatten();
        let mut all =
            lanes.flat_map(|(_, lane)| [&lane["bars"], &lane["marks"]]).filter_map(Value::as_array).flatten();
        let off = all.find(|it| place(it, "from") < -SLACK || place(it, "to") > 1.0 + SLACK);
        ensure(off.is_none(), || format!("off the axis: {off:?}"))
    }

    fn things(&self, lane: &str, kind: &str) -> Result<&[Value], String> {
        let things = self.lane(lane)?[kind].as_array();
        things.map(Vec::as_slice).ok_or_else(|| format!("no {kind} in the lane {lane}"))
    }

    fn lane(&self, name: &str) -> Result<&Value, String> {
        self.0.get(name).ok_or_else(|| format!("there is no lane {name}"))
    }
}

/// Not a number where there is none, which no comparison lets pass.
fn place(thing: &Value, side: &str) -> f64 {
    thing[side].as_f64().unwrap_or(f64::NAN)
}
