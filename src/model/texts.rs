//! Every text of a run that may hold what strangers wrote, for whoever has to change them all.
//!
//! Each value is taken apart completely, so that a new field does not compile until somebody has
//! decided whether it is such a text.

use super::{
    Attempt, Because, Failure, Judged, Location, Outcome, RuleChange, RunReport, SpecUsage,
    TestResult, ValidationIssue, Waiver,
};

impl RunReport {
    /// Gives each text to `change`.
    pub fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            version: _,
            started: _,
            duration: _,
            project,
            judge,
            results,
            issues,
            strict: _,
            allow_empty: _,
            interruption: _,
            usage,
            untrusted,
            judged: Judged {
                commit: _,
                directory,
            },
            rule_changes,
        } = self;
        change(directory);
        change(project);
        change(judge);
        for result in results {
            result.for_each_text(change);
        }
        for issue in issues {
            issue.for_each_text(change);
        }
        for SpecUsage {
            path,
            judge,
            usage: _,
            tools,
        } in usage
        {
            change(path);
            change(judge);
            for tool in tools {
                change(&mut tool.name);
            }
        }
        each(untrusted, change);
        for RuleChange { file, text } in rule_changes {
            change(file);
            change(text);
        }
    }
}

impl TestResult {
    /// Gives each text to `change`.
    pub fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            id,
            title,
            path,
            line: _,
            group,
            outcome,
            duration: _,
            attempts,
            calibration: _,
            because,
        } = self;
        change(id);
        change(title);
        change(path);
        each(group, change);
        outcome.for_each_text(change);
        for Attempt {
            outcome,
            duration: _,
        } in attempts
        {
            outcome.for_each_text(change);
        }
        if let Some(because) = because {
            because.for_each_text(change);
        }
    }
}

impl Outcome {
    fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Pass => {}
            Self::Fail(failure) => failure.for_each_text(change),
            Self::Error { message } => change(message),
            Self::Invalid { reason } => each(reason, change),
            Self::Skip { reason } => change(reason),
        }
    }
}

impl Because {
    fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Waived(waiver) | Self::Expired(waiver) => {
                let Waiver {
                    id,
                    reason,
                    owner,
                    until: _,
                } = waiver;
                change(id);
                change(reason);
                each(owner, change);
            }
            Self::Level | Self::Noisy(_) | Self::New => {}
        }
    }
}

impl Failure {
    fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            expectation,
            observed,
            location,
            location_note,
            evidence,
            resolution,
        } = self;
        each(expectation, change);
        each(observed, change);
        each(location_note, change);
        each(evidence, change);
        if let Some(known) = location {
            let mut text = known.as_str().to_owned();
            change(&mut text);
            *location = Location::parse(&text);
        }
        each(resolution, change);
    }
}

impl ValidationIssue {
    fn for_each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        let Self {
            kind: _,
            path,
            id,
            message,
        } = self;
        change(path);
        each(id, change);
        change(message);
    }
}

fn each(text: &mut Option<String>, change: &mut dyn FnMut(&mut String)) {
    if let Some(text) = text {
        change(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_left_out() {
        let mut report = RunReport::sample();
        report.for_each_text(&mut |text| text.clear());
        let shown = format!(
            "{:?}",
            (
                &report.results,
                &report.issues,
                &report.usage,
                &report.rule_changes,
            )
        );
        let texts: Vec<&str> = shown.split('"').skip(1).step_by(2).collect();
        assert!(texts.len() > 20, "{shown}");
        assert!(texts.iter().all(|text| text.is_empty()), "{shown}");
    }
}
