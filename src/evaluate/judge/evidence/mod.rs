//! Where a failure is: the place that an answer gives, held against the tree that the agent saw.
//!
//! A judge may err about the place and be right about the failure, so no verdict is changed here. What
//! leaves here exists, and whatever was amiss is said.

mod listing;
mod quote;
mod tree;
mod written;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{Failure, Location, Outcome};
use crate::sanitize::{self, Secrets};

use super::super::workplace::Workplace;
use super::{Context, INTERRUPTED};
use quote::Quote;
pub(crate) use tree::Tree;
use tree::{Kind, Spot};
use written::{Lines, Written, places};

/// How long the places of one answer are looked for: in code that a stranger wrote, an answer could name
/// thousands that are nowhere.
const LONGEST_LOOK: Duration = Duration::from_secs(30);

/// How much of a place that does not exist is quoted, in bytes.
const SHOWN_BYTES: usize = 200;

/// What is in doubt where an answer gives no place at all.
const NO_PLACE: &str = "the failure names no place; look for one before you believe it";

/// What a report says of one answer about one scenario.
pub(super) struct Placed {
    /// In terms of the project.
    pub(super) outcome: Outcome,
    /// Why the place of a failure is in doubt, for a validation issue.
    pub(super) doubt: Option<String>,
}

/// Holds each failure against the tree.
pub(super) async fn place(outcomes: Vec<Outcome>, context: &Context) -> Vec<Placed> {
    let is_failure = |outcome: &Outcome| matches!(outcome, Outcome::Fail(_));
    let tree = Arc::clone(&context.tree);
    let (workplace, secrets) = (context.workplace.clone(), Arc::clone(&context.secrets));
    let look = move |outcomes: Vec<Outcome>| {
        let witness = Witness {
            tree: &tree,
            workplace: &workplace,
            secrets: &secrets,
            until: Instant::now() + LONGEST_LOOK,
        };
        let placed = outcomes.into_iter().map(|outcome| witness.place(outcome));
        placed.collect::<Vec<_>>()
    };
    if !outcomes.iter().any(is_failure) {
        return look(outcomes);
    }
    // Files are read, and perhaps the tree is listed.
    let looked = tokio::task::spawn_blocking({
        let outcomes = outcomes.clone();
        move || look(outcomes)
    });
    let why = tokio::select! {
        looked = looked => match looked {
            Ok(placed) => return placed,
            Err(error) => error.to_string(),
        },
        () = context.cancel.cancelled() => INTERRUPTED.to_owned(),
    };
    let outcomes = outcomes.into_iter();
    outcomes
        .map(|outcome| unplaced(outcome, &why, &context.workplace))
        .collect()
}

/// A place that nobody could look for is none.
fn unplaced(outcome: Outcome, why: &str, workplace: &Workplace) -> Placed {
    let why = format!("the place of the failure could not be looked for: {why}");
    let (outcome, doubt) = match outcome {
        Outcome::Fail(failure) => (
            Outcome::Fail(Failure {
                location: None,
                location_note: Some(why.clone()),
                ..failure
            }),
            Some(why),
        ),
        outcome @ (Outcome::Pass
        | Outcome::Error { .. }
        | Outcome::Invalid { .. }
        | Outcome::Skip { .. }) => (outcome, None),
    };
    Placed {
        outcome: workplace.told(outcome),
        doubt,
    }
}

/// What answers are held against.
struct Witness<'a> {
    tree: &'a Tree,
    workplace: &'a Workplace,
    secrets: &'a Secrets,
    /// From then on nothing is looked for.
    until: Instant,
}

