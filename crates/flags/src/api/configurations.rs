//! Flags in one environment.

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use kernel::Revision;
use rest::{Body, IfMatch, Path, Problem, Problems, Query};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Rooms;
use super::paths::FlagInEnvironment;
use super::schema::{ChangeRequest, DryRun, Outcome};
use crate::Change;
use crate::service::{Edited, author};

/// Which version to bring back.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RestoreRequest {
    /// The change after which the flag was as it shall be again.
    #[schema(value_type = i64)]
    seq: Revision,
}

/// Changes what a flag does in an environment, or, with `dryRun`, says what that would do.
#[utoipa::path(
    patch, path = "/api/projects/{project}/environments/{environment}/flags/{flag}",
    operation_id = "change_configuration", tag = "flags", params(FlagInEnvironment, DryRun, IfMatch),
    request_body = ChangeRequest, responses((status = 200, body = Outcome), Problems)
)]
pub(super) async fn amend(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(flag): Path<FlagInEnvironment>,
    Query(DryRun { dry_run }): Query<DryRun>,
    IfMatch(expected): IfMatch,
    Body(request): Body<ChangeRequest>,
) -> Result<Json<Outcome>, Problem> {
    let change = Change::new(author(&caller, Role::Writer)?, flag.subject(), request.instructions);
    let change = change.comment(request.comment).expected(expected);
    if dry_run {
        return Ok(Json(Outcome::Preview(Box::new(rooms.flags.preview(&change).await?.into()))));
    }
    Ok(Json(Outcome::Edited(rooms.flags.edit(change).await?)))
}

/// Brings back what a flag did in an environment after an earlier change.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/flags/{flag}/restore",
    operation_id = "restore_configuration", tag = "flags", params(FlagInEnvironment), request_body = RestoreRequest,
    responses((status = 200, body = Edited), Problems)
)]
pub(super) async fn restore(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(FlagInEnvironment { project, environment, flag }): Path<FlagInEnvironment>,
    Body(RestoreRequest { seq }): Body<RestoreRequest>,
) -> Result<Json<Edited>, Problem> {
    let actor = author(&caller, Role::Writer)?;
    Ok(Json(rooms.flags.restore(actor, (project, environment, flag), seq).await?))
}
