//! The parts of our paths, by name.

use kernel::{EnvironmentKey, FlagKey, ProjectKey, SegmentKey};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::model::{KeyId, SegmentPlace, Subject};

#[derive(Deserialize, IntoParams)]
pub(super) struct InProject {
    /// The project.
    #[param(value_type = String)]
    pub(super) project: ProjectKey,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct InEnvironment {
    /// The project.
    #[param(value_type = String)]
    pub(super) project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    pub(super) environment: EnvironmentKey,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct OneKey {
    /// The project.
    #[param(value_type = String)]
    pub(super) project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    pub(super) environment: EnvironmentKey,
    /// The key's id, such as `key_…`.
    #[param(value_type = String)]
    pub(super) id: KeyId,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct OneFlag {
    /// The project.
    #[param(value_type = String)]
    pub(super) project: ProjectKey,
    /// The flag.
    #[param(value_type = String)]
    pub(super) flag: FlagKey,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct FlagInEnvironment {
    /// The project.
    #[param(value_type = String)]
    pub(super) project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    pub(super) environment: EnvironmentKey,
    /// The flag.
    #[param(value_type = String)]
    pub(super) flag: FlagKey,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct OneSegment {
    /// The project.
    #[param(value_type = String)]
    pub(super) project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    pub(super) environment: EnvironmentKey,
    /// The segment.
    #[param(value_type = String)]
    pub(super) segment: SegmentKey,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct OneUpload {
    /// The project.
    #[param(value_type = String)]
    pub(super) project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    pub(super) environment: EnvironmentKey,
    /// The segment.
    #[param(value_type = String)]
    pub(super) segment: SegmentKey,
    /// The upload's id, such as `upl_…`.
    pub(super) id: String,
}

impl OneFlag {
    pub(super) fn subject(self) -> Subject {
        Subject::Flag(self.project, self.flag)
    }
}

impl FlagInEnvironment {
    pub(super) fn subject(self) -> Subject {
        Subject::Configuration(self.project, self.environment, self.flag)
    }
}

impl OneSegment {
    pub(super) fn subject(self) -> Subject {
        Subject::Segment(self.project, self.environment, self.segment)
    }
}

impl From<OneSegment> for SegmentPlace {
    fn from(OneSegment { project, environment, segment }: OneSegment) -> Self {
        Self { project, environment, segment }
    }
}

impl OneUpload {
    pub(super) fn parts(self) -> (SegmentPlace, String) {
        let Self { project, environment, segment, id } = self;
        (SegmentPlace { project, environment, segment }, id)
    }
}
