//! On-call schedules, overrides, and who is on call now.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{ScheduleKey, Timestamp};
use rest::{Body, ETag, IfMatch, Page, Paging, Path, Problem, Problems, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Oncall;
use crate::model::{OverrideId, Schedule};
use crate::service::{OnCallNow, OverrideRequest, OverrideView, ScheduleRequest, Shifts};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SchedulePath {
    /// The schedule.
    #[param(value_type = String)]
    schedule: ScheduleKey,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct OverridePath {
    /// The schedule.
    #[param(value_type = String)]
    schedule: ScheduleKey,
    /// The override.
    #[param(value_type = String)]
    id: OverrideId,
}

/// A stretch of time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// From this instant on.
    #[param(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until just before this instant, at most 400 days later.
    #[param(value_type = String, format = DateTime)]
    to: Timestamp,
}

/// A new on-call schedule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewSchedule {
    #[schema(value_type = String)]
    key: ScheduleKey,
    name: String,
    /// Its layers; a higher priority masks a lower one, equal ones are on call together.
    #[schema(value_type = Vec<super::schema::Layer>)]
    layers: Vec<calendar::Layer>,
}

/// Who is on call when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleView {
    #[schema(value_type = String)]
    key: ScheduleKey,
    name: String,
    /// The layers that hold since the last edit.
    #[schema(value_type = Vec<super::schema::Layer>)]
    layers: Vec<calendar::Layer>,
    /// Since when they hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Counts its edits; also the ETag.
    version: i64,
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        let Schedule { key, name, mut versions, version } = schedule;
        let (since, layers) =
            versions.pop().map_or((None, Vec::new()), |last| (Some(last.effective_from), last.layers));
        Self { key, name, layers, since, version: version.0 }
    }
}

/// Says who would be woken now, by schedule and by service, and when that changes.
#[utoipa::path(get, path = "/api/on-call", operation_id = "read_on_call", tag = "oncall", responses(
    (status = 200, body = OnCallNow), Problems
))]
pub(super) async fn now(State(oncall): State<Oncall>) -> Result<Json<OnCallNow>, Problem> {
    Ok(Json(oncall.on_call().await?))
}

/// Lists on-call schedules by key.
#[utoipa::path(get, path = "/api/schedules", operation_id = "list_schedules", tag = "oncall", params(Paging), responses(
    (status = 200, body = Page<ScheduleView>), Problems
))]
pub(super) async fn list(
    State(oncall): State<Oncall>,
    Paging(page): Paging,
) -> Result<Json<Page<ScheduleView>>, Problem> {
    Ok(Json(oncall.schedules(&page).await?.into()))
}

/// Adds an on-call schedule; it holds from now on.
#[utoipa::path(
    post, path = "/api/schedules", operation_id = "create_schedule", tag = "oncall", request_body = NewSchedule,
    responses((status = 201, body = ScheduleView), Problems)
)]
pub(super) async fn create(
    State(oncall): State<Oncall>,
    caller: Caller,
    Body(NewSchedule { key, name, layers }): Body<NewSchedule>,
) -> Result<(StatusCode, ETag, Json<ScheduleView>), Problem> {
    let schedule = oncall.create_schedule(&caller, key, ScheduleRequest { name, layers }).await?;
    Ok((StatusCode::CREATED, ETag(schedule.version), Json(schedule.into())))
}

/// Shows an on-call schedule.
#[utoipa::path(
    get, path = "/api/schedules/{schedule}", operation_id = "read_schedule", tag = "oncall", params(SchedulePath),
    responses((status = 200, body = ScheduleView), Problems)
)]
pub(super) async fn read(
    State(oncall): State<Oncall>,
    Path(path): Path<SchedulePath>,
) -> Result<(ETag, Json<ScheduleView>), Problem> {
    let schedule = oncall.schedule(&path.schedule).await?;
    Ok((ETag(schedule.version), Json(schedule.into())))
}

/// Replaces the layers from now on; whoever is on call stays until the next handoff if the line-up still has them.
#[utoipa::path(
    put, path = "/api/schedules/{schedule}", operation_id = "update_schedule", tag = "oncall",
    params(SchedulePath, IfMatch),
    request_body = ScheduleRequest, responses((status = 200, body = ScheduleView), Problems)
)]
pub(super) async fn update(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<SchedulePath>,
    IfMatch(seen): IfMatch,
    Body(wish): Body<ScheduleRequest>,
) -> Result<(ETag, Json<ScheduleView>), Problem> {
    let schedule = oncall.update_schedule(&caller, &path.schedule, wish, seen).await?;
    Ok((ETag(schedule.version), Json(schedule.into())))
}

/// Says who is on call in a stretch of time, and where nobody is.
#[utoipa::path(
    get, path = "/api/schedules/{schedule}/shifts", operation_id = "list_shifts", tag = "oncall",
    params(SchedulePath, Window), responses((status = 200, body = Shifts), Problems)
)]
pub(super) async fn shifts(
    State(oncall): State<Oncall>,
    Path(path): Path<SchedulePath>,
    Query(Window { from, to }): Query<Window>,
) -> Result<Json<Shifts>, Problem> {
    Ok(Json(oncall.shifts(&path.schedule, from, to).await?))
}

/// Lets somebody stand in for a while.
#[utoipa::path(
    post, path = "/api/schedules/{schedule}/overrides", operation_id = "add_override", tag = "oncall",
    params(SchedulePath), request_body = OverrideRequest, responses((status = 201, body = OverrideView), Problems)
)]
pub(super) async fn add_override(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<SchedulePath>,
    Body(wish): Body<OverrideRequest>,
) -> Result<(StatusCode, Json<OverrideView>), Problem> {
    Ok((StatusCode::CREATED, Json(oncall.add_override(&caller, &path.schedule, wish).await?)))
}

/// Takes an override away.
#[utoipa::path(
    delete, path = "/api/schedules/{schedule}/overrides/{id}", operation_id = "delete_override", tag = "oncall",
    params(OverridePath), responses((status = 204), Problems)
)]
pub(super) async fn delete_override(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(path): Path<OverridePath>,
) -> Result<StatusCode, Problem> {
    oncall.delete_override(&caller, &path.schedule, &path.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
