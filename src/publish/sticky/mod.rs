//! One comment that stays up to date, on any forge.
//!
//! Others may write at the same time: another job of the same name, a person who deletes the
//! comment. So whatever is done starts with a listing, and what failed in a way that may have had an
//! effect is looked at before it is done again. Of several the oldest stays, on which all agree.
//!
//! A run makes a handful of requests that write, so there is no pause between them beyond what the
//! forge asks for, which is waited in `http`.

use super::marker::{self, Key};
use super::{Found, PublishError};

/// The conversation of one pull request.
pub(super) trait Conversation {
    /// All comments with `key` that we ourselves wrote, oldest first. Reads every page.
    async fn ours(&self, key: &Key) -> Result<Vec<Comment>, PublishError>;
    /// Adds one; [`PublishError::TooLong`] if a shorter text may be accepted.
    async fn create(&self, body: &str) -> Result<Comment, PublishError>;
    /// Replaces the text of one; [`PublishError::NotFound`] if it is gone.
    async fn update(&self, id: u64, body: &str) -> Result<Comment, PublishError>;
    /// Takes one away; no error if it is gone already.
    async fn delete(&self, id: u64) -> Result<(), PublishError>;
}

/// One comment. The lower its id, the older it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) body: String,
    pub(super) url: Option<String>,
}

/// What the comment should say.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The texts, the most detailed first; the first that fits is posted. Without the hidden line.
    pub renderings: Vec<String>,
    /// What the comment should remember: one word of letters, digits, `-` and `_`.
    pub memory: String,
}

/// What became of the comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its page.
    pub url: Option<String>,
    /// What was done.
    pub done: Done,
}

/// What was done to the comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is new.
    Added,
    /// Its text was replaced.
    Updated,
    /// It says already what it should.
    Unchanged,
}

/// The most bytes of a comment. GitHub refuses more than 65,536 characters.
const MOST: usize = 60_000;

/// How often one thing is tried.
const ATTEMPTS: usize = 3;

/// Brings our comment in `conversation` up to date; see [`super::Publisher::bring_up_to_date`].
pub(super) async fn bring_up_to_date(
    conversation: &impl Conversation,
    key: &Key,
    mut decide: impl FnMut(Option<&Found>) -> Option<Wish>,
) -> Result<Option<Posted>, PublishError> {
    let mut added = None;
    let (mut failures, mut gone) = (Vec::new(), 0);
    loop {
        let ours = match (conversation.ours(key).await, &added) {
            (Ok(ours), added) => with(ours, added.as_ref()),
            // It is there, only that nobody can tell whether it is alone.
            (Err(_), Some(added)) => return Ok(Some(posted(added, Done::Added))),
            (Err(error), None) => return Err(error),
        };
        let Some((oldest, younger)) = ours.split_first() else {
            if failures.len() == ATTEMPTS {
                return failures.pop().map_or(Ok(None), Err);
            }
            let Some(wish) = decide(None) else {
                return Ok(None);
            };
            match add(conversation, key, &wish).await {
                Ok(comment) => added = Some(comment),
                Err(error) if error.is_passing() => failures.push(error),
                Err(error) => return Err(error),
            }
            continue;
        };
        let is_added = added.as_ref().is_some_and(|added| added.id == oldest.id);
        let result = if is_added {
            Ok(Some(posted(oldest, Done::Added)))
        } else {
            let wish = decide(Some(&Found {
                memory: marker::memory(&oldest.body, key),
                url: oldest.url.clone(),
            }));
            // After a failure, what says all that we wanted to say is what we said.
            let same = if failures.is_empty() {
                Done::Unchanged
            } else {
                Done::Added
            };
            match wish {
                Some(wish) => update(conversation, key, oldest, &wish, same)
                    .await
                    .map(Some),
                None => Ok(None),
            }
        };
        match result {
            Err(PublishError::NotFound) if gone < ATTEMPTS => gone += 1,
            Err(error) => return Err(error),
            Ok(result) => {
                // Last, so that never all of them are taken away. What fails here is left to the next
                // run: the comment itself says what it should.
                for comment in younger {
                    let _ = conversation.delete(comment.id).await;
                }
                return Ok(result);
            }
        }
    }
}

/// A listing may lag behind: what was added belongs to it.
fn with(mut ours: Vec<Comment>, added: Option<&Comment>) -> Vec<Comment> {
    let is_missing = |added: &&Comment| ours.iter().all(|comment| comment.id != added.id);
    if let Some(added) = added.filter(is_missing) {
        ours.push(added.clone());
        ours.sort_by_key(|comment| comment.id);
    }
    ours
}

async fn add(
    conversation: &impl Conversation,
    key: &Key,
    wish: &Wish,
) -> Result<Comment, PublishError> {
    for body in bodies(key, wish) {
        match conversation.create(&body).await {
            Err(PublishError::TooLong) => {}
            result => return result,
        }
    }
    Err(PublishError::TooLong)
}

/// `same` is what it means that there is nothing to change, which saves people a notification.
async fn update(
    conversation: &impl Conversation,
    key: &Key,
    comment: &Comment,
    wish: &Wish,
    same: Done,
) -> Result<Posted, PublishError> {
    for body in bodies(key, wish) {
        if is_same(&body, &comment.body) {
            return Ok(posted(comment, same));
        }
        match conversation.update(comment.id, &body).await {
            Err(PublishError::TooLong) => {}
            result => return result.map(|comment| posted(&comment, Done::Updated)),
        }
    }
    Err(PublishError::TooLong)
}

/// What is posted of `wish` where there is no comment yet, without the hidden line; `None` if even
/// its shortest text is too long.
#[must_use]
pub fn preview(wish: &Wish) -> Option<String> {
    let body = bodies(&Key::of(""), wish).next()?;
    let (text, _) = body.trim_end().rsplit_once('\n')?;
    Some(text.trim_end().to_owned())
}

/// What may be posted, the best first.
fn bodies(key: &Key, wish: &Wish) -> impl Iterator<Item = String> {
    let line = marker::line(key, &wish.memory);
    let texts = wish.renderings.iter().map(|text| text.trim_end());
    texts
        .map(move |text| format!("{text}\n\n{line}"))
        .filter(|body| body.len() <= MOST)
}

/// Forges may change the ends of lines, and of the whole.
fn is_same(one: &str, other: &str) -> bool {
    one.trim_end().lines().eq(other.trim_end().lines())
}

fn posted(comment: &Comment, done: Done) -> Posted {
    Posted {
        url: comment.url.clone(),
        done,
    }
}

#[cfg(test)]
mod tests;
