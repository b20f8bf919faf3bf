//! Whether a project or an environment may be.

use super::limits;
use crate::model::{Environment, Project};
use crate::reason::Invalid;

pub(super) fn project(project: &Project) -> Result<(), Invalid> {
    limits::name("/name", &project.name)?;
    limits::words("/description", &project.description, limits::DESCRIPTION)
}

pub(super) fn environment(environment: &Environment) -> Result<(), Invalid> {
    limits::name("/name", &environment.name)
}
