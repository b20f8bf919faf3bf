//! Changes of membership, in order, for those who keep a copy: what each key's place is now, never how it came to be.
//!
//! The log of these changes is the members themselves: each row knows the place of its last change, so the log never grows
//! beyond the members, and whoever was away for however long is told what differs, or, from the beginning, everything. All
//! that is told can be told twice.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use db::{Db, ReadError, sequence};
use delivery::{FeedError, MemberFeed, MemberPatch, Place};
use kernel::Revision;
use tokio::sync::watch;

use crate::model::{ContextHash, Generation, Member, MemberList};
use crate::store::generations::{self, Scope};
use crate::store::members;

/// So many members are told at once.
pub const PAGE: usize = 5_000;

/// How far a reader has come: everything up to a place, or, inside a place, up to a hash.
///
/// Its text, which readers keep for us, is `57` or `57.<hash in base64>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    revision: Revision,
    within: Option<ContextHash>,
}

impl Position {
    /// Everything up to this place.
    pub fn at(revision: Revision) -> Self {
        Self { revision, within: None }
    }

    /// The place that it has reached or is inside of.
    pub fn revision(self) -> Revision {
        self.revision
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.within {
            None => write!(f, "{}", self.revision),
            Some(hash) => write!(f, "{}.{}", self.revision, hash.to_base64()),
        }
    }
}

/// The text is not a position of this feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no position in the changes of members")]
pub struct NoPosition;

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let (revision, within) = match text.split_once('.') {
            None => (text, None),
            Some((revision, hash)) => (revision, Some(ContextHash::from_base64(hash).ok_or(NoPosition)?)),
        };
        let revision = revision.parse().ok().filter(|revision| *revision >= 0).ok_or(NoPosition)?;
        Ok(Self { revision: Revision(revision), within })
    }
}

/// Where some members of one list are now.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Whose members.
    pub generation: Generation,
    /// The members; perhaps none.
    pub members: Vec<Member>,
    /// The reader's position before.
    pub from: Position,
    /// The reader's position afterwards.
    pub to: Position,
}

/// What comes after `from` in an environment, or in all; `None` when the reader knows everything.
pub async fn next(db: &Db, scope: Scope<'_>, from: Position) -> Result<Option<Step>, ReadError> {
    let lists = generations::served(db, scope).await?;
    let Some((generation, revision)) = (if from.within.is_some() {
        inside(db, lists, from).await?
    } else {
        first_after(db, lists, from.revision).await?
    }) else {
        return Ok(None);
    };
    let after = from.within.filter(|_| revision == from.revision);
    let members = if generation.since == revision {
        members::all_after(db, generation.number, after, PAGE).await?
    } else {
        members::changed_at(db, (generation.number, revision), after, PAGE).await?
    };
    let within = members.last().filter(|_| members.len() == PAGE).map(|member| member.hash);
    Ok(Some(Step { generation, members, from, to: Position { revision, within } }))
}

/// The position of a reader who knows everything.
pub async fn head(db: &Db, scope: Scope<'_>) -> Result<Position, ReadError> {
    Ok(Position::at(generations::head(db, scope).await?))
}

/// The list inside of whose change the reader is; when that is served no more, what comes after it.
async fn inside(db: &Db, lists: Vec<Generation>, from: Position) -> Result<Option<(Generation, Revision)>, ReadError> {
    for list in &lists {
        let here = list.since == from.revision
            || list.since < from.revision
                && list.revision >= from.revision
                && !members::changed_at(db, (list.number, from.revision), from.within, 1).await?.is_empty();
        if here {
            return Ok(Some((list.clone(), from.revision)));
        }
    }
    first_after(db, lists, from.revision).await
}

/// The list that changed first after this place, and where.
async fn first_after(
    db: &Db,
    lists: Vec<Generation>,
    seen: Revision,
) -> Result<Option<(Generation, Revision)>, ReadError> {
    let mut first: Option<(Generation, Revision)> = None;
    for list in lists.into_iter().filter(|list| list.revision > seen) {
        let place = if list.since > seen {
            list.since
        } else {
            // A change may have left every member as it was: the reader passes it all the same.
            members::next_change(db, list.number, seen).await?.unwrap_or(list.revision)
        };
        if first.as_ref().is_none_or(|(_, earliest)| place < *earliest) {
            first = Some((list, place));
        }
    }
    Ok(first)
}

/// The feed of what is stored here.
pub struct StoredFeed(pub Db);

impl StoredFeed {
    /// Where a reader stands; at the beginning when its position is none of ours, or of a database that was put back.
    async fn position(&self, after: &str) -> Result<Position, ReadError> {
        let Ok(position) = after.parse::<Position>() else { return Ok(Position::default()) };
        let known = position.revision.0 <= sequence::current(&self.0, "membership").await?;
        Ok(if known { position } else { Position::default() })
    }
}

#[async_trait]
impl MemberFeed for StoredFeed {
    async fn next(&self, place: &Place, after: &str) -> Result<Option<MemberPatch>, FeedError> {
        let refused = |error: ReadError| FeedError(error.into());
        let from = self.position(after).await.map_err(refused)?;
        let step = next(&self.0, Some((&place.project, &place.environment)), from).await.map_err(refused)?;
        Ok(step.map(|step| {
            let on = |list| step.members.iter().filter(move |member| member.list == list).map(|member| member.hash);
            MemberPatch {
                reference: step.generation.reference(),
                included: on(Some(MemberList::Included)).collect(),
                excluded: on(Some(MemberList::Excluded)).collect(),
                neither: on(None).collect(),
                from: after.to_owned(),
                to: step.to.to_string(),
            }
        }))
    }

    async fn head(&self, place: &Place) -> Result<String, FeedError> {
        let head = head(&self.0, Some((&place.project, &place.environment))).await;
        head.map(|head| head.to_string()).map_err(|error| FeedError(error.into()))
    }

    fn pokes(&self) -> watch::Receiver<u64> {
        self.0.pokes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_from_its_text() {
        let hash = ContextHash::of("ada");
        for position in
            [Position::default(), Position::at(Revision(57)), Position { revision: Revision(9), within: Some(hash) }]
        {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        for nonsense in ["", "-1", "x", "7.", "7.AAAA", "7.7.7"] {
            assert_eq!(nonsense.parse::<Position>(), Err(NoPosition), "{nonsense}");
        }
    }
}
