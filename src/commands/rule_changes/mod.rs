//! What a pull request changes in the noise and waiver files, for its comment: whoever may change
//! them changes what blocks, and whoever reviews should see that without opening them.

mod compare;

use std::fmt::Display;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use crate::config::{ConfigError, NOISE_NAME, WAIVERS_NAME, parse_noise, parse_waivers};
use crate::git::{Checkout, GitError};
use crate::model::{CiContext, NoiseEntry, RuleChange, Waiver};
use crate::process::Cancel;
use crate::sanitize::truncate;

use super::Place;
use super::error::{CommandError, whole_checkout};
use super::project::Project;
use super::untrusted::{Stranger, wait};
use compare::{Telling, noise_changes, waiver_changes};

/// How many changes of one file are named. A pull request with more is to be read, not listed.
const MOST_CHANGES: usize = 50;

/// How much is said about one, in bytes.
const LONGEST_TEXT: usize = 400;

/// The most bytes of a stranger's file.
const LARGEST_FILE: u64 = 10 * 1024 * 1024;

/// A run waits so long for the base revision. Only what is told depends on it, never a verdict.
const LIMIT: Duration = Duration::from_mins(1);

/// What the pull request changes, if `context` tells of one. That it can't be told is told, and never
/// ends a run.
///
/// # Errors
/// When a signal ends the wait for git.
pub(super) fn rule_changes(
    context: &CiContext,
    project: &Project,
    stranger: Option<&Stranger>,
    place: &Place,
) -> Result<Vec<RuleChange>, CommandError> {
    let mut changes = match stranger {
        Some(_) => of_stranger(project),
        None if context.pull_request.is_some() || context.base.is_some() => {
            of_checkout(context, project, place)?
        }
        None => Vec::new(),
    };
    for change in &mut changes {
        project.secrets.redact_in(&mut change.text);
        change.text = truncate(&change.text, LONGEST_TEXT).into_owned();
    }
    Ok(changes)
}

/// What both files say in one revision.
struct Rules {
    noise: Result<Vec<NoiseEntry>, String>,
    waivers: Result<Vec<Waiver>, String>,
}

impl Rules {
    /// As this run counts them.
    fn of(project: &Project) -> Self {
        Self {
            noise: Ok(project.noise.clone()),
            waivers: Ok(project.waivers.clone()),
        }
    }

    /// From the text of each file; none is an empty one.
    fn read<E: Display>(text: impl Fn(&str) -> Result<Option<String>, E>) -> Self {
        Self {
            noise: parsed(text(NOISE_NAME), parse_noise),
            waivers: parsed(text(WAIVERS_NAME), parse_waivers),
        }
    }

