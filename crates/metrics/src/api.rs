//! Our HTTP API: metric definitions, counts for people, SDKs, and events as they arrive.

mod live;

use std::time::Duration;

use access::{Caller, Need, Rule};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{EnvironmentKey, FlagKey, MetricKey, ProjectKey, Revision, Timestamp};
use rest::{Body, ETag, IfMatch, OpenApiRouter, Page, Paging, Path, Problem, Problems, Query, routes};
use runtime::Tasks;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{BadWhen, BinWidth, EvaluationCount, Metric, MetricDefinition, OutcomeCount, Place};
use crate::sdk::SeenSdk;
use crate::service::Metrics;

/// Who may do what.
pub const RULES: &[Rule] = &[
    Rule::get("/api/projects/{project}/metrics", Need::Reader),
    Rule::post("/api/projects/{project}/metrics", Need::Writer),
    Rule::get("/api/projects/{project}/metrics/{metric}", Need::Reader),
    Rule::patch("/api/projects/{project}/metrics/{metric}", Need::Writer),
    Rule::delete("/api/projects/{project}/metrics/{metric}", Need::Writer),
    Rule::get("/api/projects/{project}/environments/{environment}/flags/{flag}/evaluations", Need::Reader),
    Rule::get("/api/projects/{project}/environments/{environment}/metrics/{metric}/outcomes", Need::Reader),
    Rule::get("/api/projects/{project}/environments/{environment}/sdks", Need::Reader),
    Rule::get("/api/projects/{project}/environments/{environment}/live-events", Need::Reader),
];

/// The capability's routes; those that go on for long end with the tasks.
pub fn routes(metrics: Metrics, tasks: Tasks) -> OpenApiRouter {
    let live = live::route(metrics.clone(), tasks);
    OpenApiRouter::default()
        .routes(routes!(list_metrics, create_metric))
        .routes(routes!(read_metric, update_metric, delete_metric))
        .routes(routes!(list_evaluations))
        .routes(routes!(list_outcomes))
        .routes(routes!(list_sdks))
        .with_state(metrics)
        .merge(live)
}

#[derive(Deserialize, IntoParams)]
struct ProjectPath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
}

#[derive(Deserialize, IntoParams)]
struct MetricPath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
    /// The metric.
    #[param(value_type = String)]
    metric: MetricKey,
}

#[derive(Deserialize, IntoParams)]
struct PlacePath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    environment: EnvironmentKey,
}

#[derive(Deserialize, IntoParams)]
struct FlagPath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    environment: EnvironmentKey,
    /// The flag.
    #[param(value_type = String)]
    flag: FlagKey,
}

#[derive(Deserialize, IntoParams)]
struct OutcomesPath {
    /// The project.
    #[param(value_type = String)]
    project: ProjectKey,
    /// The environment.
    #[param(value_type = String)]
    environment: EnvironmentKey,
    /// The metric.
    #[param(value_type = String)]
    metric: MetricKey,
}

/// Since when to count.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Since {
    /// From this instant on; an hour ago when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// Since when to count evaluations, and how finely.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Binned {
    /// From this instant on; an hour ago when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Over how long they are added up; a minute when absent.
    #[serde(default)]
    #[param(inline)]
    by: BinWidth,
}

/// A metric to define.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewMetric {
    /// Its key.
    #[schema(value_type = String)]
    key: MetricKey,
    /// For people: `Failed payments`.
    name: String,
    /// For people: why it matters.
    #[serde(default)]
    description: String,
    /// The key of the SDK's custom event: `payment-failed`.
    event_key: String,
    /// When a unit counts as bad.
    #[serde(default)]
    bad_when: BadWhen,
}

/// What to change of a metric; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MetricPatch {
    /// For people.
    name: Option<String>,
    /// For people.
    description: Option<String>,
    /// The key of the SDK's custom event; comparisons under way keep the one that they began with.
    event_key: Option<String>,
    /// When a unit counts as bad.
    bad_when: Option<BadWhen>,
}

/// A whole list: these are bounded.
#[derive(Serialize, ToSchema)]
struct List<T> {
    /// The items.
    items: Vec<T>,
}

/// Lists a project's metrics by key.
#[utoipa::path(
    get, path = "/api/projects/{project}/metrics", tag = "metrics", params(ProjectPath, Paging),
    responses((status = 200, body = Page<Metric>), Problems)
)]
async fn list_metrics(
    State(metrics): State<Metrics>,
    Path(path): Path<ProjectPath>,
    Paging(page): Paging,
) -> Result<Json<Page<Metric>>, Problem> {
    Ok(Json(metrics.list(&path.project, &page).await?.into()))
}

