//! Members of big segments: who is in, and putting keys on lists and taking them off.

use std::collections::BTreeSet;

use db::CommitError;
use delivery::Sought;
use kernel::Actor;

use super::change::Change;
use super::{Error, Flags};
use crate::instruction::{CreateSegment, Instruction};
use crate::model::{ContextHash, Generation, GenerationState, MemberList, SegmentPlace, Subject};
use crate::reason::{Invalid, Reason};
use crate::store::generations::{self, NewGeneration};
use crate::store::members::{self, MEMBERS, Moves};

/// So many keys are named by one update.
pub const MOST_KEYS: usize = 10_000;
const KEY_CHARACTERS: usize = 512;
/// So many big segments an environment has at most, deleted ones included: each is looked up at each evaluation.
const MOST_SEGMENTS: usize = 100;
/// How often an update is decided again when another list of members comes to be served meanwhile.
const TRIES: usize = 8;

/// Keys to be put on one list and taken off it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Put on this list; off the other one, if they are on it.
    pub add: Vec<String>,
    /// Taken off this list; on the other one they stay.
    pub remove: Vec<String>,
}

/// Keys to be moved: at most [`MOST_KEYS`], each named once. Doing it twice is doing it once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembersUpdate {
    /// Who is in.
    pub included: Listed,
    /// Who is out, whatever the rules say.
    pub excluded: Listed,
}

/// Who is in a big segment, as far as one asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The list of members that is served, with its exact counts.
    pub generation: Generation,
    /// On which list the key is that was asked for.
    pub list: Option<MemberList>,
}

impl Flags {
    /// The members of a big segment in numbers, and where one key is.
    pub async fn membership(&self, place: &SegmentPlace, key: Option<&str>) -> Result<Membership, Error> {
        let generation = self.served_generation(place).await?;
        let list = match key {
            Some(key) => {
                let sought = Sought { generation: generation.number, hash: ContextHash::of(key) };
                members::look_up(&self.db, &[sought]).await?.pop()
            }
            None => None,
        };
        Ok(Membership { generation, list: list.map(|(_, list)| list) })
    }

    /// Moves members: durable when it returns, and seen by every evaluation from then on.
    pub async fn update_members(&self, place: &SegmentPlace, update: &MembersUpdate) -> Result<Generation, Error> {
        let moves = moves(update)?;
        for _ in 0..TRIES {
            let generation = self.served_generation(place).await?;
            if moves == Moves::default() {
                return Ok(generation);
            }
            match self.db.commit(members::change(generation.number, &moves, self.now())).await {
                Ok(()) => return self.generation(generation.number).await,
                Err(CommitError::Conflict { guard: MEMBERS }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }

    /// The list of members that the segment serves.
    async fn served_generation(&self, place: &SegmentPlace) -> Result<Generation, Error> {
        let segment = self.segment(&place.project, &place.environment, &place.segment).await?;
        self.generation(segment.body.generation.ok_or(Error::NotBig)?).await
    }

    pub(super) async fn generation(&self, number: i64) -> Result<Generation, Error> {
        let lost = || Error::Fault(format!("generation {number} is not there").into());
        generations::by_number(&self.db, number).await?.ok_or_else(lost)
    }

    /// Numbers the list of members of a big segment that is to be created, which cannot be known before the database has
    /// given it. What comes of no creation is swept like an upload that was given up.
    pub(super) async fn open_generation(&self, change: &mut Change) -> Result<(), Error> {
        let Subject::Segment(project, environment, segment) = &change.subject else { return Ok(()) };
        let place =
            SegmentPlace { project: project.clone(), environment: environment.clone(), segment: segment.clone() };
        for instruction in &mut change.instructions {
            let Instruction::CreateSegment(CreateSegment { segment }) = instruction else { continue };
            if !segment.unbounded {
                continue;
            }
            self.environment(&place.project, &place.environment).await?;
            let there = generations::served(&self.db, Some((&place.project, &place.environment))).await?;
            let (what, count, most) = ("big segments", there.len(), MOST_SEGMENTS);
            if count >= most {
                return Err(Invalid::at("/unbounded", Reason::TooMany { what, count, most }).into());
            }
            let id = format!("gen_{}", self.mint());
            let state = GenerationState::Opened;
            let opened = self.begin_generation(&id, &place, state, &change.actor, None).await?;
            segment.generation = Some(opened.number);
        }
        Ok(())
    }

    pub(super) async fn begin_generation(
        &self,
        id: &str,
        place: &SegmentPlace,
        state: GenerationState,
        actor: &Actor,
        bytes_total: Option<u64>,
    ) -> Result<Generation, Error> {
        let now = self.now();
        self.db
            .commit(generations::begin(&NewGeneration { id, place, state, actor, now, bytes_total }).quiet())
            .await?;
        let lost = || Error::Fault(format!("generation {id} was committed and cannot be read").into());
        generations::by_id(&self.db, id).await?.ok_or_else(lost)
    }
}

/// The update by hashes, sorted, if every key may be one and is named once.
fn moves(update: &MembersUpdate) -> Result<Moves, Invalid> {
    let lists = [
        ("/included/add", &update.included.add),
        ("/included/remove", &update.included.remove),
        ("/excluded/add", &update.excluded.add),
        ("/excluded/remove", &update.excluded.remove),
    ];
    let count = lists.iter().map(|(_, keys)| keys.len()).sum();
    if count > MOST_KEYS {
        return Err(Invalid::at("", Reason::TooMany { what: "keys", count, most: MOST_KEYS }));
    }
    let mut named = BTreeSet::new();
    for (field, keys) in lists {
        for (at, key) in keys.iter().enumerate() {
            let field = format!("{field}/{at}");
            if key.is_empty() {
                return Err(Invalid::at(field, Reason::Empty));
            }
            if key.chars().count() > KEY_CHARACTERS {
                return Err(Invalid::at(field, Reason::TooLong(KEY_CHARACTERS)));
            }
            if !named.insert(key.as_str()) {
                return Err(Invalid::at(field, Reason::Twice(key.clone())));
            }
        }
    }
    let [added, removed, barred, freed] = lists.map(|(_, keys)| {
        let mut hashes: Vec<_> = keys.iter().map(|key| ContextHash::of(key)).collect();
        hashes.sort_unstable();
        hashes
    });
    let listed = |pairs: [(MemberList, Vec<ContextHash>); 2]| {
        pairs.into_iter().filter(|(_, hashes)| !hashes.is_empty()).collect()
    };
    Ok(Moves {
        put: listed([(MemberList::Included, added), (MemberList::Excluded, barred)]),
        take_off: listed([(MemberList::Included, removed), (MemberList::Excluded, freed)]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn a_key_is_named_once_and_is_one() {
        let table = [
            (keys(&["ada", "ada"]), "/included/add/1", "duplicate"),
            (keys(&["ada", ""]), "/included/add/1", "empty"),
            (keys(&[&"x".repeat(513)]), "/included/add/0", "too-long"),
            ((0..=MOST_KEYS).map(|at| at.to_string()).collect(), "", "too-many"),
        ];
        for (add, field, code) in table {
            let included = Listed { add, remove: vec![] };
            let refused = moves(&MembersUpdate { included, excluded: Listed::default() }).unwrap_err();
            assert_eq!((&*refused.field, refused.reason.code()), (field, code));
        }
        let both = MembersUpdate {
            included: Listed { add: keys(&["ada"]), remove: vec![] },
            excluded: Listed { add: vec![], remove: keys(&["ada"]) },
        };
        assert_eq!(moves(&both).unwrap_err().field, "/excluded/remove/0");
    }
}