    /// What is different in each file. Waivers come first: they excuse what they name.
    fn changes(&self, after: &Self, project: &Project) -> [(&'static str, Vec<String>); 2] {
        let telling = Telling {
            max_flip: project.settings.max_flip,
            secrets: &project.secrets,
        };
        let waivers = compared(&self.waivers, &after.waivers, |before, after| {
            waiver_changes(before, after, &telling)
        });
        let noise = compared(&self.noise, &after.noise, |before, after| {
            noise_changes(before, after, &telling)
        });
        [(WAIVERS_NAME, waivers), (NOISE_NAME, noise)]
    }
}

fn parsed<Entry, E: Display>(
    text: Result<Option<String>, E>,
    parse: impl Fn(&str) -> Result<Vec<Entry>, ConfigError>,
) -> Result<Vec<Entry>, String> {
    let text = text.map_err(|error| error.to_string())?;
    let entries = text.map_or_else(|| Ok(Vec::new()), |text| parse(&text));
    // The rest of the message quotes the file.
    let first_line = |error: ConfigError| {
        let message = error.to_string();
        message.lines().next().unwrap_or_default().to_owned()
    };
    entries.map_err(first_line)
}

fn compared<Entry>(
    before: &Result<Vec<Entry>, String>,
    after: &Result<Vec<Entry>, String>,
    compare: impl Fn(&[Entry], &[Entry]) -> Vec<String>,
) -> Vec<String> {
    match (before, after) {
        (Ok(before), Ok(after)) => compare(before, after),
        (Err(why), _) => vec![format!(
            "can't tell what changes: the base revision's file can't be read: {why}"
        )],
        (_, Err(why)) => vec![format!("is changed to what can't be read: {why}")],
    }
}

/// The changes of one file, so many that none can push out those of another.
fn named(file: &str, mut texts: Vec<String>) -> impl Iterator<Item = RuleChange> {
    let more = texts.len().saturating_sub(MOST_CHANGES);
    if more > 0 {
        texts.truncate(MOST_CHANGES);
        texts.push(format!("and {more} more changes"));
    }
    let file = file.to_owned();
    texts.into_iter().map(move |text| RuleChange {
        file: file.clone(),
        text,
    })
}

/// Of a stranger's pull request the base revision counts, so what it changes is told as a proposal.
fn of_stranger(project: &Project) -> Vec<RuleChange> {
    let proposed = Rules::read(|name| read_without_links(&project.root.join(name)));
    let changes = Rules::of(project).changes(&proposed, project);
    let with_warning = |(file, mut texts): (&'static str, Vec<String>)| {
        if !texts.is_empty() {
            let warning = "what the pull request changes here does not count in this run: the base \
                           revision's file does";
            texts.insert(0, warning.to_owned());
        }
        named(file, texts)
    };
    changes.into_iter().flat_map(with_warning).collect()
}

/// A file that a stranger wrote: never through a link, and nothing that would keep us waiting.
fn read_without_links(path: &Path) -> io::Result<Option<String>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => std::fs::File::from(file),
        Err(error) if io::Error::from(error).kind() == ErrorKind::NotFound => return Ok(None),
        Err(rustix::io::Errno::LOOP) => return Err(io::Error::other("it is a symbolic link")),
        Err(error) => return Err(error.into()),
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = String::new();
    file.take(LARGEST_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(io::Error::other("it is too large"));
    }
    Ok(Some(text))
}

/// The checkout counts, compared with what it started from.
fn of_checkout(
    context: &CiContext,
    project: &Project,
    place: &Place,
) -> Result<Vec<RuleChange>, CommandError> {
    let cancel = Cancel::new();
    let looked = wait(&cancel, async {
        let base = base_rules(context, project, place, &cancel);
        tokio::time::timeout(LIMIT, base).await
    })?;
    let why = match looked {
        Ok(Ok(base)) => {
            let changes = base.changes(&Rules::of(project), project);
            let named = |(file, texts)| named(file, texts);
            return Ok(changes.into_iter().flat_map(named).collect());
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "git took too long".to_owned(),
    };
    // Who has none of the files need not be told that nobody looked.
    let is_there = |name: &&str| fs_err::symlink_metadata(project.root.join(name)).is_ok();
    let unknown = |name: &str| RuleChange {
        file: name.to_owned(),
        text: format!(
            "can't tell what the pull request changes: give the job {}; {why}",
            whole_checkout(context.system)
        ),
    };
    let names = [WAIVERS_NAME, NOISE_NAME].into_iter();
    Ok(names.filter(is_there).map(unknown).collect())
}

async fn base_rules(
    context: &CiContext,
    project: &Project,
    place: &Place,
    cancel: &Cancel,
) -> Result<Rules, GitError> {
    let checkout = Checkout::around(&project.root, &place.env, cancel).await?;
    let asked = context.base.clone().unwrap_or_default();
    let base = checkout.base(&asked, context.commit.as_deref()).await?;
    let base = checkout.fork_point(base).await?;
    let below = project.root.strip_prefix(&checkout.top);
    let below = below.unwrap_or(Path::new(""));
    let noise = checkout.file(&base, &below.join(NOISE_NAME)).await;
    let waivers = checkout.file(&base, &below.join(WAIVERS_NAME)).await;
    Ok(Rules {
        noise: parsed(noise, parse_noise),
        waivers: parsed(waivers, parse_waivers),
    })
}
