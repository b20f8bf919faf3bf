//! How much of everything there may be, and how long words may be.

use std::collections::BTreeSet;

use crate::model::State;
use crate::reason::{Invalid, Reason};

pub(crate) const NAME: usize = 200;
pub(crate) const DESCRIPTION: usize = 4_000;
pub(crate) const TAGS: usize = 50;
pub(super) const VARIATIONS: usize = 100;
pub(super) const RULES: usize = 1_000;
pub(super) const CLAUSES: usize = 50;
pub(super) const CLAUSE_VALUES: usize = 10_000;
pub(super) const PREREQUISITES: usize = 50;
pub(super) const CONTEXT_KEYS: usize = 100_000;
pub(super) const CONTEXT_KEY: usize = 512;
pub(super) const TARGET_ORDER: usize = 1_000;
/// Unleash allows 30.
pub(super) const STRATEGIES: usize = 100;
pub(super) const CONSTRAINT_VALUE: usize = 4_000;
/// Of all variants together in Unleash.
pub(super) const VARIANT_WEIGHT: u32 = 1_000;
pub(super) const PAYLOAD: usize = 1 << 16;
pub(super) const ROLLOUT_SHARES: usize = VARIATIONS;

/// A state is written whole into the log, before and after, and into every SDK's memory.
const STATE_BYTES: usize = 4 << 20;

pub(super) fn size(state: &State) -> Result<(), Invalid> {
    let bytes = serde_json::to_string(state).map_or(usize::MAX, |json| json.len());
    if bytes > STATE_BYTES {
        return Err(Invalid::at("", Reason::TooLarge { bytes, most: STATE_BYTES }));
    }
    Ok(())
}

/// What is shown on one line, and stands in a column of its own where it is counted by.
pub(super) fn name(field: &str, text: &str) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::at(field, Reason::Empty));
    }
    if text.contains(char::is_control) {
        return Err(Invalid::at(field, Reason::ControlCharacter));
    }
    words(field, text, NAME)
}

pub(super) fn words(field: &str, text: &str, most: usize) -> Result<(), Invalid> {
    if text.chars().count() > most { Err(Invalid::at(field, Reason::TooLong(most))) } else { Ok(()) }
}

/// Like [`words`], for what is long enough to be measured in bytes.
pub(super) fn length(field: &str, bytes: usize, most: usize) -> Result<(), Invalid> {
    if bytes > most { Err(Invalid::at(field, Reason::TooLarge { bytes, most })) } else { Ok(()) }
}

pub(super) fn count(field: &str, what: &'static str, count: usize, most: usize) -> Result<(), Invalid> {
    if count > most { Err(Invalid::at(field, Reason::TooMany { what, count, most })) } else { Ok(()) }
}

pub(super) fn tags(tags: &[String]) -> Result<(), Invalid> {
    count("/tags", "tags", tags.len(), TAGS)?;
    for (at, tag) in tags.iter().enumerate() {
        let field = format!("/tags/{at}");
        name(&field, tag)?;
        if tags[..at].contains(tag) {
            return Err(Invalid::at(field, Reason::Twice(tag.clone())));
        }
    }
    Ok(())
}

pub(super) fn context_keys<'a>(field: &str, keys: impl Iterator<Item = &'a BTreeSet<String>>) -> Result<(), Invalid> {
    let mut total = 0;
    for list in keys {
        total += list.len();
        for key in list {
            if key.is_empty() {
                return Err(Invalid::at(field, Reason::Empty));
            }
            words(field, key, CONTEXT_KEY)?;
        }
    }
    count(field, "context keys", total, CONTEXT_KEYS)
}
