//! What was decided, by whom, on what evidence, and in words.

use kernel::{Actor, ReleaseId, Revision, Timestamp};
use serde::{Deserialize, Serialize};
use statistics::Verdict;
use utoipa::ToSchema;

/// One decision about a release.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DecisionRecord {
    /// The release.
    #[schema(value_type = String)]
    pub release: ReleaseId,
    /// Its number, the first being 1.
    pub n: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// At which step, by index.
    pub step: usize,
    /// What was done.
    pub action: Action,
    /// What the judge said; absent where nothing was judged.
    #[schema(value_type = Option<crate::api::schema::Verdict>)]
    pub verdict: Option<Verdict>,
    /// Who decided.
    #[schema(value_type = flags::api::schema::Actor)]
    pub actor: Actor,
    /// What and why, in one sentence.
    pub sentence: String,
    /// What the judge saw, whole.
    pub evidence: Option<serde_json::Value>,
    /// The change of the flag that it made.
    #[schema(value_type = Option<i64>)]
    pub change_seq: Option<Revision>,
}

/// What a decision did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// The release began.
    Start,
    /// The step lasts longer than planned: something is suspect or cannot be seen.
    Extend,
    /// On to the next step.
    Advance,
    /// On to the next step because somebody said so.
    Skip,
    /// Stand until somebody decides.
    Hold,
    /// On its way again.
    Resume,
    /// Everyone has it.
    Complete,
    /// Taken back because it hurts.
    RollBack,
    /// Ended for another reason.
    Abort,
    /// The metrics are well again.
    Recover,
    /// The metrics are as bad as before it was taken back.
    StayBad,
    /// Whether they are well cannot be seen.
    LoseSight,
}

impl Action {
    const ALL: [Self; 12] = [
        Self::Start,
        Self::Extend,
        Self::Advance,
        Self::Skip,
        Self::Hold,
        Self::Resume,
        Self::Complete,
        Self::RollBack,
        Self::Abort,
        Self::Recover,
        Self::StayBad,
        Self::LoseSight,
    ];

    /// The word in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Extend => "extend",
            Self::Advance => "advance",
            Self::Skip => "skip",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::RollBack => "rollBack",
            Self::Abort => "abort",
            Self::Recover => "recover",
            Self::StayBad => "stayBad",
            Self::LoseSight => "loseSight",
        }
    }

    /// The action of this word.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}
