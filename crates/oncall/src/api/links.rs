//! The links in pages: GET shows, POST acts.

use axum::Json;
use axum::extract::State;
use rest::{Path, Problem, Problems};

use crate::Oncall;
use crate::service::Answer;
use crate::view::LinkView;

/// Shows what a page is about. Changes nothing, so previews and mail scanners do no harm.
#[utoipa::path(
    get, path = "/api/pages/{code}", operation_id = "read_page", tag = "oncall", security(()),
    params(("code" = String, Path, description = "From the link in the page; it holds 24 hours")),
    responses((status = 200, body = LinkView), Problems)
)]
pub(super) async fn read(State(oncall): State<Oncall>, Path(code): Path<String>) -> Result<Json<LinkView>, Problem> {
    Ok(Json(oncall.link(&code).await?))
}

/// Acknowledges in the name of the person whom the page was for.
#[utoipa::path(
    post, path = "/api/pages/{code}/acknowledge", operation_id = "acknowledge_by_page", tag = "oncall", security(()),
    params(("code" = String, Path, description = "From the link in the page")),
    responses((status = 200, body = Answer), Problems)
)]
pub(super) async fn acknowledge(
    State(oncall): State<Oncall>,
    Path(code): Path<String>,
) -> Result<Json<Answer>, Problem> {
    Ok(Json(oncall.acknowledge_by_link(&code).await?))
}

/// Takes the change back in the name of the person whom the page was for, who must be a writer now.
#[utoipa::path(
    post, path = "/api/pages/{code}/undo", operation_id = "undo_by_page", tag = "oncall", security(()),
    params(("code" = String, Path, description = "From the link in the page")),
    responses((status = 200, body = Answer), Problems)
)]
pub(super) async fn undo(State(oncall): State<Oncall>, Path(code): Path<String>) -> Result<Json<Answer>, Problem> {
    Ok(Json(oncall.undo_by_link(&code).await?))
}
