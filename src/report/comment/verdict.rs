//! The first line and the last one: what came of the run, and where the whole of it is.

use super::memory::Change;
use super::remarks::grouped_count;
use super::text::{code, text};
use super::{Links, Options, Sizes};
use crate::model::{RunReport, RunStatus, short_commit};
use crate::report::headline::headline;

/// Verdict, what is new or fixed, cost, judge.
pub(super) fn first_line(report: &RunReport, options: &Options, sizes: &Sizes) -> String {
    let sign = match report.status() {
        RunStatus::Pass if report.counts().judged() == 0 => "⚠️",
        RunStatus::Pass => "✅",
        RunStatus::Fail => "❌",
        RunStatus::Error => "⚠️",
    };
    let verdict = format!("{} **{}**", titled(sign, options, sizes), headline(report));
    let change = options
        .change
        .as_ref()
        .and_then(|change| in_words(change, report));
    let parts = [
        Some(verdict),
        change,
        report.cost_in_brief(),
        judge(report, sizes),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The sign, with the comment's own title if it has one.
pub(super) fn titled(sign: &str, options: &Options, sizes: &Sizes) -> String {
    let title = options
        .title
        .as_deref()
        .map(|title| text(title, sizes.name));
    match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("{sign} {title} ·"),
        None => sign.to_owned(),
    }
}

fn in_words(change: &Change, report: &RunReport) -> Option<String> {
    let counted = [(change.new.len(), "new"), (change.fixed.len(), "fixed")];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = counted
        .map(|(count, word)| format!("{} {word}", grouped_count(count)))
        .collect();
    let fails = report.blocking().failed > 0;
    let words = match (words.is_empty(), fails && !change.is_partial) {
        (false, _) => words.join(", "),
        (true, true) => "nothing new".to_owned(),
        (true, false) => return None,
    };
    Some(match &change.since {
        Some(commit) if change.since == report.judged.commit => {
            format!("{words} since the last run of `{}`", short_commit(commit))
        }
        Some(commit) => format!("{words} since `{}`", short_commit(commit)),
        None => format!("{words} since the last comment"),
    })
}

/// Who judged. Files may name judges of their own; `report.judge` may have judged none of them.
fn judge(report: &RunReport, sizes: &Sizes) -> Option<String> {
    let mut judges: Vec<&str> = Vec::new();
    for spec in &report.usage {
        if !judges.contains(&spec.judge.as_str()) && judges.len() < MOST_JUDGES {
            judges.push(&spec.judge);
        }
    }
    let Some(first) = judges.first() else {
        let is_judged = report.counts().judged() > 0;
        return is_judged.then(|| "checks only, no model asked".to_owned());
    };
    let named = code(first, sizes.name);
    let named = if named.is_empty() {
        "an unnamed judge"
    } else {
        &named
    };
    Some(match judges.len() {
        1 => format!("judged by {named}"),
        MOST_JUDGES.. => format!("judged by {named} and others"),
        several => format!("judged by {named} and {} more", several - 1),
    })
}

/// From here on judges are not counted: a stranger's report may have a million.
const MOST_JUDGES: usize = 20;

/// Commit, full report, version: small, at the end.
pub(super) fn last_line(report: Option<&RunReport>, links: &Links, sizes: &Sizes) -> String {
    let mut parts = Vec::new();
    if let Some(commit) = report.and_then(|report| report.judged.commit.as_deref()) {
        parts.push(format!("Judged {}", short_commit(commit)));
    }
    parts.extend(match (links.run(), report) {
        (Some(address), Some(_)) => {
            Some(format!("[full report: summary and artifacts]({address})"))
        }
        (Some(address), None) => Some(format!("[the run with its log]({address})")),
        (None, Some(_)) => Some("full report: `latest.md` in the results".to_owned()),
        (None, None) => None,
    });
    parts.push(match report {
        Some(report) => text(&format!("semtest {}", report.version), sizes.version),
        None => format!("semtest {}", env!("CARGO_PKG_VERSION")),
    });
    format!("<sub>{}</sub>", parts.join(" · "))
}
