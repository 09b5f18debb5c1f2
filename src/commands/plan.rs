//! What a run would do, for `--plan` and for what tells of it before.

use crate::config::Settings;
use crate::evaluate::Plan;
use crate::ui::Ui;

/// One line a file: who would judge which scenarios of it.
pub(super) fn print_plan(plan: &Plan, settings: &Settings, ui: &Ui) {
    for spec in &plan.specs {
        let ids: Vec<&str> = spec
            .scenarios()
            .map(|scenario| scenario.id.as_str())
            .collect();
        ui.item(&format!(
            "{} · {} · {}",
            spec.file.path,
            spec.key,
            ids.join(", ")
        ));
    }
    ui.item(&plan_total(plan, settings));
}

/// What a run amounts to before it starts.
pub(super) fn plan_total(plan: &Plan, settings: &Settings) -> String {
    let calls = plan
        .specs
        .iter()
        .filter(|spec| spec.calls_a_model())
        .count();
    let scenarios: usize = plan.specs.iter().map(|spec| spec.scenarios().count()).sum();
    let repeat = usize::try_from(settings.repeat.get()).unwrap_or(usize::MAX);
    format!(
        "{}, {}, at most {}, {} at once",
        counted(plan.specs.len(), "file"),
        counted(scenarios, "scenario"),
        counted(calls.saturating_mul(repeat), "model call"),
        plan.jobs
    )
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
