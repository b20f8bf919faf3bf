//! Import of what another server's SDKs receive.

use std::collections::BTreeMap;

use access::{Caller, Role};
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use delivery::Place;
use evaluation::Payload;
use rest::{Body, Path, Problem, Problems, Query};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::Rooms;
use super::paths::InEnvironment;
use crate::Import;
use crate::import::unleash::{Features, InvalidState};
use crate::import::{Details, Report};
use crate::service::UnleashImport;
use crate::service::author;

/// A payload of many thousand flags with long lists of keys is this large.
const BYTES: usize = 64 << 20;
/// Flags and segments of one import: what is planned is held in memory, several times over.
const ITEMS: usize = 20_000;

/// How to import.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct How {
    /// Write nothing, only report.
    #[serde(default)]
    dry_run: bool,
    /// Change what is here already and differs; else it is refused.
    #[serde(default)]
    replace: bool,
}

/// What server-side SDKs receive from `/sdk/latest-all`, and, beside it, what people wrote about it. Members that are not
/// known are passed over.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportRequest {
    /// The flags of the environment, by key.
    #[schema(value_type = BTreeMap<String, Object>)]
    flags: BTreeMap<String, Box<RawValue>>,
    /// The segments of the environment, by key.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    segments: BTreeMap<String, Box<RawValue>>,
    /// Names, descriptions and tags.
    #[serde(default)]
    details: Details,
}

impl ImportRequest {
    fn import(self, How { dry_run, replace }: How) -> Result<Import, Problem> {
        bounded(self.flags.len() + self.segments.len())?;
        let payload = Payload::from_items(self.flags, self.segments);
        Ok(Import { payload, details: self.details, replace, dry_run })
    }
}

/// Imports flags and segments of LaunchDarkly, or of another Steadfast, so that every context keeps its variation; reports
/// what was taken and what was refused. All that is taken is written at once, or nothing; the same again changes nothing.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/import/launchdarkly",
    operation_id = "import_launchdarkly", tag = "flags", params(InEnvironment, How), request_body = ImportRequest,
    responses((status = 200, body = Report), Problems)
)]
pub(super) async fn launchdarkly(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
    Query(how): Query<How>,
    request: Request,
) -> Result<Json<Report>, Problem> {
    let actor = author(&caller, Role::Admin)?;
    let _turn = rooms.flags.turn_to_import()?;
    let Body(body) = Body::<ImportRequest, BYTES>::from_request(request, &()).await?;
    // A large payload takes a second to read, beside the threads that serve.
    let reading = tokio::task::spawn_blocking(move || body.import(how));
    let import = reading.await.map_err(|error| Problem::internal(&error))??;
    Ok(Json(rooms.flags.import(actor, &Place { project, environment }, import).await?))
}

/// How to import from Unleash.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub(super) struct HowUnleash {
    /// Write nothing, only report.
    #[serde(default)]
    dry_run: bool,
    /// Change what is here already and differs; else it is refused.
    #[serde(default)]
    replace: bool,
    /// Of an export: which of Unleash's environments; may be absent when it holds only one.
    from: Option<String>,
}

/// Imports features of Unleash, so that everybody keeps their side: the body is the answer of `/api/client/features`, or of
/// `/api/admin/features-batch/export`. All that is taken is written at once, or nothing; the same again changes nothing.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/import/unleash", operation_id = "import_unleash",
    tag = "flags", params(InEnvironment, HowUnleash), request_body = Object,
    responses((status = 200, body = Report), Problems)
)]
pub(super) async fn unleash(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InEnvironment { project, environment }): Path<InEnvironment>,
    Query(HowUnleash { dry_run, replace, from }): Query<HowUnleash>,
    request: Request,
) -> Result<Json<Report>, Problem> {
    let actor = author(&caller, Role::Admin)?;
    let _turn = rooms.flags.turn_to_import()?;
    let Body(body) = Body::<Box<RawValue>, BYTES>::from_request(request, &()).await?;
    // A large one takes a second to read, beside the threads that serve.
    let reading = tokio::task::spawn_blocking(move || Features::read(body.get(), from.as_deref()));
    let read = reading.await.map_err(|error| Problem::internal(&error))?;
    let features = read.map_err(|error| refuse(&error))?;
    bounded(features.len())?;
    let import = UnleashImport { features, replace, dry_run };
    Ok(Json(rooms.flags.import_unleash(actor, &Place { project, environment }, import).await?))
}

fn refuse(error: &InvalidState) -> Problem {
    let (code, field) = match error {
        InvalidState::Shape(_) => ("not-unleash", "/features"),
        InvalidState::Environment(_) => ("unleash-environment", "from"),
    };
    Problem::bad_request(code, error.to_string()).field(field)
}

fn bounded(count: usize) -> Result<(), Problem> {
    if count <= ITEMS {
        return Ok(());
    }
    let problem = Problem::bad_request("too-many", format!("there are {count} flags and segments, more than {ITEMS}"));
    Err(problem.field("/flags").hint("import them in parts: needs and what needs them together"))
}
