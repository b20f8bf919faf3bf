//! An environment of a project.

use std::fmt;

use kernel::{EnvironmentKey, ProjectKey};

/// An environment of a project: where SDKs read from, and where their events come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The project.
    pub project: ProjectKey,
    /// Its environment.
    pub environment: EnvironmentKey,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.project, self.environment)
    }
}
