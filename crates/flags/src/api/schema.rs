//! What stands in requests and answers of several routes.

use kernel::ActorKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::instruction::Instruction;
use crate::model::State;
use crate::reach::Reach;
use crate::service::{Edited, Preview};

/// Who did it.
#[derive(ToSchema)]
#[allow(dead_code)] // kernel's type has no schema of its own; only the shape of this one is used
pub struct Actor {
    /// What sort of author: `person`, `token`, `release`, `page` or `system`.
    #[schema(value_type = String)]
    kind: ActorKind,
    /// Its id; empty for the system.
    id: String,
    /// Its name at the time.
    name: String,
}

/// A change to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChangeRequest {
    /// What is to be done, in order: all of it, or nothing.
    pub(super) instructions: Vec<Instruction>,
    /// Why.
    #[serde(default)]
    pub(super) comment: String,
}

/// Whether to do it, or only to say what would be done.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct DryRun {
    /// Only say what would be done.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Words to a change that has no body.
#[derive(Deserialize, IntoParams)]
pub(super) struct Comment {
    /// Why.
    #[serde(default)]
    pub(super) comment: String,
}

/// What came of an edit, or what it would do.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Outcome {
    /// It was made, or nothing was to be done.
    Edited(Edited),
    /// It would do this.
    Preview(Box<PreviewView>),
}

/// What a change would do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PreviewView {
    /// What would be done, in words.
    sentences: Vec<String>,
    /// How the thing is.
    before: Option<State>,
    /// How it would be.
    after: State,
    /// Of a flag in an environment: who would notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<Reach>,
}

impl From<Preview> for PreviewView {
    fn from(Preview { sentences, before, after, reach }: Preview) -> Self {
        Self { sentences, before, after, reach }
    }
}
