//! What an import took, and what it did not: one line for each flag and segment of the payload.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What came of an import, or, in a dry run, what would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportReport)]
pub struct Report {
    /// Whether nothing was written because only the report was asked for.
    pub dry_run: bool,
    /// The whole in one sentence.
    pub sentence: String,
    /// The largest version in the payload. Versions go on above it, so that an SDK which comes over never sees a lower one.
    pub largest_version: u64,
    /// How many flags and segments came to what.
    pub counts: Counts,
    /// Each segment of the payload, by key.
    pub segments: Vec<Item>,
    /// Each flag of the payload, by key.
    pub flags: Vec<Item>,
}

/// How many flags and segments came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportCounts)]
pub struct Counts {
    /// Were not there.
    pub created: usize,
    /// Were there, and have been changed.
    pub changed: usize,
    /// Were there, just like that.
    pub unchanged: usize,
    /// Are left out.
    pub refused: usize,
}

/// What came of one flag or segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportItem)]
pub struct Item {
    /// Its key in the payload.
    pub key: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What is written in another way here, though it means the same; and, where something was there, what is changed.
    pub notes: Vec<String>,
}

/// What came of one flag or segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportOutcome)]
pub enum Outcome {
    /// It was not there, and is taken.
    Created,
    /// It was there, and is made as the payload says.
    Changed,
    /// It was there, just like that.
    Unchanged,
    /// It is left out; nothing of it is taken.
    Refused,
}

impl Report {
    /// Sums up what came of the items.
    pub(super) fn new(segments: Vec<Item>, flags: Vec<Item>, largest_version: u64) -> Self {
        let count = |outcome| segments.iter().chain(&flags).filter(|item| item.outcome == outcome).count();
        let counts = Counts {
            created: count(Outcome::Created),
            changed: count(Outcome::Changed),
            unchanged: count(Outcome::Unchanged),
            refused: count(Outcome::Refused),
        };
        Self { dry_run: false, sentence: sentence(counts), largest_version, counts, segments, flags }
    }

    /// The same, of an import that is only thought through.
    #[must_use]
    pub(crate) fn dry(self) -> Self {
        Self { dry_run: true, sentence: format!("If imported: {}", self.sentence), ..self }
    }
}

fn sentence(Counts { created, changed, unchanged, refused }: Counts) -> String {
    if created + changed + refused == 0 {
        return format!("nothing to do, all {unchanged} are here just like that");
    }
    format!("{created} created, {changed} changed, {unchanged} unchanged, {refused} refused")
}