impl Witness<'_> {
    fn place(&self, outcome: Outcome) -> Placed {
        if Instant::now() > self.until {
            return unplaced(outcome, "there are too many", self.workplace);
        }
        let (outcome, doubt) = match outcome {
            Outcome::Fail(failure) => {
                let (failure, doubt) = self.place_failure(failure);
                (Outcome::Fail(failure), doubt)
            }
            outcome @ (Outcome::Pass
            | Outcome::Error { .. }
            | Outcome::Invalid { .. }
            | Outcome::Skip { .. }) => (outcome, None),
        };
        Placed {
            outcome: self.workplace.told(outcome),
            doubt,
        }
    }

    fn place_failure(&self, failure: Failure) -> (Failure, Option<String>) {
        let evidence = failure.evidence;
        let quote = evidence.as_deref().and_then(Quote::read);
        let said = failure.location.as_ref().map(Location::as_str);
        let found = said.and_then(|said| Some((said, self.find(said)?)));
        let (location, notes, doubt) = match (said, found) {
            (_, Some((said, (spot, written)))) => {
                let (location, notes) = self.at(&spot, written, said, quote.as_ref());
                (location, notes, None)
            }
            (Some(said), None) => {
                let note = format!("{} is not in the tree", self.shown(said));
                let doubt = format!(
                    "the failure is said to be at {}, which is not in the tree; look for the place \
                     before you believe it",
                    self.shown(said)
                );
                (None, vec![note], Some(doubt))
            }
            (None, None) => (None, Vec::new(), Some(NO_PLACE.to_owned())),
        };
        let is_evidence = quote.is_some();
        let failure = Failure {
            location,
            location_note: (!notes.is_empty()).then(|| notes.join("; ")),
            evidence: evidence.filter(|_| is_evidence),
            ..failure
        };
        (failure, doubt)
    }

    fn find<'a>(&self, said: &'a str) -> Option<(Spot, Written<'a>)> {
        places(said).find_map(|written| Some((self.tree.find(written.path)?, written)))
    }

    /// The place with its line, and what was amiss with it.
    fn at(
        &self,
        spot: &Spot,
        written: Written<'_>,
        said: &str,
        quote: Option<&Quote<'_>>,
    ) -> (Option<Location>, Vec<String>) {
        let mut notes = Vec::new();
        // Of a list, the report has only the one.
        let is_listed = places(said).next() != Some(written);
        if !spot.as_written || is_listed {
            let repaired = if spot.as_written { "" } else { "repaired; " };
            notes.push(format!("{repaired}the answer says {}", self.shown(said)));
        }
        let lines = match spot.kind {
            Kind::Directory => without_lines(written.lines, "this is a directory", &mut notes),
            Kind::Other => without_lines(written.lines, "this is no regular file", &mut notes),
            Kind::File if written.lines.is_none() && quote.is_none() => None,
            Kind::File => match spot.read() {
                Ok(text) => in_file(&text, written.lines, quote, &mut notes),
                Err(why) => without_lines(written.lines, &why, &mut notes),
            },
        };
        let location = match lines {
            None => spot.path.clone(),
            Some(lines) => format!("{}:{lines}", spot.path),
        };
        (Location::parse(&location), notes)
    }

    /// What an answer says, short enough for a line, and before it is cut without any secret.
    fn shown(&self, text: &str) -> String {
        let told = self.workplace.told_text(self.tree.below_root(text));
        let redacted = self.secrets.redact(&told);
        format!("`{}`", sanitize::truncate(&redacted, SHOWN_BYTES))
    }
}

fn without_lines(lines: Option<Lines>, why: &str, notes: &mut Vec<String>) -> Option<Lines> {
    if let Some(lines) = lines {
        notes.push(format!("the answer says line {}, but {why}", lines.first));
    }
    None
}

