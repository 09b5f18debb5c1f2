//! The comment of a pull request: a run for a reviewer who reads it on a phone. The first line is the
//! verdict; each failure takes a few lines.
//!
//! It is rendered at several levels of detail, since a comment must be short: who posts it takes the
//! first that fits. Where it goes is `publish`'s business.
//!
//! GitHub ends a line where the source does, GitLab only where two blanks stand before: lines of one
//! paragraph are joined by those, everything else is a paragraph of its own. Every line begins
//! with words or signs of ours, never with foreign text.

mod links;
mod memory;
mod problem;
mod remarks;
mod rules;
mod text;
mod verdict;

#[cfg(test)]
mod any_run;
#[cfg(test)]
mod tests;

pub use links::Links;
pub use memory::{Change, Memory};

use crate::model::{RunReport, short_commit};

use problem::{Problem, problems};
use remarks::grouped_count;

/// What a rendering needs besides the run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where links lead.
    pub links: Links,
    /// What tells this comment from others of the same pull request, if a user named it. Foreign.
    pub title: Option<String>,
    /// What is different since the last comment.
    pub change: Option<Change>,
    /// Why a reader should not trust these results, in words for the user, if so. Foreign.
    pub caution: Option<String>,
    /// The commit that the pipeline is about, hexadecimal, if that is known: where there are no
    /// results, nothing else tells it.
    pub commit: Option<String>,
}

/// How much is told, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything that a reviewer needs.
    Full,
    /// Shorter texts, and fewer failures in full.
    Short,
    /// Each failure in one line.
    Titles,
    /// Numbers only; always fits: less than 2,000 bytes.
    Numbers,
}

impl Detail {
    /// All levels, the most detailed first.
    pub const ALL: [Self; 4] = [Self::Full, Self::Short, Self::Titles, Self::Numbers];

    fn sizes(self) -> Sizes {
        let full = Sizes {
            open: 5,
            folded: 200,
            listed: 0,
            text: 300,
            name: 120,
            rules: 10,
            remark: 300,
            version: 60,
        };
        match self {
            Self::Full => full,
            Self::Short => Sizes {
                folded: 0,
                listed: 100,
                text: 120,
                name: 80,
                rules: 5,
                ..full
            },
            Self::Titles => Sizes {
                open: 0,
                folded: 0,
                listed: 100,
                text: 60,
                name: 60,
                rules: 3,
                remark: 200,
                ..full
            },
            Self::Numbers => Sizes {
                open: 0,
                folded: 0,
                listed: 0,
                text: 40,
                name: 40,
                rules: 0,
                remark: 60,
                version: 20,
            },
        }
    }
}

/// How much of what a level tells. Texts in bytes before they are made safe, which may lengthen them
/// to a few times of that.
struct Sizes {
    /// Failures in full that everybody sees.
    open: usize,
    /// Failures in full behind a fold.
    folded: usize,
    /// Failures in one line each.
    listed: usize,
    /// What was observed.
    text: usize,
    /// Names and short reasons.
    name: usize,
    /// Lines about what does not block, and about changes of that.
    rules: usize,
    /// Warnings at the top.
    remark: usize,
    /// The version of semtest.
    version: usize,
}

/// Renders a run.
#[must_use]
pub fn render(report: &RunReport, options: &Options, detail: Detail) -> String {
    let sizes = detail.sizes();
    let mut blocks = vec![verdict::first_line(report, options, &sizes)];
    blocks.extend(remarks::warnings(report, options, &sizes));
    blocks.extend(rules::changed(report, &sizes));
    let problems = problems(report, options);
    push_problems(&mut blocks, &problems, options, &sizes);
    if detail != Detail::Numbers {
        blocks.extend(rules::excused(report, &sizes));
        blocks.extend(rules::noisy(report, &sizes));
        blocks.extend(remarks::fixed(report, options, &sizes));
        blocks.extend(remarks::rest(report, &sizes));
    }
    blocks.push(verdict::last_line(Some(report), &options.links, &sizes));
    page(&blocks)
}

/// Renders what there is to say where a run left no results: `reason` in words for the user.
#[must_use]
pub fn render_missing(reason: &str, options: &Options) -> String {
    let sizes = Detail::Full.sizes();
    let mut blocks = vec![format!(
        "{} **ERROR: no results**",
        verdict::titled("⚠️", options, &sizes)
    )];
    if let Some(caution) = &options.caution {
        let caution = remarks::sentence(caution, sizes.remark);
        blocks.push(format!("> ⚠️ **Caution:** {caution}"));
    }
    let commit = options.commit.as_deref().map(short_commit);
    // Of what is no commit nothing is left, and code without content is none.
    let commit = commit.filter(|commit| !commit.is_empty());
    let commit = commit.map_or_else(String::new, |commit| format!(" of commit `{commit}`"));
    blocks.push(format!(
        "The run{commit} left nothing that could be shown: {} What an earlier run found may no longer hold.",
        remarks::sentence(reason, sizes.text)
    ));
    blocks.push(verdict::last_line(None, &options.links, &sizes));
    page(&blocks)
}

fn push_problems(
    blocks: &mut Vec<String>,
    problems: &[Problem<'_>],
    options: &Options,
    sizes: &Sizes,
) {
    let (open, rest) = problems.split_at(sizes.open.min(problems.len()));
    blocks.extend(open.iter().map(|one| one.in_full(options, sizes.text)));
    let (folded, rest) = rest.split_at(sizes.folded.min(rest.len()));
    let (listed, rest) = rest.split_at(sizes.listed.min(rest.len()));
    let mut more: Vec<String> = folded
        .iter()
        .map(|one| one.in_full(options, sizes.text))
        .collect();
    let lines: Vec<String> = listed
        .iter()
        .map(|one| one.in_one_line(sizes.name))
        .collect();
    more.extend((!lines.is_empty()).then(|| lines.join("\n")));
    if open.is_empty() || more.is_empty() {
        blocks.extend(more);
    } else {
        let count = grouped_count(folded.len() + listed.len());
        blocks.push(format!("<details><summary>{count} more</summary>"));
        blocks.extend(more);
        blocks.push("</details>".to_owned());
    }
    if !rest.is_empty() {
        let count = grouped_count(rest.len());
        let also = if rest.len() < problems.len() {
            "more "
        } else {
            ""
        };
        blocks.push(format!(
            "{count} {also}failed or could not be judged: see the full report."
        ));
    }
}

/// Blocks with a blank line between them. Foreign text that became code keeps its `<`; nothing may look
/// like the hidden line by which we know our comments.
fn page(blocks: &[String]) -> String {
    let page = blocks.join("\n\n") + "\n";
    page.replace("<!--", "<!- -")
}
