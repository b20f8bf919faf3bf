//! The flag manifest, for the OpenFeature CLI.

use axum::Json;
use axum::extract::State;
use http::{HeaderName, HeaderValue};
use rest::{Path, Problem, Problems};

use super::Rooms;
use super::paths::InProject;
use crate::manifest::Manifest;

/// What the caller may do with the manifest: flags are changed by the routes that say who, where and why.
const CAPABILITIES: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-manifest-capabilities"), HeaderValue::from_static("read"));

/// Reads the flags of a project as the OpenFeature CLI does, to generate typed code from (`openfeature pull`). Flags whose
/// JSON values are not all objects have no type there and are left out.
#[utoipa::path(
    get, path = "/api/projects/{project}/openfeature/v0/manifest", operation_id = "read_manifest", tag = "flags",
    params(InProject),
    responses((status = 200, body = Manifest, headers(("X-Manifest-Capabilities" = String))), Problems)
)]
pub(super) async fn read(
    State(rooms): State<Rooms>,
    Path(InProject { project }): Path<InProject>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Manifest>), Problem> {
    Ok(([CAPABILITIES], Json(rooms.flags.manifest(&project).await?)))
}
