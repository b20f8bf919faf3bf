//! Is it well? `/healthz` for load balancers, `/api/status` for people.

use access::{Need, Rule};
use axum::Json;
use axum::extract::State;
use db::{Db, Dialect};
use http::StatusCode;
use rest::{OpenApiRouter, Problem, Problems};
use runtime::Board;
use serde::Serialize;
use utoipa::ToSchema;

/// Access: load balancers have no account.
pub const RULES: &[Rule] = &[Rule::get("/healthz", Need::Public), Rule::get("/api/status", Need::Reader)];

/// What the answers are made of.
#[derive(Clone)]
pub struct Health {
    /// Whether it answers.
    pub db: Db,
    /// What the reconcilers of this node did last.
    pub board: Board,
}

/// The state of this node.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NodeStatus {
    /// Steadfast's version.
    version: &'static str,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// Whether the database answers; SDKs keep every flag meanwhile.
    database_answers: bool,
    /// The reconcilers of this node: name, whether it leads, its last run.
    #[schema(value_type = Vec<Object>)]
    reconcilers: Vec<runtime::Report>,
}

/// The routes, ready to be merged.
pub fn routes(health: Health) -> OpenApiRouter {
    OpenApiRouter::default().routes(rest::routes!(healthz)).routes(rest::routes!(status)).with_state(health)
}

/// Says 204 when this node can take writes, 503 when its database is away.
#[utoipa::path(get, path = "/healthz", tag = "status", responses((status = 204), (status = 503)), security(()))]
async fn healthz(State(health): State<Health>) -> StatusCode {
    match health.db.health().await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Tells how this node is.
#[utoipa::path(get, path = "/api/status", tag = "status", responses((status = 200, body = NodeStatus), Problems))]
async fn status(State(health): State<Health>) -> Result<Json<NodeStatus>, Problem> {
    let database = match health.db.dialect() {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    };
    Ok(Json(NodeStatus {
        version: env!("CARGO_PKG_VERSION"),
        database,
        database_answers: health.db.health().await.is_ok(),
        reconcilers: health.board.reports(),
    }))
}
