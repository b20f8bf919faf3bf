//! Membership of big segments: context keys by hash, each on one of two lists, in generations that are replaced whole.

use std::str::FromStr;

use delivery::ContextHash;
use kernel::{Actor, EnvironmentKey, ProjectKey, Revision, SegmentKey, Timestamp};

use super::{MemberList, Subject};

/// A segment by where it lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentPlace {
    /// The project.
    pub project: ProjectKey,
    /// The environment.
    pub environment: EnvironmentKey,
    /// The segment.
    pub segment: SegmentKey,
}

impl From<SegmentPlace> for Subject {
    fn from(place: SegmentPlace) -> Self {
        Self::Segment(place.project, place.environment, place.segment)
    }
}

/// One list of members that a big segment has, had, or may come to have, with what is known of its upload.
///
/// A segment serves one generation at a time. Members are stored under the generation's number alone, so a number is never
/// given twice, not even to different segments.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// Its number, counted over all segments: 1 or more.
    pub number: i64,
    /// Its id, such as `upl_…`.
    pub id: String,
    /// Whose it is.
    pub place: SegmentPlace,
    /// How far it has come.
    pub state: GenerationState,
    /// Who uploaded it, or created its segment.
    pub actor: Actor,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When there was progress last.
    pub beat_at: Timestamp,
    /// When it ceased to be served, failed or was cancelled.
    pub ended_at: Option<Timestamp>,
    /// Bytes received.
    pub bytes: u64,
    /// Bytes to be received, when the uploader said so.
    pub bytes_total: Option<u64>,
    /// Keys received, those that are named twice included.
    pub keys: u64,
    /// Members written to the database so far.
    pub staged: u64,
    /// Members that are included; counted when it is staged, and exact from then on.
    pub included: u64,
    /// Members that are excluded.
    pub excluded: u64,
    /// The place in the order of membership changes at which the whole list was there.
    pub since: Revision,
    /// The place of the last change of its members.
    pub revision: Revision,
    /// Why it failed, in words for the uploader.
    pub problem: Option<String>,
}

impl Generation {
    /// The name under which SDKs look its members up.
    pub fn reference(&self) -> String {
        evaluation::big_segments::reference(self.place.segment.as_str(), self.number)
    }
}

/// How far a generation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum GenerationState {
    /// Numbered for a segment that is about to be created.
    Opened,
    /// The file is being read and checked.
    Receiving,
    /// The members are being written, where no evaluation sees them.
    Staging,
    /// Complete and durable; served as soon as the SDKs' Redis has it, if there is one.
    Staged,
    /// Served.
    Live,
    /// Another one is served.
    Superseded,
    /// It was refused, or interrupted.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl GenerationState {
    const ALL: [Self; 8] = [
        Self::Opened,
        Self::Receiving,
        Self::Staging,
        Self::Staged,
        Self::Live,
        Self::Superseded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Receiving => "receiving",
            Self::Staging => "staging",
            Self::Staged => "staged",
            Self::Live => "live",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for GenerationState {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or("no state of a generation")
    }
}

/// One member of a generation as it is now: on a list, or on none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Whose key.
    pub hash: ContextHash,
    /// The list that it is on; `None` for a key that was taken off.
    pub list: Option<MemberList>,
}
