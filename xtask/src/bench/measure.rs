//! The rounds: every contender does the job once in each, in an order that moves on by one and turns round.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use fantoccini::Client;
use fantoccini::wd::TimeoutConfiguration;
use serde_json::{Value, json};

use super::jobs::{Contender, Job};
use crate::e2e::driver::devtools;
use crate::e2e::session::Session;
use crate::engine::{Engine, Ready};
use crate::steps::Step;
use crate::{Workbench, interrupt};

/// How long one call may take; the slowest takes seconds.
const LONGEST: Duration = Duration::from_secs(120);

/// Time that has a resolution of 5 microseconds only where the page is isolated.
const ISOLATED: &str =
    "header=cross-origin-opener-policy:same-origin&header=cross-origin-embedder-policy:require-corp";

/// What was measured in one browser.
pub(super) struct Run {
    pub(super) browser: String,
    /// What the page says of its surroundings.
    pub(super) facts: Value,
    pub(super) rounds: u16,
    pub(super) jobs: Vec<Times>,
}

/// What was measured of one job.
pub(super) struct Times {
    pub(super) job: &'static Job,
    /// Of each contender, in the order of the job's, milliseconds by round.
    pub(super) times: Vec<Vec<f64>>,
}

pub(super) async fn run(
    bench: &Workbench,
    ready: &Ready,
    origin: &str,
    jobs: &[&'static Job],
    rounds: u16,
    step: &Step,
) -> Result<Run> {
    let session = Session::start(bench, ready, &arguments(ready.engine)).await?;
    let client = &session.client;
    let limits = TimeoutConfiguration::new(Some(LONGEST), None, None);
    client.update_timeouts(limits).await?;
    client.goto(&format!("{origin}/?{ISOLATED}")).await?;
    let facts = client.execute("return window.facts()", Vec::new()).await?;
    let mut run = Run { browser: session.browser(), facts, rounds, jobs: Vec::new() };
    for job in jobs.iter().filter(|job| !job.watched || ready.engine == Engine::Chromium) {
        step.say(job.title);
        if job.watched {
            devtools(client, "Network.enable", json!({})).await?;
        }
        run.jobs.push(measure(client, job, rounds, step).await?);
        if job.watched {
            devtools(client, "Network.disable", json!({})).await?;
        }
    }
    session.close().await;
    Ok(run)
}

/// Chromium lets a page collect its garbage where it is told so.
fn arguments(engine: Engine) -> Vec<String> {
    match engine {
        Engine::Chromium => vec!["js-flags=--expose-gc".to_owned()],
        Engine::Firefox | Engine::Webkit => Vec::new(),
    }
}

async fn measure(client: &Client, job: &'static Job, rounds: u16, step: &Step) -> Result<Times> {
    let mut times = vec![Vec::new(); job.contenders.len()];
    // The first round is the warm-up.
    for round in 0..=usize::from(rounds) {
        for turn in order(round, job.contenders.len()) {
            let contender = &job.contenders[turn];
            if interrupt::came() {
                return Err(anyhow!("interrupted"));
            }
            step.detail(&format!("{}: {}, round {round}", job.name, contender.label));
            let took = once(client, job, contender).await?;
            if round > 0 {
                times[turn].push(took);
            }
        }
    }
    Ok(Times { job, times })
}

/// Each once. Another begins in each round, and nobody always comes after the same one, whose garbage it might pay for.
fn order(round: usize, contenders: usize) -> impl Iterator<Item = usize> {
    let step = if round.is_multiple_of(2) { 1 } else { contenders - 1 };
    (0..contenders).map(move |place| (round + place * step) % contenders)
}

/// Lets the contender do the job; the page checks the answer.
async fn once(client: &Client, job: &Job, contender: &Contender) -> Result<f64> {
    let call = vec![
        json!(job.name),
        json!(contender.module),
        json!(contender.kind.is_wasm()),
        json!(contender.call),
        json!(contender.count),
    ];
    let script = "const done = arguments[5];
        window.run(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
            .then((took) => done({ took }), (error) => done({ error: String(error) }));";
    let what = || format!("{} by {}", job.name, contender.label);
    let outcome = client.execute_async(script, call).await.with_context(what)?;
    outcome["took"].as_f64().ok_or_else(|| anyhow!("{}: {}", what(), outcome["error"]))
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn each_has_its_turn_and_another_begins() {
        let orders: Vec<Vec<usize>> = (0..4).map(|round| order(round, 4).collect()).collect();
        assert_eq!(orders, [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]);
    }
}
