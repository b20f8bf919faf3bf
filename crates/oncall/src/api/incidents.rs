//! Incidents: seen, acknowledged, undone, noted, resolved.

use access::Caller;
use axum::Json;
use axum::extract::State;
use kernel::{IncidentId, ServiceKey};
use rest::{Body, ETag, Page, Paging, Path, Problem, Problems, Query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::Oncall;
use crate::model::IncidentState;
use crate::service::Answer;
use crate::store::incidents::{Filter, StateFilter};
use crate::view::{IncidentDetail, IncidentView};

/// Which incidents to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct IncidentQuery {
    /// `open`, or `triggered`, `acknowledged`, `mitigated`, `resolved`.
    #[param(value_type = Option<String>)]
    state: Option<StateWord>,
    /// Only of this service.
    #[param(value_type = Option<String>)]
    service: Option<ServiceKey>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StateWord {
    Open,
    Triggered,
    Acknowledged,
    Mitigated,
    Resolved,
}

impl From<StateWord> for StateFilter {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Open => Self::Open,
            StateWord::Triggered => Self::Exactly(IncidentState::Triggered),
            StateWord::Acknowledged => Self::Exactly(IncidentState::Acknowledged),
            StateWord::Mitigated => Self::Exactly(IncidentState::Mitigated),
            StateWord::Resolved => Self::Exactly(IncidentState::Resolved),
        }
    }
}

/// Something to write on the timeline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NoteRequest {
    /// At most 4,096 characters.
    text: String,
}

/// Lists incidents, the latest first.
#[utoipa::path(
    get, path = "/api/incidents", operation_id = "list_incidents", tag = "oncall", params(IncidentQuery, Paging),
    responses((status = 200, body = Page<IncidentView>), Problems)
)]
pub(super) async fn list(
    State(oncall): State<Oncall>,
    Query(query): Query<IncidentQuery>,
    Paging(page): Paging,
) -> Result<Json<Page<IncidentView>>, Problem> {
    let filter = Filter { service: query.service, state: query.state.map(StateFilter::from) };
    Ok(Json(oncall.incidents(&filter, &page).await?.into()))
}

/// Shows an incident with its timeline, suspects, alerts, pages and times.
#[utoipa::path(
    get, path = "/api/incidents/{id}", operation_id = "read_incident", tag = "oncall",
    params(("id" = String, Path, description = "Such as inc_…")),
    responses((status = 200, body = IncidentDetail), Problems)
)]
pub(super) async fn read(
    State(oncall): State<Oncall>,
    Path(id): Path<IncidentId>,
) -> Result<(ETag, Json<IncidentDetail>), Problem> {
    let detail = oncall.incident(&id).await?;
    Ok((ETag(kernel::Revision(detail.incident.version)), Json(detail)))
}

/// Takes the incident in hand: nobody else is paged. Whoever comes second sees who was first.
#[utoipa::path(
    post, path = "/api/incidents/{id}/acknowledge", operation_id = "acknowledge_incident", tag = "oncall",
    params(("id" = String, Path, description = "Such as inc_…")), responses((status = 200, body = Answer), Problems)
)]
pub(super) async fn acknowledge(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(id): Path<IncidentId>,
) -> Result<Json<Answer>, Problem> {
    Ok(Json(oncall.acknowledge(&caller, &id).await?))
}

/// Says that the incident is over.
#[utoipa::path(
    post, path = "/api/incidents/{id}/resolve", operation_id = "resolve_incident", tag = "oncall",
    params(("id" = String, Path, description = "Such as inc_…")), responses((status = 200, body = Answer), Problems)
)]
pub(super) async fn resolve(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(id): Path<IncidentId>,
) -> Result<Json<Answer>, Problem> {
    Ok(Json(oncall.resolve(&caller, &id).await?))
}

/// Writes something on the timeline.
#[utoipa::path(
    post, path = "/api/incidents/{id}/note", operation_id = "note_on_incident", tag = "oncall",
    params(("id" = String, Path, description = "Such as inc_…")), request_body = NoteRequest,
    responses((status = 200, body = Answer), Problems)
)]
pub(super) async fn note(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(id): Path<IncidentId>,
    Body(NoteRequest { text }): Body<NoteRequest>,
) -> Result<Json<Answer>, Problem> {
    Ok(Json(oncall.note(&caller, &id, &text).await?))
}

/// Takes the change back that caused the incident, if it is still as that change left it.
#[utoipa::path(
    post, path = "/api/incidents/{id}/undo", operation_id = "undo_cause_of_incident", tag = "oncall",
    params(("id" = String, Path, description = "Such as inc_…")), responses((status = 200, body = Answer), Problems)
)]
pub(super) async fn undo(
    State(oncall): State<Oncall>,
    caller: Caller,
    Path(id): Path<IncidentId>,
) -> Result<Json<Answer>, Problem> {
    Ok(Json(oncall.undo(&caller, &id).await?))
}
