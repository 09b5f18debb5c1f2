//! What holds for the comment of any run at all.

use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options as Extensions, Parser, Tag};

use super::tests::{BEFORE, options};
use super::*;
use crate::report::arbitrary;

/// Whether a renderer sees nothing on the page but what we put there.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else Markdown has is not ours"
)]
fn read(page: &str, options: &Options) -> Result<(), String> {
    let all =
        Extensions::ENABLE_TABLES | Extensions::ENABLE_STRIKETHROUGH | Extensions::ENABLE_TASKLISTS;
    let mut folds = 0;
    let ours =
        [&options.links.files, &options.links.run].map(|base| base.clone().unwrap_or_default());
    let mut is_command = false;
    for event in Parser::new_ext(page, all) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                let base = |base: &&String| !base.is_empty() && dest_url.starts_with(base.as_str());
                if !ours.iter().any(|one| base(&one)) {
                    return Err(format!("a link to {dest_url}"));
                }
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => is_command = true,
            Event::Text(text) if is_command => {
                if !text.starts_with("semtest ") || text.trim_end().contains('\n') {
                    return Err(format!("a block of {text}"));
                }
                is_command = false;
            }
            Event::Html(html) if html.starts_with("<details><summary>") => folds += 1,
            Event::Html(html) if html.trim_end() == "</details>" => folds -= 1,
            Event::InlineHtml(html) if ["<sub>", "</sub>"].contains(&&*html) => {}
            Event::Html(html) | Event::InlineHtml(html) => return Err(format!("HTML: {html}")),
            Event::Start(
                Tag::Paragraph
                | Tag::Strong
                | Tag::BlockQuote(_)
                | Tag::List(None)
                | Tag::Item
                | Tag::HtmlBlock,
            )
            | Event::End(_)
            | Event::Text(_)
            | Event::Code(_)
            | Event::SoftBreak
            | Event::HardBreak => {}
            other => return Err(format!("{other:?}")),
        }
    }
    if folds == 0 {
        Ok(())
    } else {
        Err(format!("{folds} folds are open"))
    }
}

fn any_options() -> impl Strategy<Value = Options> {
    let foreign = || prop::option::of("[-#:/._a-z\\[\\]<>&\"'`|@!() \n\u{202e}]{0,40}");
    let change = prop::option::of((prop::collection::btree_set(0..8_usize, 0..4), 0..8_usize));
    let texts = (foreign(), foreign(), foreign());
    (texts, change, any::<bool>()).prop_map(|((title, caution, commit), change, has_links)| {
        let change = change.map(|(new, fixed)| Change {
            since: Some(BEFORE.into()),
            new: new.into_iter().collect(),
            fixed: vec![fixed],
            is_partial: false,
        });
        let links = if has_links {
            options().links
        } else {
            Links::default()
        };
        Options {
            links,
            title,
            change,
            caution,
            commit,
        }
    })
}

proptest! {
    /// At every level: nothing foreign acts on the page, starts a line or forges our marker.
    #[test]
    fn any_run_is_safe_to_show(report in arbitrary::report(), options in any_options()) {
        let starts = [
            "❌ ", "⚠️ ", "✅ ", "- ❌ ", "- ⚠️ ", "> ", "Observed: ", "Expected: ", "Could not be judged: ",
            "At ", "Stated in ", "```", "~~~", "semtest ", "<details><summary>", "</details>", "<sub>",
            "Not judged: ", "Validation issue: ", "SIG", "- ⚪ ", "- In ", "- and ", "**Changes which", "**Don't block:**",
            "Observed by a failing vote: ", "Or let it pass", "Noisy, so ", "The run left", "The run of commit `",
        ];
        let missing = render_missing(&report.project, &options);
        let pages = Detail::ALL.map(|detail| render(&report, &options, detail));
        for page in pages.iter().chain([&missing]) {
            prop_assert!(!page.contains("<!--"), "{page}");
            for line in page.split(['\n', '\r']) {
                let is_count = line.starts_with(|first: char| first.is_ascii_digit());
                let known = line.is_empty() || is_count || starts.iter().any(|start| line.starts_with(start));
                prop_assert!(known, "{line:?}");
            }
            let read = read(page, &options);
            prop_assert!(read.is_ok(), "{read:?}\n{page}");
        }
        prop_assert!(pages[3].len() < 2_000);
    }

    #[test]
    fn a_failure_has_at_most_ten_lines_and_all_of_them_are_there(report in arbitrary::report(), options in any_options()) {
        let page = render(&report, &options, Detail::Full);
        let blocking = report.blocking();
        let is_problem = |block: &&str| block.starts_with("❌ **") || block.starts_with("⚠️ **");
        let problems: Vec<&str> = page.split("\n\n").skip(1).filter(is_problem).collect();
        prop_assert_eq!(problems.len(), blocking.failed + blocking.errored, "{}", page);
        prop_assert!(problems.iter().all(|block| block.lines().count() <= 10), "{page}");
    }
}
