//! A stranger's pull request: what decides comes from the base revision, and the stranger's
//! checkout is only looked at.

use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use crate::config::Settings;
use crate::evaluate::discover::Proposed;
use crate::evaluate::{self, Plan, Workplace};
use crate::git::{self, Checkout, Commit, GitError, Links};
use crate::model::{BaseRevision, CiContext, OnUntrusted, Trust, Word as _};
use crate::process::Cancel;
use crate::ui::Ui;

use super::Place;
use super::error::CommandError;
use super::project::Project;
use super::signals::Interruptions;

/// An untrusted pull request with a copy of its base revision, which goes when this goes.
pub(super) struct Stranger {
    /// The current directory in the base revision. It may not exist there.
    pub(super) directory: PathBuf,
    reason: String,
    checkout: Checkout,
    base: Commit,
    /// Holds `base`, and `head` where agents work.
    copies: TempDir,
    /// Where `base` is, canonical.
    copy: PathBuf,
    cancel: Cancel,
}

/// How a stranger's pull request is judged.
pub(super) struct Guest {
    /// Why no agent is asked, if none is.
    pub(super) not_shown: Option<String>,
    /// The output directory as the base revision may have it.
    pub(super) output: PathBuf,
    /// The project as the stranger has it.
    pub(super) proposed: Proposed,
    /// Where agents work.
    pub(super) workplace: Workplace,
    /// The top of the checkout, and what stands for it.
    moved: (PathBuf, PathBuf),
}

/// `place` without programs that the pull request brings: `npm run` puts a directory of the project
/// on `PATH`, where a stranger may lay a `git`.
pub(super) fn without_own_programs(place: &Place) -> Place {
    let is_top = |path: &&Path| fs_err::symlink_metadata(path.join(".git")).is_ok();
    let top = place.directory.ancestors().find(is_top);
    let top = top.unwrap_or(&place.directory);
    let is_outside = |directory: &PathBuf| {
        let real = fs_err::canonicalize(directory);
        directory.is_absolute() && real.is_ok_and(|real| !real.starts_with(top))
    };
    let mut directories = place.env.search_path();
    directories.retain(is_outside);
    Place {
        directory: place.directory.clone(),
        written: place.written.clone(),
        moves: place.moves.clone(),
        env: place.env.with_search_path(&directories),
    }
}

impl Stranger {
    /// Writes the base revision to a temporary directory, if the pull request is a stranger's.
    pub(super) fn look(context: &CiContext, place: &Place) -> Result<Option<Self>, CommandError> {
        let Trust::Untrusted { reason } = &context.trust else {
            return Ok(None);
        };
        let copies = tempfile::Builder::new().prefix("semtest-").tempdir()?;
        let copy = fs_err::canonicalize(copies.path())?.join("base");
        fs_err::create_dir(&copy)?;
        let (cancel, asked) = (Cancel::new(), context.base.clone().unwrap_or_default());
        let found = wait(&cancel, find_base(context, &asked, place, &copy, &cancel))?;
        let (checkout, base) = found.map_err(|source| CommandError::Base {
            reason: reason.clone(),
            system: context.system,
            source,
        })?;
        // Where a search for the configuration ends.
        fs_err::create_dir(copy.join(".git"))?;
        let here = place.directory.strip_prefix(&checkout.top);
        let here = here.map_err(|_| CommandError::ThroughLink(place.directory.clone()))?;
        let stranger = Self {
            directory: copy.join(here),
            reason: reason.clone(),
            checkout,
            base,
            copies,
            copy,
            cancel,
        };
        stranger.refuse_written_links(place)?;
        Ok(Some(stranger))
    }

    /// Where an absolute path of the checkout is in the base revision.
    pub(super) fn in_base(&self, path: &Path) -> Result<PathBuf, CommandError> {
        match path.strip_prefix(&self.checkout.top) {
            Ok(below) => Ok(self.copy.join(below)),
            Err(_) => Err(CommandError::OutsideCheckout(path.to_owned())),
        }
    }

    /// Where a directory of the base revision is in the checkout.
    pub(super) fn in_head(&self, path: &Path) -> Result<PathBuf, CommandError> {
        let outside = || CommandError::OutsideCheckout(path.to_owned());
        let below = path.strip_prefix(&self.copy).map_err(|_| outside())?;
        let path = self.checkout.top.join(below);
        self.refuse_links(&path)?;
        // `join` leaves a slash behind where nothing is below.
        Ok(path.components().collect())
    }

    /// An error if the way from the top of the checkout to `path` leads through a link: a stranger
    /// could have reports written to another place, or another project judged.
    pub(super) fn refuse_links(&self, path: &Path) -> Result<(), CommandError> {
        let Ok(below) = path.strip_prefix(&self.checkout.top) else {
            return Ok(());
        };
        let mut at = self.checkout.top.clone();
        for component in below.components() {
            if component == Component::ParentDir {
                at.pop();
            } else {
                at.push(component);
            }
            if !at.starts_with(&self.checkout.top) {
                return Ok(());
            }
            if at.is_symlink() {
                return Err(CommandError::ThroughLink(at));
            }
        }
        Ok(())
    }

