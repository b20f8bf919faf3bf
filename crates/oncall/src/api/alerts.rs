//! Alerts from monitors.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use rest::{Body, Problem, Problems};

use crate::Oncall;
use crate::service::{AlertRequest, Alerted};

/// Takes an alert: opens an incident and pages, joins the open one with the same key, or resolves it.
#[utoipa::path(
    post, path = "/api/alerts", operation_id = "send_alert", tag = "oncall", request_body = AlertRequest,
    responses((status = 202, body = Alerted, description = "The alert and its first page are durable."), Problems)
)]
pub(super) async fn alert(
    State(oncall): State<Oncall>,
    caller: Caller,
    Body(request): Body<AlertRequest>,
) -> Result<(StatusCode, Json<Alerted>), Problem> {
    Ok((StatusCode::ACCEPTED, Json(oncall.alert(&caller, request).await?)))
}
