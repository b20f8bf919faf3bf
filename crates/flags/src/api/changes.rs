//! The change log: history, and the way back.

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use db::Batch;
use kernel::{EnvironmentKey, ProjectKey, Revision, Timestamp};
use rest::{Page, Paging, Path, Problem, Problems, Query};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Rooms;
use super::paths::OneFlag;
use crate::model::{Cause, ChangeRecord, ChangeSummary};
use crate::service::author;
use crate::store::changes::ChangeFilter;

/// Which changes to list.
#[derive(Deserialize, IntoParams)]
pub(super) struct ChangeQuery {
    /// Of this project.
    #[param(value_type = Option<String>)]
    project: Option<ProjectKey>,
    /// Of this environment, those of the whole project included.
    #[param(value_type = Option<String>)]
    environment: Option<EnvironmentKey>,
    /// At this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// Where.
#[derive(Deserialize, IntoParams)]
pub(super) struct InWhich {
    /// Of this environment, those in all environments included.
    #[param(value_type = Option<String>)]
    environment: Option<EnvironmentKey>,
}

/// Lists changes, newest first.
#[utoipa::path(
    get, path = "/api/changes", operation_id = "list_changes", tag = "flags", params(ChangeQuery, Paging),
    responses((status = 200, body = Page<ChangeSummary>), Problems)
)]
pub(super) async fn list(
    State(rooms): State<Rooms>,
    Query(ChangeQuery { project, environment, since }): Query<ChangeQuery>,
    Paging(page): Paging,
) -> Result<Json<Page<ChangeSummary>>, Problem> {
    let filter = ChangeFilter { project, environment, since, flag: None };
    Ok(Json(rooms.flags.changes(&filter, &page).await?.into()))
}

/// Lists the changes of a flag, newest first, those of a deleted one too.
#[utoipa::path(
    get, path = "/api/projects/{project}/flags/{flag}/changes", operation_id = "list_flag_changes", tag = "flags",
    params(OneFlag, InWhich, Paging), responses((status = 200, body = Page<ChangeSummary>), Problems)
)]
pub(super) async fn of_flag(
    State(rooms): State<Rooms>,
    Path(OneFlag { project, flag }): Path<OneFlag>,
    Query(InWhich { environment }): Query<InWhich>,
    Paging(page): Paging,
) -> Result<Json<Page<ChangeSummary>>, Problem> {
    let filter = ChangeFilter { project: Some(project), environment, flag: Some(flag), since: None };
    Ok(Json(rooms.flags.changes(&filter, &page).await?.into()))
}

/// Reads a change with all that it did.
#[utoipa::path(
    get, path = "/api/changes/{seq}", operation_id = "read_change", tag = "flags",
    params(("seq" = i64, Path, description = "Its place in the log")),
    responses((status = 200, body = ChangeRecord), Problems)
)]
pub(super) async fn read(State(rooms): State<Rooms>, Path(seq): Path<i64>) -> Result<Json<ChangeRecord>, Problem> {
    Ok(Json(rooms.flags.change_at(Revision(seq)).await?))
}

/// Takes a change back, if what it changed is still as it left it.
#[utoipa::path(
    post, path = "/api/changes/{seq}/undo", operation_id = "undo_change", tag = "flags",
    params(("seq" = i64, Path, description = "Its place in the log")),
    responses((status = 200, body = ChangeRecord), Problems)
)]
pub(super) async fn undo(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(seq): Path<i64>,
) -> Result<Json<ChangeRecord>, Problem> {
    let actor = author(&caller, Role::Writer)?;
    Ok(Json(rooms.flags.undo(Revision(seq), actor, Cause::default(), Batch::new()).await?))
}
