//! One row of the change log: who did what to which thing, why, and how it is undone.

use kernel::{Actor, EnvironmentKey, FlagKey, IncidentId, ProjectKey, ReleaseId, Revision, SegmentKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Configuration, Environment, Flag, Project, Segment};
use crate::instruction::Instruction;

/// The thing that a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A project.
    Project(ProjectKey),
    /// An environment of a project, its SDK keys included.
    Environment(ProjectKey, EnvironmentKey),
    /// A flag in all environments.
    Flag(ProjectKey, FlagKey),
    /// A flag in one environment.
    Configuration(ProjectKey, EnvironmentKey, FlagKey),
    /// A segment of an environment.
    Segment(ProjectKey, EnvironmentKey, SegmentKey),
}

/// What sort of thing a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Noun {
    /// A project.
    Project,
    /// An environment, its SDK keys included.
    Environment,
    /// A flag in all environments.
    Flag,
    /// A flag in one environment.
    Configuration,
    /// A segment.
    Segment,
}

impl Noun {
    const ALL: [Self; 5] = [Self::Project, Self::Environment, Self::Flag, Self::Configuration, Self::Segment];

    /// The word in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Environment => "environment",
            Self::Flag => "flag",
            Self::Configuration => "configuration",
            Self::Segment => "segment",
        }
    }

    /// The noun of this word.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|noun| noun.as_str() == text)
    }
}

impl Subject {
    /// What sort of thing it is.
    pub fn noun(&self) -> Noun {
        match self {
            Self::Project(..) => Noun::Project,
            Self::Environment(..) => Noun::Environment,
            Self::Flag(..) => Noun::Flag,
            Self::Configuration(..) => Noun::Configuration,
            Self::Segment(..) => Noun::Segment,
        }
    }

    /// The project it belongs to.
    pub fn project(&self) -> &ProjectKey {
        match self {
            Self::Project(project)
            | Self::Environment(project, _)
            | Self::Flag(project, _)
            | Self::Configuration(project, ..)
            | Self::Segment(project, ..) => project,
        }
    }

    /// The environment it belongs to, unless it is of the whole project.
    pub fn environment(&self) -> Option<&EnvironmentKey> {
        match self {
            Self::Project(_) | Self::Flag(..) => None,
            Self::Environment(_, environment)
            | Self::Configuration(_, environment, _)
            | Self::Segment(_, environment, _) => Some(environment),
        }
    }

    /// Its own key.
    pub fn key(&self) -> &str {
        match self {
            Self::Project(key) => key.as_str(),
            Self::Environment(_, key) => key.as_str(),
            Self::Flag(_, key) | Self::Configuration(_, _, key) => key.as_str(),
            Self::Segment(_, _, key) => key.as_str(),
        }
    }

    /// The subject that a row of the log names; `None` when the row contradicts itself.
    pub fn from_stored(noun: Noun, project: &str, environment: Option<&str>, key: &str) -> Option<Self> {
        let project = ProjectKey::new(project).ok()?;
        let environment = environment.map(EnvironmentKey::new).transpose().ok()?;
        Some(match (noun, environment) {
            (Noun::Project, None) => Self::Project(project),
            (Noun::Environment, Some(environment)) => Self::Environment(project, environment),
            (Noun::Flag, None) => Self::Flag(project, FlagKey::new(key).ok()?),
            (Noun::Configuration, Some(environment)) => {
                Self::Configuration(project, environment, FlagKey::new(key).ok()?)
            }
            (Noun::Segment, Some(environment)) => Self::Segment(project, environment, SegmentKey::new(key).ok()?),
            _ => return None,
        })
    }
}

/// How a thing is, before or after a change. In JSON just the thing itself: the noun stands beside it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum State {
    /// A project.
    Project(Project),
    /// An environment.
    Environment(Environment),
    /// A flag in all environments.
    Flag(Flag),
    /// A flag in one environment.
    Configuration(Configuration),
    /// A segment.
    Segment(Segment),
}

impl State {
    /// What sort of thing it is.
    pub fn noun(&self) -> Noun {
        match self {
            Self::Project(_) => Noun::Project,
            Self::Environment(_) => Noun::Environment,
            Self::Flag(_) => Noun::Flag,
            Self::Configuration(_) => Noun::Configuration,
            Self::Segment(_) => Noun::Segment,
        }
    }

    /// Reads the state of such a thing.
    pub fn parse(noun: Noun, json: &str) -> Result<Self, serde_json::Error> {
        Ok(match noun {
            Noun::Project => Self::Project(serde_json::from_str(json)?),
            Noun::Environment => Self::Environment(serde_json::from_str(json)?),
            Noun::Flag => Self::Flag(serde_json::from_str(json)?),
            Noun::Configuration => Self::Configuration(serde_json::from_str(json)?),
            Noun::Segment => Self::Segment(serde_json::from_str(json)?),
        })
    }
}

/// What made a change happen, beyond its author.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cause {
    /// The release that took a step or was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub release_id: Option<ReleaseId>,
    /// The incident from which it was undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub incident_id: Option<IncidentId>,
    /// The change that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub undo_of: Option<Revision>,
}

/// A change as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeSummary {
    /// Its place in the log, and from then on the version of what it changed.
    #[schema(value_type = i64)]
    pub seq: Revision,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who.
    #[schema(value_type = crate::api::schema::Actor)]
    pub actor: Actor,
    /// Where.
    #[schema(value_type = String)]
    pub project: ProjectKey,
    /// Where, unless it is of the whole project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub environment: Option<EnvironmentKey>,
    /// What sort of thing.
    pub noun: Noun,
    /// Which of them.
    pub key: String,
    /// Why, in the author's words.
    pub comment: String,
    /// What, in plain words: one sentence for each instruction.
    pub sentences: Vec<String>,
    /// Why, as the system knows it.
    pub cause: Cause,
    /// Whether there is a way back.
    pub undoable: bool,
    /// Whether the thing was not there before; for readers in this process only.
    #[serde(skip)]
    pub creation: bool,
}

/// A change with all that it did.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeRecord {
    /// What lists show.
    #[serde(flatten)]
    pub summary: ChangeSummary,
    /// What was done.
    pub instructions: Vec<Instruction>,
    /// What would take it back; empty where there is no way back.
    pub inverse: Vec<Instruction>,
    /// How the thing was; absent when there was none.
    pub before: Option<State>,
    /// How it has been since.
    pub after: State,
}

impl ChangeRecord {
    /// Its place in the log, and from then on the version of what it changed.
    pub fn seq(&self) -> Revision {
        self.summary.seq
    }

    /// The thing that it is about.
    pub fn subject(&self) -> Option<Subject> {
        let ChangeSummary { noun, project, environment, key, .. } = &self.summary;
        Subject::from_stored(*noun, project.as_str(), environment.as_ref().map(EnvironmentKey::as_str), key)
    }
}
