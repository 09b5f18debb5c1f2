//! One comment that stays up to date, on any forge.

use super::marker::{self, Key};
use super::{Found, PublishError};

/// The conversation of one pull request.
pub(super) trait Thread {
    /// All comments with `key` that we ourselves wrote, oldest first. Reads every page.
    async fn ours(&self, key: &Key) -> Result<Vec<Comment>, PublishError>;
    /// Adds one.
    async fn create(&self, body: &str) -> Result<Comment, PublishError>;
    /// Replaces the text of one; [`PublishError::NotFound`] if it is gone.
    async fn update(&self, id: u64, body: &str) -> Result<Comment, PublishError>;
    /// Takes one away; no error if it is gone already.
    async fn delete(&self, id: u64) -> Result<(), PublishError>;
}

/// One comment.
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
    /// Whether a comment is made where there is none.
    pub create: bool,
}

/// What became of the comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its page.
    pub url: Option<String>,
    /// Whether it is new.
    pub is_new: bool,
}

/// The most bytes of a comment. GitHub refuses more than 65,536 characters.
const MOST: usize = 60_000;

pub(super) async fn find(thread: &impl Thread, key: &Key) -> Result<Option<Found>, PublishError> {
    let oldest = thread.ours(key).await?.into_iter().next();
    Ok(oldest.map(|comment| Found {
        memory: marker::memory(&comment.body, key),
        id: comment.id,
        url: comment.url,
    }))
}

pub(super) async fn post(
    thread: &impl Thread,
    key: &Key,
    found: Option<&Found>,
    wish: &Wish,
) -> Result<Option<Posted>, PublishError> {
    let line = marker::line(key, &wish.memory);
    let mut bodies = wish
        .renderings
        .iter()
        .map(|text| format!("{text}\n\n{line}"));
    let body = bodies
        .find(|body| body.len() <= MOST)
        .ok_or(PublishError::TooLong)?;
    let (comment, is_new) = match found {
        Some(found) => (thread.update(found.id, &body).await?, false),
        None if wish.create => (thread.create(&body).await?, true),
        None => return Ok(None),
    };
    Ok(Some(Posted {
        url: comment.url,
        is_new,
    }))
}