/// The line of the quotation, or else that of the answer, if the file has it.
fn in_file(
    text: &str,
    lines: Option<Lines>,
    quote: Option<&Quote<'_>>,
    notes: &mut Vec<String>,
) -> Option<Lines> {
    let quoted = quote.and_then(|quote| quote.find(text, lines.map(|lines| lines.first)));
    if quote.is_some() && quoted.is_none() {
        notes.push("the quoted code is not in that file".to_owned());
    }
    let Some(lines) = lines else {
        return quoted.map(|(first, _)| Lines::only(first));
    };
    if let Some((first, last)) = quoted
        && !(first..=last).contains(&lines.first)
    {
        notes.push(format!(
            "the answer says line {}, but the quoted code is in line {first}",
            lines.first
        ));
        return Some(Lines::only(first));
    }
    let count = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    if !(1..=count).contains(&lines.first) {
        let s = if count == 1 { "" } else { "s" };
        notes.push(format!(
            "the answer says line {}, but the file has {count} line{s}",
            lines.first
        ));
        return None;
    }
    let last = lines.last;
    Some(Lines {
        last: last.filter(|last| (lines.first..=count).contains(last)),
        ..lines
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CODE: &str =
        "const app = start();\n\napp.get(\"/\", (_, reply) => {\n  reply.text(\"no\");\n});\n";

    /// What becomes of `location` and `evidence` where `src/app.js` has five lines: the place, the note
    /// and the doubt.
    fn placed(location: &str, evidence: &str) -> [String; 3] {
        let directory = tempfile::tempdir().unwrap();
        fs_err::create_dir(directory.path().join("src")).unwrap();
        fs_err::write(directory.path().join("src/app.js"), CODE).unwrap();
        fs_err::write(directory.path().join("src/empty.js"), "").unwrap();
        let workplace = Workplace::project(directory.path().to_owned());
        let witness = Witness {
            tree: &Tree::of(&workplace),
            workplace: &workplace,
            secrets: &Secrets::default(),
            until: Instant::now() + LONGEST_LOOK,
        };
        let failure = Failure {
            location: Location::parse(location),
            evidence: (!evidence.is_empty()).then(|| evidence.to_owned()),
            ..Failure::default()
        };
        let placed = witness.place(Outcome::Fail(failure));
        let Outcome::Fail(failure) = placed.outcome else {
            panic!("a place changes no verdict");
        };
        let place = failure
            .location
            .map(|location| location.as_str().to_owned());
        [place, failure.location_note, placed.doubt].map(Option::unwrap_or_default)
    }

    #[track_caller]
    fn is_at(location: &str, evidence: &str, place: &str, note: &str) {
        assert_eq!(placed(location, evidence), [place, note, ""], "{location}");
    }

    #[test]
    fn a_place_that_exists_is_kept() {
        for place in [
            "src/app.js",
            "src/app.js:1",
            "src/app.js:5",
            "src/app.js:2-4",
            "src/app.js:3:8",
            "src",
        ] {
            is_at(place, "", place, "");
        }
        is_at("`src/app.js#L2-L4`", "", "src/app.js:2-4", "");
    }

    #[test]
    fn a_repair_is_said() {
        let said = "repaired; the answer says `./src/app.js:3`";
        is_at("./src/app.js:3", "", "src/app.js:3", said);
        let said = "repaired; the answer says `App.js:3`";
        is_at("App.js:3", "", "src/app.js:3", said);
    }

    #[test]
    fn a_line_that_is_not_there_is_dropped() {
        let many = "the answer says line 6, but the file has 5 lines";
        is_at("src/app.js:6", "", "src/app.js", many);
        let zero = "the answer says line 0, but the file has 5 lines";
        is_at("src/app.js:0", "", "src/app.js", zero);
        let none = "the answer says line 1, but the file has 0 lines";
        is_at("src/empty.js:1", "", "src/empty.js", none);
        is_at(
            "src:3",
            "",
            "src",
            "the answer says line 3, but this is a directory",
        );
        is_at("src/app.js:4-60", "", "src/app.js:4", "");
        is_at("src/app.js:4-2", "", "src/app.js:4", "");
    }

    #[test]
    fn quoted_code_gives_the_line() {
        let quote = "app.get(\"/\", (_, reply) => {\nreply.text(\"no\");";
        is_at("src/app.js", quote, "src/app.js:3", "");
        is_at("src/app.js:4", quote, "src/app.js:4", "");
        let moved =
            |line: &str| format!("the answer says line {line}, but the quoted code is in line 3");
        is_at("src/app.js:1", quote, "src/app.js:3", &moved("1"));
        is_at("src/app.js:99", quote, "src/app.js:3", &moved("99"));
        let stranger = "the quoted code is not in that file";
        is_at("src/app.js:2", "reply.json(x)", "src/app.js:2", stranger);
        is_at("src/app.js", "reply.json(x)", "src/app.js", stranger);
        is_at("src/app.js:2", "});", "src/app.js:2", "");
        is_at("src", "start()", "src", "");
    }

    #[test]
    fn of_several_places_the_first_that_exists_counts() {
        let said = "the answer says `src/gone.js:1, src/app.js:3`";
        is_at("src/gone.js:1, src/app.js:3", "", "src/app.js:3", said);
        let said = "repaired; the answer says `src/gone.js:1, App.js:3`";
        is_at("src/gone.js:1, App.js:3", "", "src/app.js:3", said);
    }

    #[test]
    fn an_invented_place_is_dropped_and_in_doubt() {
        let [place, note, doubt] = placed("lib/made-up.js:7", "start()");
        assert_eq!(
            (place.as_str(), note.as_str()),
            ("", "`lib/made-up.js:7` is not in the tree")
        );
        assert!(
            doubt.starts_with("the failure is said to be at `lib/made-up.js:7`, which"),
            "{doubt}"
        );
        let [place, note, doubt] = placed(" ", "start()");
        assert_eq!((place, note), (String::new(), String::new()));
        assert!(doubt.starts_with("the failure names no place"), "{doubt}");
    }

    #[test]
    fn no_path_of_this_machine_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let workplace = Workplace::project(directory.path().to_owned());
        let witness = Witness {
            tree: &Tree::of(&workplace),
            workplace: &workplace,
            secrets: &Secrets::default(),
            until: Instant::now() + LONGEST_LOOK,
        };
        let place = format!("{}/src/none.js:1", directory.path().display());
        assert_eq!(witness.shown(&place), "`src/none.js:1`");
        assert_eq!(witness.shown("/etc/x"), "`/etc/x`");
    }

    #[test]
    fn no_answer_has_places_looked_for_forever() {
        let directory = tempfile::tempdir().unwrap();
        let workplace = Workplace::project(directory.path().to_owned());
        let witness = Witness {
            tree: &Tree::of(&workplace),
            workplace: &workplace,
            secrets: &Secrets::default(),
            until: Instant::now().checked_sub(LONGEST_LOOK).unwrap(),
        };
        let failure = Failure {
            location: Location::parse("."),
            ..Failure::default()
        };
        let placed = witness.place(Outcome::Fail(failure));
        let doubt = placed.doubt.unwrap();
        assert!(
            doubt.ends_with("could not be looked for: there are too many"),
            "{doubt}"
        );
        let Outcome::Fail(Failure { location: None, .. }) = placed.outcome else {
            panic!("it stays a failure, without a place");
        };
    }

    #[test]
    fn a_place_of_any_length_makes_a_short_note() {
        let [_, note, doubt] = placed(&"x/".repeat(50_000), "");
        assert!(note.len() < 300 && doubt.len() < 400, "{note} {doubt}");
    }

    #[test]
    fn a_copy_is_never_told() {
        let directory = tempfile::tempdir().unwrap();
        let top = fs_err::canonicalize(directory.path()).unwrap();
        let workplace = Workplace::copy(top.clone(), &top, "/ci/w".as_ref());
        let witness = Witness {
            tree: &Tree::of(&workplace),
            workplace: &workplace,
            secrets: &Secrets::default(),
            until: Instant::now() + LONGEST_LOOK,
        };
        let failure = Failure {
            location: Location::parse(&format!("{}/src/none.js:1", top.display())),
            ..Failure::default()
        };
        let placed = witness.place(Outcome::Fail(failure));
        let Outcome::Fail(failure) = placed.outcome else {
            panic!("a place changes no verdict");
        };
        let note = failure.location_note.unwrap();
        assert_eq!(note, "`src/none.js:1` is not in the tree");
        assert!(placed.doubt.unwrap().contains("`src/none.js:1`"));
    }

    proptest! {
        #[test]
        fn a_place_that_is_told_has_its_line_in_the_file(
            path in "(\\./|a/|/)?(src/)?(app\\.js|App\\.js|empty\\.js|src)",
            lines in "|(:|#L)[0-9]{1,2}(-[0-9]{1,2}|:[0-9]{1,11})?",
            quote in prop::sample::select(vec!["", "start()", "reply.text(", "nowhere"]),
        ) {
            let [place, ..] = placed(&format!("{path}{lines}"), quote);
            if let Some(location) = Location::parse(&place) {
                let count = match location.path() {
                    "src/app.js" => 5,
                    path => {
                        prop_assert!(["src", "src/empty.js"].contains(&path), "{}", path);
                        0
                    }
                };
                prop_assert!(location.line().is_none_or(|line| line <= count), "{}", place);
            }
        }
    }
}
