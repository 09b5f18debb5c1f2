//! What can't be true at once about a pull request, its commit and the results: then there is no
//! comment, since it could stand below somebody else's change, or one that says that there are no
//! results.

use crate::cli::PublishArgs;
use crate::model::{Addresses, CiContext, RunReport, Trust, short_commit};
use crate::publish::Forge;

use super::super::Place;
use super::target::forge;
use super::unusable::Unusable;

/// What contradicts what, in words for the user, if anything does.
pub(super) fn contradiction(
    arguments: &PublishArgs,
    context: &CiContext,
    place: &Place,
) -> Option<String> {
    of_addresses(context, place).or_else(|| of_numbers(arguments, context))
}

/// Instead of an address that makes no sense, the default one would be taken: another server's, which
/// must not see the token.
fn of_addresses(context: &CiContext, place: &Place) -> Option<String> {
    let Addresses {
        api,
        graphql,
        server,
        ..
    } = &context.addresses;
    let told: &[_] = match forge(context) {
        Forge::GitHub => &[
            ("GITHUB_API_URL", api),
            ("GITHUB_GRAPHQL_URL", graphql),
            ("GITHUB_SERVER_URL", server),
        ],
        Forge::GitLab => &[("CI_API_V4_URL", api), ("CI_SERVER_URL", server)],
    };
    let mut told = told.iter();
    let is_bad = |(name, address): &&(&str, &Option<String>)| {
        address.is_none() && place.env.get(name).is_some()
    };
    let (name, _) = told.find(is_bad)?;
    Some(format!("`{name}` is no plain http or https address"))
}

fn of_numbers(arguments: &PublishArgs, context: &CiContext) -> Option<String> {
    let (asked, told) = (arguments.pull_request?, context.pull_request?);
    let is_here = is_here(arguments, context) && context.is_certain();
    (is_here && asked != told).then(|| {
        format!(
            "`--pull-request {asked}` contradicts the pipeline, which is about pull request {told}; \
             leave it out"
        )
    })
}

/// Why the results can't be those of this pipeline, if so. Ones that don't say their commit are
/// nobody's: a file that was checked in, or left by an earlier job, would pass for a verdict.
pub(super) fn of_commits(
    arguments: &PublishArgs,
    context: &CiContext,
    report: &RunReport,
) -> Option<Unusable> {
    let judged = report.judged.commit.as_deref();
    let proposed = context.commit.as_deref()?;
    let is_own = judged.is_some_and(|judged| is_of_pipeline(judged, context));
    if is_own || is_free(arguments, context) {
        return None;
    }
    let advice = match context.event.as_deref() {
        Some("pull_request_target") => {
            "this event starts with the base, so check the head out before `semtest run`"
        }
        _ if context.pull_request.is_none() && context.trust == Trust::Trusted => {
            "name the pull request with `--pull-request` if that is meant"
        }
        _ => "publish the results of its own run",
    };
    let whose = judged.map_or_else(
        || "don't say of which commit they are".to_owned(),
        |judged| format!("are of commit {}", short_commit(judged)),
    );
    Some(Unusable::OfAnother {
        reason: format!(
            "the results {whose}, and this pipeline is about {}",
            short_commit(proposed)
        ),
        advice,
    })
}

/// Whether the pull request lies in the repository that the pipeline runs for.
pub(super) fn is_here(arguments: &PublishArgs, context: &CiContext) -> bool {
    let own = [&context.repository, &context.project_id];
    let is_own = |name: &String| {
        let mut own = own.iter().filter_map(|own| own.as_ref());
        own.any(|own| own.eq_ignore_ascii_case(name))
    };
    arguments.repository.as_ref().is_none_or(is_own)
}

/// Whether `judged` is what the pipeline is about: its commit, or the merge that tries that out.
pub(super) fn is_of_pipeline(judged: &str, context: &CiContext) -> bool {
    let merge = context.base.as_ref().and_then(|base| base.merge.as_deref());
    [context.commit.as_deref(), merge].contains(&Some(judged))
}

/// Whether the user may publish results of any commit: in a job that is about no pull request, and
/// names one. Results that a stranger could have written never are free.
pub(super) fn is_free(arguments: &PublishArgs, context: &CiContext) -> bool {
    let names_one = arguments.pull_request.is_some() || !is_here(arguments, context);
    names_one && context.pull_request.is_none() && context.trust == Trust::Trusted
}

/// The commit whose files are shown: of a pull request its head, also where its trial merge was
/// judged. What a stranger's results say of another commit is not linked, as it could be anybody's.
pub(super) fn linked<'a>(report: &'a RunReport, context: &'a CiContext) -> Option<&'a String> {
    let judged = report.judged.commit.as_ref()?;
    match &context.commit {
        Some(own) if is_of_pipeline(judged, context) => Some(own),
        Some(_) if context.trust != Trust::Trusted => None,
        Some(_) | None => Some(judged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BaseRevision;

    /// A commit named by one digit.
    fn name(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    fn report(judged: char) -> RunReport {
        let mut report = RunReport::sample();
        report.judged.commit = Some(name(judged));
        report
    }

    /// A pull request whose head is `a`, tried out as `c`.
    fn context(trust: Trust) -> CiContext {
        CiContext {
            commit: Some(name('a')),
            base: Some(BaseRevision {
                merge: Some(name('c')),
                ..BaseRevision::default()
            }),
            trust,
            ..CiContext::default()
        }
    }

    fn stranger() -> Trust {
        Trust::Untrusted {
            reason: String::new(),
        }
    }

    #[test]
    fn links_lead_to_the_head_also_where_its_trial_merge_was_judged() {
        for judged in ['a', 'c'] {
            for trust in [Trust::Trusted, stranger()] {
                let context = context(trust);
                assert_eq!(linked(&report(judged), &context), Some(&name('a')));
            }
        }
    }

    #[test]
    fn links_lead_to_no_commit_that_a_stranger_names() {
        let other = report('d');
        assert_eq!(linked(&other, &context(stranger())), None);
        assert_eq!(linked(&other, &context(Trust::Trusted)), Some(&name('d')));
        let laptop = CiContext::default();
        assert_eq!(linked(&other, &laptop), Some(&name('d')));
    }
}
