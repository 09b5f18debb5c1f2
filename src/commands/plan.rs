//! What a run would do, for `--plan` and for what tells of it before.

use std::num::NonZeroU32;

use crate::config::Settings;
use crate::evaluate::Plan;
use crate::model::Votes;
use crate::ui::Ui;

/// One line a file: who would judge which scenarios of it.
pub(super) fn print_plan(plan: &Plan, settings: &Settings, ui: &Ui) {
    for spec in &plan.specs {
        let ids: Vec<&str> = spec
            .scenarios()
            .map(|scenario| scenario.id.as_str())
            .collect();
        let calls = calls(spec.calls(), settings);
        let mut line = vec![spec.file.path.clone(), spec.key.clone(), ids.join(", ")];
        if spec.calls_a_model() {
            line.push(in_words(calls, "call"));
        }
        ui.item(&line.join(" · "));
    }
    ui.item(&plan_total(plan, settings));
}

/// What a run amounts to before it starts.
pub(super) fn plan_total(plan: &Plan, settings: &Settings) -> String {
    let each = plan.specs.iter().map(|spec| calls(spec.calls(), settings));
    let add = |(least, most): (u32, u32), spec: (u32, u32)| {
        (least.saturating_add(spec.0), most.saturating_add(spec.1))
    };
    let scenarios: usize = plan.specs.iter().map(|spec| spec.scenarios().count()).sum();
    format!(
        "{}, {}, {}, {} at once",
        counted(plan.specs.len(), "file"),
        counted(scenarios, "scenario"),
        in_words(each.fold((0, 0), add), "model call"),
        plan.jobs
    )
}

/// What to say where somebody chose votes that a run with `--repeat` does not use.
pub(super) fn ignored_votes(settings: &Settings) -> Option<String> {
    let is_ignored = settings.repeat > NonZeroU32::MIN && settings.votes != Votes::Auto;
    is_ignored.then(|| {
        format!(
            "`votes` ({}) does not count beside `repeat` ({}): each run is one vote",
            settings.votes, settings.repeat
        )
    })
}

/// The fewest and the most calls with `--repeat`, which may end after the first run.
fn calls((least, most): (u32, u32), settings: &Settings) -> (u32, u32) {
    (least, most.saturating_mul(settings.repeat.get()))
}

fn in_words((least, most): (u32, u32), noun: &str) -> String {
    let most_of_them = counted(usize::try_from(most).unwrap_or(usize::MAX), noun);
    if least == most {
        most_of_them
    } else {
        format!("{least} to {most_of_them}")
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
