//! Releases: begun, seen, directed.

use access::Caller;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{FlagKey, ReleaseId};
use metrics::Place;
use rest::{Body, Page, Paging, Path, Problem, Problems, Query};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::PlacePath;
use crate::command::Command;
use crate::model::{DecisionRecord, Release, ReleaseState};
use crate::plan::NewRelease;
use crate::service::{Evidence, Releases};
use crate::store::release::{Filter, StateFilter};

#[derive(Deserialize, IntoParams)]
pub(super) struct ReleasePath {
    /// The release.
    #[param(value_type = String)]
    id: ReleaseId,
}

/// Which releases to list.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct ReleaseQuery {
    /// `open`, or `walking`, `held`, `completed`, `rolledBack`, `aborted`.
    #[param(value_type = Option<String>)]
    state: Option<StateWord>,
    /// Only of this flag.
    #[param(value_type = Option<String>)]
    flag: Option<FlagKey>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StateWord {
    Open,
    Walking,
    Held,
    Completed,
    RolledBack,
    Aborted,
}

impl From<StateWord> for StateFilter {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Open => Self::Open,
            StateWord::Walking => Self::Exactly(ReleaseState::Walking),
            StateWord::Held => Self::Exactly(ReleaseState::Held),
            StateWord::Completed => Self::Exactly(ReleaseState::Completed),
            StateWord::RolledBack => Self::Exactly(ReleaseState::RolledBack),
            StateWord::Aborted => Self::Exactly(ReleaseState::Aborted),
        }
    }
}

impl ReleaseQuery {
    fn filter(self, place: Option<Place>) -> Filter {
        Filter { place, flag: self.flag, state: self.state.map(StateFilter::from) }
    }
}

/// Why, in the sender's words.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Why {
    /// At most 1,000 characters.
    #[serde(default)]
    comment: String,
}

/// Begins a release with its first step.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/releases", tag = "releases", params(PlacePath),
    request_body = NewRelease, responses((status = 201, body = Release), Problems)
)]
pub(super) async fn start_release(
    State(releases): State<Releases>,
    caller: Caller,
    Path(path): Path<PlacePath>,
    Body(request): Body<NewRelease>,
) -> Result<(StatusCode, Json<Release>), Problem> {
    Ok((StatusCode::CREATED, Json(releases.start(&caller, &path.into(), request).await?)))
}

/// Lists the releases of an environment, the newest first.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/releases", tag = "releases",
    params(PlacePath, ReleaseQuery, Paging), responses((status = 200, body = Page<Release>), Problems)
)]
pub(super) async fn list_releases_of_environment(
    State(releases): State<Releases>,
    Path(path): Path<PlacePath>,
    Query(query): Query<ReleaseQuery>,
    Paging(page): Paging,
) -> Result<Json<Page<Release>>, Problem> {
    Ok(Json(releases.releases(&query.filter(Some(path.into())), &page).await?.into()))
}

/// Lists the releases of all projects, the newest first.
#[utoipa::path(
    get, path = "/api/releases", tag = "releases", params(ReleaseQuery, Paging),
    responses((status = 200, body = Page<Release>), Problems)
)]
pub(super) async fn list_releases(
    State(releases): State<Releases>,
    Query(query): Query<ReleaseQuery>,
    Paging(page): Paging,
) -> Result<Json<Page<Release>>, Problem> {
    Ok(Json(releases.releases(&query.filter(None), &page).await?.into()))
}

/// Reads a release.
#[utoipa::path(
    get, path = "/api/releases/{id}", tag = "releases", params(ReleasePath),
    responses((status = 200, body = Release), Problems)
)]
pub(super) async fn read_release(
    State(releases): State<Releases>,
    Path(path): Path<ReleasePath>,
) -> Result<Json<Release>, Problem> {
    Ok(Json(releases.release(&path.id).await?))
}

/// Shows what each guard of a release has seen, in at most 300 points.
#[utoipa::path(
    get, path = "/api/releases/{id}/evidence", tag = "releases", params(ReleasePath),
    responses((status = 200, body = Evidence), Problems)
)]
pub(super) async fn read_evidence(
    State(releases): State<Releases>,
    Path(path): Path<ReleasePath>,
) -> Result<Json<Evidence>, Problem> {
    Ok(Json(releases.evidence(&path.id).await?))
}

/// Lists the decisions about a release, the first first.
#[utoipa::path(
    get, path = "/api/releases/{id}/decisions", tag = "releases", params(ReleasePath, Paging),
    responses((status = 200, body = Page<DecisionRecord>), Problems)
)]
pub(super) async fn list_decisions(
    State(releases): State<Releases>,
    Path(path): Path<ReleasePath>,
    Paging(page): Paging,
) -> Result<Json<Page<DecisionRecord>>, Problem> {
    Ok(Json(releases.decisions(&path.id, &page).await?.into()))
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident = $path:literal => $command:expr),+ $(,)?) => {$(
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, tag = "releases", params(ReleasePath), request_body = Option<Why>,
            responses((status = 200, body = Release), Problems)
        )]
        pub(super) async fn $name(
            State(releases): State<Releases>,
            caller: Caller,
            Path(path): Path<ReleasePath>,
            why: Option<Body<Why>>,
        ) -> Result<Json<Release>, Problem> {
            let Why { comment } = why.map(|Body(why)| why).unwrap_or_default();
            Ok(Json(releases.direct(&caller, &path.id, $command, &comment).await?))
        }
    )+};
}

commands! {
    /// Holds a release at its step; it is still watched.
    hold_release = "/api/releases/{id}/hold" => Command::Hold,
    /// Lets a held release go on, from the beginning of its step.
    resume_release = "/api/releases/{id}/resume" => Command::Resume,
    /// Takes the next step now, whatever the judge says.
    skip_step = "/api/releases/{id}/skip" => Command::Skip,
    /// Ends a release and gives everybody what was.
    abort_release = "/api/releases/{id}/abort" => Command::Abort,
    /// Takes a release back because it hurts, also after its end.
    roll_back_release = "/api/releases/{id}/roll-back" => Command::RollBack,
}
