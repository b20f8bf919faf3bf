//! Escalation policies.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::PolicyKey;
use rest::{Body, ETag, IfMatch, Page, Paging, Path, Problem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Oncall;
use crate::model::{Level, Policy};
use crate::service::PolicyRequest;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PolicyPath {
    /// The policy.
    #[param(value_type = String)]
    policy: PolicyKey,
}

/// A new escalation policy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewPolicy {
    #[schema(value_type = String)]
    key: PolicyKey,
    name: String,
    /// The levels, paged one after the other until somebody acknowledges.
    levels: Vec<Level>,
    /// How often the levels are walked again from the top before the catch-all is paged.
    #[serde(default)]
    repeat: u32,
}

/// Whom to page, in which order, after which delays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyView {
    #[schema(value_type = String)]
    key: PolicyKey,
    name: String,
    levels: Vec<Level>,
    repeat: u32,
    /// Counts its edits; also the ETag.
    version: i64,
    /// Whether it may be deleted: the catch-all may not.
    deletable: bool,
}

impl From<Policy> for PolicyView {
    fn from(policy: Policy) -> Self {
        let deletable = !policy.is_catch_all();
        let Policy { key, name, levels, repeat, version } = policy;
        Self { key, name, levels, repeat, version: version.0, deletable }
    }
}

/// Lists escalation policies by key.
#[utoipa::path(get, path = "/api/policies", operation_id = "list_policies", tag = "oncall", params(Paging), responses(
    (status = 200, body = Page<PolicyView>), Problems
))]
pub(super) async fn list(
    State(oncall): State<Oncall>,
    Paging(page): Paging,
) -> Result<Json<Page<PolicyView>>, Problem> {
    Ok(Json(oncall.policies(&page).await?.into()))
}

/// Adds an escalation policy.
#[utoipa::path(
    post, path = "/api/policies", operation_id = "create_policy", tag = "oncall", request_body = NewPolicy,
    responses((status = 201, body = PolicyView), Problems)
)]
pub(super) async fn create(
    State(oncall): State<Oncall>,
    caller: Caller,
    Body(NewPolicy { key, name, levels, repeat }): Body<NewPolicy>,
) -> Result<(StatusCode, ETag, Json<PolicyView>), Problem> {
    let policy = oncall.create_policy(&caller, key, PolicyRequest { name, levels, repeat }).await?;
    Ok((StatusCode::CREATED, ETag(policy.version), Json(policy.into())))
}

/// Shows an escalation policy.
#[utoipa::path(
    get, path = "/api/policies/{policy}", operation_id = "read_policy", tag = "oncall", params(PolicyPath),
    responses((status = 200, body = PolicyView), Problems)
)]
pub(super) async fn read(
    State(oncall): State<Oncall>,
    Path(path): Path<PolicyPath>,
) -> Result<(ETag, Json<PolicyView>), Problem> {
    let policy = oncall.policy(&path.policy).await?;
    Ok((ETag(policy.version), Json(policy.into())))
}

/// Replaces an escalation policy; open incidents keep the one that they began with.
#[utoipa::path(
    put, path = "/api/policies/{policy}", operation_id = "update_policy", tag = "oncall",
    params(PolicyPath, IfMatch),
    request_body = PolicyRequest, responses((status = 200, body = PolicyView), Problems)
)]
pub(super) async fn update(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<PolicyPath>,
    IfMatch(seen): IfMatch,
    Body(wish): Body<PolicyRequest>,
) -> Result<(ETag, Json<PolicyView>), Problem> {
    let policy = oncall.update_policy(&caller, &path.policy, wish, seen).await?;
    Ok((ETag(policy.version), Json(policy.into())))
}

/// Deletes an escalation policy that no service uses; never the catch-all.
#[utoipa::path(
    delete, path = "/api/policies/{policy}", operation_id = "delete_policy", tag = "oncall",
    params(PolicyPath, IfMatch),
    responses((status = 204), Problems)
)]
pub(super) async fn delete(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<PolicyPath>,
    IfMatch(seen): IfMatch,
) -> Result<StatusCode, Problem> {
    oncall.delete_policy(&caller, &path.policy, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}