    /// The same for the current directory: the job names a directory, and a stranger may have put a
    /// link to another one in its place.
    fn refuse_written_links(&self, place: &Place) -> Result<(), CommandError> {
        let is_top =
            |path: &&Path| fs_err::canonicalize(path).is_ok_and(|real| real == self.checkout.top);
        let Some(top) = place.written.ancestors().find(is_top) else {
            return Ok(());
        };
        match place.written.strip_prefix(top) {
            Ok(below) => self.refuse_links(&self.checkout.top.join(below)),
            Err(_) => Ok(()),
        }
    }

    /// Says what will happen, and prepares what has to be.
    pub(super) fn admit(
        &self,
        project: &Project,
        place: &Place,
        ui: &Ui,
    ) -> Result<Guest, CommandError> {
        let policy = project.settings.on_untrusted;
        let (not_shown, what) = match policy {
            OnUntrusted::Fail => {
                let reason = self.reason.clone();
                return Err(CommandError::Untrusted { reason });
            }
            OnUntrusted::Checks => (Some(self.reason.clone()), "only deterministic checks run"),
            OnUntrusted::Run => (None, "agents judge a copy without its agent instructions"),
        };
        ui.warning(&format!(
            "untrusted pull request: {}; specs come from {}; {what} (onUntrusted: \"{}\")",
            self.reason,
            self.base.short(),
            policy.word()
        ));
        let listed = git::can_tell_tracked(&project.root, &place.env, &self.cancel);
        if !wait(&self.cancel, listed)? {
            return Err(CommandError::Unlisted);
        }
        let workplace = match policy {
            OnUntrusted::Run => self.copy_head(project)?,
            OnUntrusted::Checks | OnUntrusted::Fail => Workplace::project(project.root.clone()),
        };
        Ok(self.guest(project, place, not_shown, workplace))
    }

    /// The guest that `admit` would let in where agents are asked, for somebody who only wants to know
    /// which. Says nothing and copies nothing.
    pub(super) fn sketch(&self, project: &Project, place: &Place) -> Guest {
        let workplace = Workplace::project(project.root.clone());
        self.guest(project, place, None, workplace)
    }

    fn guest(
        &self,
        project: &Project,
        place: &Place,
        not_shown: Option<String>,
        workplace: Workplace,
    ) -> Guest {
        let below = project.output.strip_prefix(&self.checkout.top);
        Guest {
            not_shown,
            output: below.map_or_else(|_| project.output.clone(), |below| self.copy.join(below)),
            proposed: Proposed {
                root: project.root.clone(),
                directory: place.directory.clone(),
            },
            workplace,
            moved: (self.checkout.top.clone(), self.copy.clone()),
        }
    }

    /// A copy of the tracked files without links and without what tells agents what to do.
    fn copy_head(&self, project: &Project) -> Result<Workplace, CommandError> {
        let top = fs_err::canonicalize(self.copies.path())?.join("head");
        fs_err::create_dir(&top)?;
        let written = wait(&self.cancel, async {
            let head = self.checkout.head().await?;
            self.checkout
                .write_tree(&head, Links::Flattened, &top)
                .await
        })?;
        written.map_err(CommandError::Head)?;
        evaluate::remove_instructions(&top)?;
        let below = project.root.strip_prefix(&self.checkout.top);
        let directory = top.join(below.unwrap_or(Path::new("")));
        // Nothing but instructions may have been in it.
        fs_err::create_dir_all(&directory)?;
        Ok(Workplace::copy(
            directory.components().collect(),
            &top,
            &self.checkout.top,
        ))
    }
}

impl Guest {
    /// Tells that agents act by their permissions, where somebody wished otherwise.
    pub(super) fn warn_of_permissions(&self, settings: &Settings, plan: Option<&Plan>, ui: &Ui) {
        let specs = plan.map_or_else(Default::default, |plan| plan.specs.iter());
        let mut wishes = specs.map(|spec| spec.file.frontmatter.skip_permissions_if_possible);
        let is_wished =
            settings.skip_permissions_if_possible || wishes.any(|wish| wish == Some(true));
        if self.not_shown.is_none() && is_wished {
            ui.warning(
                "`skipPermissionsIfPossible` does not count on an untrusted pull request: no agent \
                 acts without asking there",
            );
        }
    }

    /// The arguments with absolute paths of the checkout turned into those of the base revision.
    pub(super) fn arguments(&self, given: &[String]) -> Vec<String> {
        let (top, copy) = &self.moved;
        let moved = |argument: &String| {
            let below = Path::new(argument).strip_prefix(top).ok()?;
            Some(copy.join(below).to_string_lossy().into_owned())
        };
        given
            .iter()
            .map(|argument| moved(argument).unwrap_or_else(|| argument.clone()))
            .collect()
    }
}

async fn find_base(
    context: &CiContext,
    asked: &BaseRevision,
    place: &Place,
    copy: &Path,
    cancel: &Cancel,
) -> Result<(Checkout, Commit), GitError> {
    let checkout = Checkout::around(&place.directory, &place.env, cancel).await?;
    let base = checkout.base(asked, context.commit.as_deref()).await?;
    checkout.write_tree(&base, Links::Kept, copy).await?;
    Ok((checkout, base))
}

/// Waits for something that a signal may end.
pub(super) fn wait<Done>(
    cancel: &Cancel,
    work: impl Future<Output = Done>,
) -> Result<Done, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let interruptions = Interruptions::listen(cancel)?;
        let done = work.await;
        tokio::task::yield_now().await;
        match interruptions.first() {
            Some(signal) => Err(CommandError::Interrupted(signal)),
            None => Ok(done),
        }
    })
}
