//! What of the noise file stays, what is replaced, and writing it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::config::{NOISE_NAME, load_noise};
use crate::model::NoiseEntry;
use crate::ownership::{temporary, write_whole};

use super::super::error::CommandError;

/// Id and statement of every scenario that the project has.
pub(super) type Current = BTreeSet<(String, String)>;

/// `before` with `found`. An older entry of the same id and model goes, unless another scenario of
/// that id still says what it is about; if everything was calibrated, entries of ids that are gone
/// go too.
pub(super) fn merged(
    before: &[NoiseEntry],
    found: Vec<NoiseEntry>,
    current: &Current,
    is_everything: bool,
) -> Vec<NoiseEntry> {
    let found = unique(found);
    let is_kept = |entry: &&NoiseEntry| {
        let same = |new: &&NoiseEntry| (&new.id, &new.model) == (&entry.id, &entry.model);
        let mut newer = found.iter().filter(same);
        let is_current = current.contains(&(entry.id.clone(), entry.statement.clone()));
        let is_replaced = newer.any(|new| !is_current || new.statement == entry.statement);
        let is_gone = is_everything && !current.iter().any(|(id, _)| *id == entry.id);
        !is_replaced && !is_gone
    };
    let mut all: Vec<NoiseEntry> = before.iter().filter(is_kept).cloned().collect();
    all.extend(found.iter().cloned());
    sort(&mut all);
    all
}

fn sort(entries: &mut [NoiseEntry]) {
    entries.sort_by(|left, right| {
        let key = |entry: &NoiseEntry| {
            (
                entry.id.clone(),
                entry.model.clone(),
                entry.statement.clone(),
            )
        };
        key(left).cmp(&key(right))
    });
}

/// Scenarios of several files may have one id and say the same: the noisier one stands for both.
fn unique(mut found: Vec<NoiseEntry>) -> Vec<NoiseEntry> {
    let quieter =
        |left: &NoiseEntry, right: &NoiseEntry| left.noise.rate().total_cmp(&right.noise.rate());
    // Sorts are stable, so of the same the noisiest comes first.
    found.sort_by(|left, right| quieter(right, left));
    sort(&mut found);
    found.dedup_by(|next, first| {
        (&next.id, &next.model, &next.statement) == (&first.id, &first.model, &first.statement)
    });
    found
}

/// The file as it was before the first call. An agent may write it, and what a judge says about its own
/// noise is never kept.
pub(super) struct Before {
    pub(super) entries: Vec<NoiseEntry>,
    bytes: Option<Vec<u8>>,
}

impl Before {
    pub(super) fn read(directory: &Path) -> Result<Self, CommandError> {
        Ok(Self {
            entries: load_noise(directory)?,
            bytes: bytes(directory)?,
        })
    }

    /// Whether there was a file.
    pub(super) fn is_there(&self) -> bool {
        self.bytes.is_some()
    }

    /// Whether the file is still what it was.
    pub(super) fn holds(&self, directory: &Path) -> bool {
        bytes(directory).is_ok_and(|now| now == self.bytes)
    }
}

/// What a regular file of that name has, or one that a link of that name leads to.
fn bytes(directory: &Path) -> io::Result<Option<Vec<u8>>> {
    let path = directory.join(NOISE_NAME);
    match fs_err::metadata(&path) {
        Ok(metadata) if metadata.is_file() => fs_err::read(path).map(Some),
        Ok(_) => Err(io::Error::other("not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Proves that the file can be written, before anything is paid for.
pub(super) fn check_writable(directory: &Path) -> Result<(), CommandError> {
    let probe = temporary(directory).and_then(NamedTempFile::close);
    probe.map_err(CommandError::NoiseFile)
}

/// Writes the file as a whole: who reads meanwhile sees the old one or the new one. A link of that
/// name is replaced, never followed.
pub(super) fn write(directory: &Path, text: &str) -> Result<(), CommandError> {
    write_whole(&directory.join(NOISE_NAME), text).map_err(CommandError::NoiseFile)
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::model::Noise;

    fn entry(id: &str, statement: &str, model: &str, minority: u32) -> NoiseEntry {
        NoiseEntry {
            id: id.to_owned(),
            statement: statement.to_owned(),
            model: model.to_owned(),
            noise: Noise {
                votes: 12,
                minority,
            },
            date: Date::constant(2026, 11, 22),
        }
    }

    fn current(scenarios: &[(&str, &str)]) -> Current {
        let owned = |(id, statement): &(&str, &str)| ((*id).to_owned(), (*statement).to_owned());
        scenarios.iter().map(owned).collect()
    }

    #[test]
    fn an_entry_of_the_same_statement_or_of_an_older_one_is_replaced() {
        let before = [entry("a", "old", "m", 5), entry("b", "text", "m", 1)];
        let found = vec![entry("a", "new", "m", 0), entry("b", "text", "m", 0)];
        let now = current(&[("a", "new"), ("b", "text")]);
        for is_everything in [true, false] {
            assert_eq!(merged(&before, found.clone(), &now, is_everything), found);
        }
    }

    #[test]
    fn entries_of_other_models_and_other_scenarios_stay() {
        let before = [entry("a", "text", "n", 5), entry("b", "text", "m", 1)];
        let now = current(&[("a", "text"), ("b", "text")]);
        let after = merged(&before, vec![entry("a", "text", "m", 0)], &now, false);
        assert_eq!(
            after,
            [
                entry("a", "text", "m", 0),
                before[0].clone(),
                before[1].clone()
            ]
        );
    }

    #[test]
    fn of_two_files_with_the_same_id_each_statement_has_its_entry() {
        let before = [entry("a", "one", "m", 1), entry("a", "two", "m", 5)];
        let now = current(&[("a", "one"), ("a", "two")]);
        let after = merged(&before, vec![entry("a", "one", "m", 0)], &now, false);
        assert_eq!(after, [entry("a", "one", "m", 0), before[1].clone()]);
        let same = vec![
            entry("a", "one", "m", 2),
            entry("a", "one", "m", 4),
            entry("a", "one", "m", 0),
        ];
        assert_eq!(merged(&[], same, &now, false), [entry("a", "one", "m", 4)]);
    }

    #[test]
    fn what_is_gone_is_dropped_only_where_everything_was_calibrated() {
        let before = [entry("gone", "text", "m", 1), entry("here", "text", "m", 1)];
        let now = current(&[("here", "text")]);
        assert_eq!(merged(&before, Vec::new(), &now, true), before[1..]);
        assert_eq!(merged(&before, Vec::new(), &now, false), before);
    }
}
