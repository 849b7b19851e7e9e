//! What the times say: the tables, what was reached and what not, and all of it as JSON.

use serde_json::{Value, json};

use super::jobs::{Against, Kind, Target};
use super::measure::{Run, Times};
use super::statistics::{Ratio, median};

/// Whether a figure was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// With 95 % confidence.
    Reached,
    /// By a part of the interval: so many rounds cannot tell.
    Undecided,
    NotReached,
}

impl Verdict {
    fn of(ratio: Ratio, at_most: f64) -> Self {
        match ratio {
            Ratio { high, .. } if high <= at_most => Verdict::Reached,
            Ratio { low, .. } if low <= at_most => Verdict::Undecided,
            _ => Verdict::NotReached,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Verdict::Reached => "reached",
            Verdict::Undecided => "reached within the interval",
            Verdict::NotReached => "not reached",
        }
    }
}

impl Times {
    fn of(&self, label: &str) -> Option<&[f64]> {
        let place = self.job.contenders.iter().position(|contender| contender.label == label)?;
        self.times.get(place).map(Vec::as_slice)
    }

    /// The label and the times of the quickest contender of these kinds.
    fn quickest(&self, is: impl Fn(Kind) -> bool) -> Option<(&'static str, &[f64])> {
        let contenders = self.job.contenders.iter().zip(&self.times);
        contenders
            .filter(|(contender, _)| is(contender.kind))
            .map(|(contender, times)| (contender.label, times.as_slice()))
            .min_by(|(_, one), (_, other)| median(one).total_cmp(&median(other)))
    }

    /// What pagewire is compared with there.
    fn against(&self, target: &Target) -> Option<(&'static str, &[f64])> {
        match target.against {
            Against::One(label) => self.of(label).map(|times| (label, times)),
            Against::RustPeers => self.quickest(|kind| kind == Kind::RustPeer),
            Against::Peers => self.quickest(Kind::is_peer),
        }
    }

    /// The other's label, the ratio, and what it says of the figure.
    fn judge(&self, target: &Target) -> Option<(&'static str, Ratio, Verdict)> {
        let (label, others) = self.against(target)?;
        let ratio = Ratio::of(self.times.first()?, others);
        Some((label, ratio, Verdict::of(ratio, target.at_most)))
    }
}

/// The run as Markdown: a table of the figures, then one of each job.
pub(super) fn table(run: &Run) -> String {
    let text = |key: &str| run.facts[key].as_str().unwrap_or("?").to_owned();
    let mut lines = vec![
        format!("## {}, {} rounds, {} cores, {}", run.browser, run.rounds, run.facts["cores"], text("date")),
        String::new(),
        "| job | figure | measured (95 %) | |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    for times in &run.jobs {
        for target in times.job.targets {
            let Some((label, ratio, verdict)) = times.judge(target) else { continue };
            let who = match target.against {
                Against::One(_) => label.to_owned(),
                Against::RustPeers => format!("the best Rust peer, {label}"),
                Against::Peers => format!("the best peer, {label}"),
            };
            lines.push(format!(
                "| {} | <= {} x {who} | {} | {} |",
                times.job.title,
                target.at_most,
                ratio_text(ratio),
                verdict.as_str()
            ));
        }
    }
    run.jobs.iter().for_each(|times| job_table(times, &mut lines));
    lines.join("\n")
}

fn job_table(times: &Times, lines: &mut Vec<String>) {
    let best = times.quickest(Kind::is_peer);
    let best_label = best.map_or("-", |(label, _)| label);
    lines.push(format!("\n### {}\n", times.job.title));
    lines
        .push(format!("| | median ms | x {} (95 %) | x the best peer, {best_label} (95 %) |", times.job.raw));
    lines.push("| --- | ---: | --- | --- |".to_owned());
    for (contender, own) in times.job.contenders.iter().zip(&times.times) {
        let to = |others: Option<&[f64]>| {
            others.map_or("-".to_owned(), |others| ratio_text(Ratio::of(own, others)))
        };
        lines.push(format!(
            "| {} | {:.1} | {} | {} |",
            contender.label,
            median(own),
            to(times.of(times.job.raw)),
            to(best.map(|(_, times)| times))
        ));
    }
}

fn ratio_text(ratio: Ratio) -> String {
    // A ratio far below one needs its own digits.
    let digits = if ratio.median < 0.1 { 3 } else { 2 };
    format!("{:.digits$} ({:.digits$} to {:.digits$})", ratio.median, ratio.low, ratio.high)
}

/// The run with all its times.
pub(super) fn json(run: &Run) -> Value {
    let jobs: Vec<Value> = run.jobs.iter().map(job_json).collect();
    json!({ "browser": run.browser, "facts": run.facts, "rounds": run.rounds, "jobs": jobs })
}

fn job_json(times: &Times) -> Value {
    let raw = times.of(times.job.raw).unwrap_or_default();
    let contenders: Vec<Value> = times
        .job
        .contenders
        .iter()
        .zip(&times.times)
        .map(|(contender, own)| {
            json!({
                "name": contender.label,
                "ms": own,
                "median": median(own),
                "to_raw": ratio_json(Ratio::of(own, raw)),
            })
        })
        .collect();
    let targets: Vec<Value> = times
        .job
        .targets
        .iter()
        .filter_map(|target| {
            let (against, ratio, verdict) = times.judge(target)?;
            let (at_most, verdict) = (target.at_most, verdict.as_str());
            Some(json!({ "against": against, "at_most": at_most, "ratio": ratio_json(ratio), "verdict": verdict }))
        })
        .collect();
    json!({ "job": times.job.name, "title": times.job.title, "raw": times.job.raw, "contenders": contenders, "targets": targets })
}

fn ratio_json(ratio: Ratio) -> Value {
    json!({ "median": ratio.median, "low": ratio.low, "high": ratio.high })
}

#[cfg(test)]
mod tests {
    use super::super::jobs::JOBS;
    use super::{Ratio, Times, Verdict};

    #[test]
    fn a_figure_is_reached_only_when_the_whole_interval_reaches_it() {
        let verdict = |low, high| Verdict::of(Ratio { median: (low + high) / 2.0, low, high }, 1.05);
        assert_eq!(verdict(1.0, 1.05), Verdict::Reached);
        assert_eq!(verdict(1.05, 1.2), Verdict::Undecided);
        assert_eq!(verdict(1.06, 1.2), Verdict::NotReached);
    }

    #[test]
    fn no_peer_faster_means_the_quickest_of_them() {
        let job = &JOBS[0];
        assert_eq!(job.name, "get");
        // pagewire 10 ms; each other contender a millisecond slower than the one before, but the third, reqwest.
        let mut times: Vec<Vec<f64>> =
            (0..job.contenders.len()).map(|place| vec![10.0 + place as f64; 7]).collect();
        times[2] = vec![8.0; 7];
        let times = Times { job, times };
        let (label, ratio, verdict) = times.judge(&job.targets[1]).unwrap();
        assert_eq!((label, ratio.median, verdict), ("reqwest", 1.25, Verdict::NotReached));
        let (label, _, verdict) = times.judge(&job.targets[0]).unwrap();
        assert_eq!((label, verdict), (job.raw, Verdict::Reached));
    }
}
