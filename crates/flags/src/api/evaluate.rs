//! Who gets what, and why: the evaluator beside a flag's rules.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use evaluation::{Context, InvalidContext};
use kernel::FlagKey;
use rest::{Body, Path, Problem, Problems};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Rooms;
use super::paths::InEnvironment;
use crate::readings::Reading;
use crate::service::{Explained, ServedVariant};
use crate::steps::Steps;

/// Whom to evaluate for, and what.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EvaluateRequest {
    /// As SDKs write it, such as `{"kind": "user", "key": "ada", "plan": "gold"}`.
    #[schema(value_type = EvaluateContext)]
    context: Value,
    /// All flags when absent.
    #[schema(value_type = Option<String>)]
    flag: Option<FlagKey>,
}

/// A context as SDKs write it: its kind, its key, and any attributes beside them. One of the kind `multi` has no key, but
/// a context by the name of each kind.
#[derive(ToSchema)]
#[allow(dead_code)] // `evaluation::Context` reads it; only the shape of this one is used
struct EvaluateContext {
    /// Such as `user`.
    kind: String,
    /// Who it is among its kind.
    key: Option<String>,
    /// For people.
    name: Option<String>,
    /// Whether events leave out who it was.
    anonymous: Option<bool>,
    /// What rules look at, such as `plan`.
    #[serde(flatten)]
    attributes: BTreeMap<String, Value>,
}

/// What a flag comes to, and why.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EvaluatedFlag {
    #[schema(value_type = String)]
    flag: FlagKey,
    /// What SDKs get; null means the caller's own default.
    value: Value,
    /// Absent when nothing is served.
    variation_index: Option<usize>,
    variation_name: Option<String>,
    /// In the words of SDKs: `{"kind": "RULE_MATCH", …}`.
    #[schema(value_type = Object)]
    reason: Value,
    /// In plain words.
    explanation: String,
    /// Of a flag by Unleash's rules: the variant that comes with being let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<ServedVariant>,
    /// How it went, step by step: told of one flag that was asked for by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Steps>,
    /// What each family of SDKs makes of it: told of one flag that was asked for by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    readings: Vec<Reading>,
}

impl From<Explained> for EvaluatedFlag {
    fn from(explained: Explained) -> Self {
        let Explained { flag, value, variation_index, variation_name, reason, explanation, variant, steps, readings } =
            explained;
        Self { flag, value, variation_index, variation_name, reason, explanation, variant, steps, readings }
    }
}

/// Evaluates one flag, or all, for a context, as SDKs would; of one flag it tells how that went, and for which SDKs it holds.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/evaluate", operation_id = "evaluate",
    tag = "flags", params(InEnvironment), request_body = EvaluateRequest,
    responses((status = 200, body = Vec<EvaluatedFlag>), Problems)
)]
pub(super) async fn evaluate(
    State(rooms): State<Rooms>,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
    Body(EvaluateRequest { context, flag }): Body<EvaluateRequest>,
) -> Result<Json<Vec<EvaluatedFlag>>, Problem> {
    let context = Context::from_value(context).map_err(|error| refuse(&error))?;
    let context = context.at(rooms.follower.snapshots().moment());
    let explained = rooms.flags.explain(&rooms.follower, (&project, &environment), &context, flag.as_ref()).await?;
    Ok(Json(explained.into_iter().map(EvaluatedFlag::from).collect()))
}

fn refuse(error: &InvalidContext) -> Problem {
    let (code, member) = match error {
        InvalidContext::KeyMissing | InvalidContext::KeyEmpty => ("context-key", "/key"),
        InvalidContext::Kind | InvalidContext::Kinds => ("context-kind", "/kind"),
        InvalidContext::AttributeType(_) => ("context-attribute", ""),
        InvalidContext::NotJson(_) | InvalidContext::NotAnObject => ("context", ""),
    };
    Problem::bad_request(code, error.to_string())
        .field(format!("/context{member}"))
        .hint(r#"give a context such as {"kind": "user", "key": "ada"}"#)
}