/// Defines a metric.
#[utoipa::path(
    post, path = "/api/projects/{project}/metrics", tag = "metrics", params(ProjectPath), request_body = NewMetric,
    responses((status = 201, body = Metric), Problems)
)]
async fn create_metric(
    State(metrics): State<Metrics>,
    caller: Caller,
    Path(path): Path<ProjectPath>,
    Body(new): Body<NewMetric>,
) -> Result<(StatusCode, ETag, Json<Metric>), Problem> {
    let NewMetric { key, name, description, event_key, bad_when } = new;
    let definition = MetricDefinition { name, description, event_key, bad_when };
    let metric = metrics.create(&caller, &path.project, key, definition).await?;
    Ok((StatusCode::CREATED, ETag(Revision(metric.version)), Json(metric)))
}

/// Reads a metric.
#[utoipa::path(
    get, path = "/api/projects/{project}/metrics/{metric}", tag = "metrics", params(MetricPath),
    responses((status = 200, body = Metric), Problems)
)]
async fn read_metric(
    State(metrics): State<Metrics>,
    Path(path): Path<MetricPath>,
) -> Result<(ETag, Json<Metric>), Problem> {
    let metric = metrics.metric(&path.project, &path.metric).await?;
    Ok((ETag(Revision(metric.version)), Json(metric)))
}

/// Changes a metric's words or event.
#[utoipa::path(
    patch, path = "/api/projects/{project}/metrics/{metric}", tag = "metrics", params(MetricPath, IfMatch),
    request_body = MetricPatch, responses((status = 200, body = Metric), Problems)
)]
async fn update_metric(
    State(metrics): State<Metrics>,
    caller: Caller,
    Path(path): Path<MetricPath>,
    IfMatch(seen): IfMatch,
    Body(edit): Body<MetricPatch>,
) -> Result<(ETag, Json<Metric>), Problem> {
    let change = |old: MetricDefinition| MetricDefinition {
        name: edit.name.unwrap_or(old.name),
        description: edit.description.unwrap_or(old.description),
        event_key: edit.event_key.unwrap_or(old.event_key),
        bad_when: edit.bad_when.unwrap_or(old.bad_when),
    };
    let of = (&path.project, &path.metric);
    let metric = metrics.update(&caller, of, seen.map(|seen| seen.0), change).await?;
    Ok((ETag(Revision(metric.version)), Json(metric)))
}

/// Takes a metric away; comparisons under way keep it to their end.
#[utoipa::path(
    delete, path = "/api/projects/{project}/metrics/{metric}", tag = "metrics", params(MetricPath, IfMatch),
    responses((status = 204), Problems)
)]
async fn delete_metric(
    State(metrics): State<Metrics>,
    caller: Caller,
    Path(path): Path<MetricPath>,
    IfMatch(seen): IfMatch,
) -> Result<StatusCode, Problem> {
    metrics.delete(&caller, (&path.project, &path.metric), seen.map(|seen| seen.0)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Counts a flag's evaluations by variation, and by the minute, by ten minutes or by the hour: the newest 20,000 counts.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/flags/{flag}/evaluations", tag = "metrics",
    params(FlagPath, Binned), responses((status = 200, body = List<EvaluationCount>), Problems)
)]
async fn list_evaluations(
    State(metrics): State<Metrics>,
    Path(path): Path<FlagPath>,
    Query(Binned { since, by }): Query<Binned>,
) -> Result<Json<List<EvaluationCount>>, Problem> {
    let place = Place { project: path.project, environment: path.environment };
    let since = since.unwrap_or_else(|| an_hour_ago(&metrics));
    Ok(Json(List { items: metrics.evaluations(&place, &path.flag, (since, by)).await? }))
}

/// Counts a metric's events in an environment, whoever sent them: by second, and by minute when they are older; the
/// newest 20,000 counts.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/metrics/{metric}/outcomes", tag = "metrics",
    params(OutcomesPath, Since), responses((status = 200, body = List<OutcomeCount>), Problems)
)]
async fn list_outcomes(
    State(metrics): State<Metrics>,
    Path(path): Path<OutcomesPath>,
    Query(Since { since }): Query<Since>,
) -> Result<Json<List<OutcomeCount>>, Problem> {
    let place = Place { project: path.project, environment: path.environment };
    let since = since.unwrap_or_else(|| an_hour_ago(&metrics));
    let until = metrics.clock.now().plus(Duration::from_secs(1));
    Ok(Json(List { items: metrics.outcomes(&place, &path.metric, (since, until)).await? }))
}

/// Lists the SDKs of an environment, the last seen first, with the streams that they hold now; at most 1,000.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/sdks", tag = "metrics", params(PlacePath),
    responses((status = 200, body = List<SeenSdk>), Problems)
)]
async fn list_sdks(
    State(metrics): State<Metrics>,
    Path(path): Path<PlacePath>,
) -> Result<Json<List<SeenSdk>>, Problem> {
    let place = Place { project: path.project, environment: path.environment };
    Ok(Json(List { items: metrics.sdks(&place).await? }))
}

fn an_hour_ago(metrics: &Metrics) -> Timestamp {
    metrics.clock.now().minus(Duration::from_hours(1))
}
