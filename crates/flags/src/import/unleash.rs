//! What Unleash gives away of an environment: the answer of its client API, or an export of its admin API.
//!
//! - `read`: both shapes, item by item. `export`: the tables of an export. `translate`: a feature in our words.

mod export;
mod read;
mod translate;

use evaluation::unleash::model::Feature;

pub use self::read::InvalidState;
pub(super) use self::translate::translate;
use super::details::FlagDetails;
use super::refusal::Refusal;

/// Features as they were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Those that could be read; names are unique.
    pub features: Vec<Incoming>,
    /// The names of those that are left out before they are looked at, and why.
    pub refused: Vec<(String, Refusal)>,
}

/// A feature of one environment, with its segments written into its strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// As SDKs receive it.
    pub feature: Feature,
    /// What people wrote about it: for a flag that is not here yet.
    pub words: FlagDetails,
    /// What is to be known of it.
    pub notes: Vec<String>,
}

impl Features {
    /// How many there are, those left out among them.
    pub fn len(&self) -> usize {
        self.features.len() + self.refused.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests;
