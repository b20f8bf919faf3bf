//! Flags in all environments.

use std::collections::BTreeMap;

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{EnvironmentKey, FlagKey, PersonId, Revision};
use rest::{Body, ETag, IfMatch, Page, Paging, Path, Problem, Problems, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::paths::{InProject, OneFlag};
use super::schema::{ChangeRequest, Comment};
use super::{Rooms, refuse};
use crate::Change;
use crate::families::{Family, families};
use crate::instruction::{CreateFlag, Instruction};
use crate::model::{
    Bucketing, ChangeRecord, ClientSideAvailability, Configuration, Defaults, Flag, FlagKind, Subject, Variation,
};
use crate::reach;
use crate::service::{ConfiguredFlag, Edited, FlagView as View, author};
use crate::store::flags::FlagFilter;

/// A flag with what it does in each environment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlagView {
    #[schema(value_type = String)]
    key: FlagKey,
    /// The place in the log of its last change in all environments: its ETag.
    #[schema(value_type = i64)]
    version: Revision,
    #[serde(flatten)]
    flag: Flag,
    /// What it does in each environment, by key.
    #[schema(value_type = BTreeMap<String, ConfiguredView>)]
    environments: BTreeMap<EnvironmentKey, ConfiguredView>,
}

/// What a flag does in one environment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfiguredView {
    /// The place in the log of its last change here: what `If-Match` says; 0 when it was never configured here.
    #[schema(value_type = i64)]
    version: Revision,
    /// The version that SDKs see.
    #[schema(value_type = i64)]
    sdk_version: Revision,
    configuration: Configuration,
    /// Which SDKs evaluate it themselves, and why others do not: those are answered from here.
    families: Vec<Family>,
}

impl From<View> for FlagView {
    fn from(View { key, version, flag, environments }: View) -> Self {
        let view = |ConfiguredFlag { version, sdk_version, configuration }| ConfiguredView {
            version,
            sdk_version,
            families: families(&key, &flag, &configuration),
            configuration,
        };
        let environments = environments.into_iter().map(|(key, configured)| (key, view(configured))).collect();
        Self { key, version, flag, environments }
    }
}

/// A flag as lists show it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlagItem {
    #[schema(value_type = String)]
    key: FlagKey,
    #[schema(value_type = i64)]
    version: Revision,
    name: String,
    description: String,
    kind: FlagKind,
    bucketing: Bucketing,
    tags: Vec<String>,
    temporary: bool,
    /// What it does in each environment, by key.
    #[schema(value_type = BTreeMap<String, FlagStatus>)]
    environments: BTreeMap<EnvironmentKey, FlagStatus>,
}

/// What a flag does in one environment, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlagStatus {
    #[schema(value_type = i64)]
    version: Revision,
    #[schema(value_type = i64)]
    sdk_version: Revision,
    on: bool,
    /// How many rules or strategies there are.
    rules: usize,
    /// How many contexts are named.
    targets: usize,
    /// What contexts get that no target and no rule catches; empty where strategies decide.
    shares: Vec<FlagShare>,
}

/// One variation's share of everyone else.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlagShare {
    /// By index; absent for the SDKs' own default.
    #[serde(skip_serializing_if = "Option::is_none")]
    variation: Option<usize>,
    name: String,
    /// Thousandths of a percent.
    weight: u32,
}

impl From<View> for FlagItem {
    fn from(View { key, version, flag, environments }: View) -> Self {
        let status = |configured: &ConfiguredFlag| FlagStatus {
            version: configured.version,
            sdk_version: configured.sdk_version,
            on: configured.configuration.on,
            rules: configured.configuration.rules.len() + configured.configuration.strategies.len(),
            targets: configured.configuration.targets.iter().map(|(_, _, keys)| keys.len()).sum(),
            shares: shares(&flag, &configured.configuration),
        };
        let environments = environments.iter().map(|(key, configured)| (key.clone(), status(configured))).collect();
        let Flag { name, description, kind, bucketing, tags, temporary, .. } = flag;
        Self { key, version, name, description, kind, bucketing, tags, temporary, environments }
    }
}

fn shares(flag: &Flag, configuration: &Configuration) -> Vec<FlagShare> {
    // Whom strategies let in is known for each context alone.
    if configuration.on && !configuration.strategies.is_empty() {
        return Vec::new();
    }
    let shares = reach::reach(flag, configuration, configuration).shares.into_iter();
    shares.map(|share| FlagShare { variation: share.variation, name: share.name, weight: share.after }).collect()
}

/// Which flags to list.
#[derive(Deserialize, IntoParams)]
pub(super) struct FlagQuery {
    /// Whose key, name or tags hold this.
    search: Option<String>,
    /// That have this tag.
    tag: Option<String>,
    /// Show only what they do in this environment.
    #[param(value_type = Option<String>)]
    environment: Option<EnvironmentKey>,
}

/// A flag to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateFlagRequest {
    #[schema(value_type = String)]
    key: FlagKey,
    name: String,
    #[serde(default)]
    description: String,
    /// `boolean` when absent.
    kind: Option<FlagKind>,
    /// By whose rules it is evaluated, for good: `launchDarkly` when absent.
    #[serde(default)]
    bucketing: Bucketing,
    /// `true` and `false` when absent.
    variations: Option<Vec<Variation>>,
    /// The first variation when on and the last while off, when absent.
    defaults: Option<Defaults>,
    #[serde(default)]
    tags: Vec<String>,
    /// `true` when absent: most flags are to be removed once everybody has the new behaviour.
    temporary: Option<bool>,
    #[serde(default)]
    client_side_availability: ClientSideAvailability,
    #[schema(value_type = Option<String>)]
    maintainer_id: Option<PersonId>,
    /// Why.
    #[serde(default)]
    comment: String,
}

impl From<CreateFlagRequest> for Flag {
    fn from(request: CreateFlagRequest) -> Self {
        let usual = Self::boolean(request.name);
        let variations = request.variations.unwrap_or(usual.variations);
        let last = Defaults { on_variation: 0, off_variation: variations.len().saturating_sub(1) };
        Self {
            description: request.description,
            kind: request.kind.unwrap_or(usual.kind),
            bucketing: request.bucketing,
            defaults: request.defaults.unwrap_or(last),
            variations,
            tags: request.tags,
            temporary: request.temporary.unwrap_or(usual.temporary),
            client_side_availability: request.client_side_availability,
            maintainer_id: request.maintainer_id,
            ..usual
        }
    }
}

/// Lists the flags of a project, by key.
#[utoipa::path(
    get, path = "/api/projects/{project}/flags", operation_id = "list_flags", tag = "flags",
    params(InProject, FlagQuery, Paging), responses((status = 200, body = Page<FlagItem>), Problems)
)]
pub(super) async fn list(
    State(rooms): State<Rooms>,
    Path(InProject { project }): Path<InProject>,
    Query(FlagQuery { search, tag, environment }): Query<FlagQuery>,
    Paging(page): Paging,
) -> Result<Json<Page<FlagItem>>, Problem> {
    let filter = FlagFilter { search, tag };
    Ok(Json(rooms.flags.flags(&project, environment.as_ref(), &filter, &page).await?.into()))
}

/// Creates a flag; it is off everywhere.
#[utoipa::path(
    post, path = "/api/projects/{project}/flags", operation_id = "create_flag", tag = "flags", params(InProject),
    request_body = CreateFlagRequest, responses((status = 201, body = FlagView), Problems)
)]
pub(super) async fn create(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(InProject { project }): Path<InProject>,
    Body(mut request): Body<CreateFlagRequest>,
) -> Result<(StatusCode, ETag, Json<FlagView>), Problem> {
    let actor = author(&caller, Role::Writer)?;
    let (key, comment) = (request.key.clone(), std::mem::take(&mut request.comment));
    let create = Instruction::CreateFlag(CreateFlag { flag: request.into() });
    let change = Change::new(actor, Subject::Flag(project.clone(), key.clone()), vec![create]);
    rooms.flags.change(change.comment(comment)).await.map_err(refuse::creation)?;
    let view = rooms.flags.flag(&project, &key).await?;
    Ok((StatusCode::CREATED, ETag(view.version), Json(view.into())))
}

/// Reads a flag with what it does everywhere.
#[utoipa::path(
    get, path = "/api/projects/{project}/flags/{flag}", operation_id = "read_flag", tag = "flags", params(OneFlag),
    responses((status = 200, body = FlagView), Problems)
)]
pub(super) async fn read(
    State(rooms): State<Rooms>,
    Path(OneFlag { project, flag }): Path<OneFlag>,
) -> Result<(ETag, Json<FlagView>), Problem> {
    let view = rooms.flags.flag(&project, &flag).await?;
    Ok((ETag(view.version), Json(view.into())))
}

/// Changes a flag in all environments: its words and its variations.
#[utoipa::path(
    patch, path = "/api/projects/{project}/flags/{flag}", operation_id = "change_flag", tag = "flags",
    params(OneFlag, IfMatch), request_body = ChangeRequest, responses((status = 200, body = Edited), Problems)
)]
pub(super) async fn amend(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(flag): Path<OneFlag>,
    IfMatch(expected): IfMatch,
    Body(request): Body<ChangeRequest>,
) -> Result<(ETag, Json<Edited>), Problem> {
    let change = Change::new(author(&caller, Role::Writer)?, flag.subject(), request.instructions);
    let edited = rooms.flags.edit(change.comment(request.comment).expected(expected)).await?;
    Ok((ETag(edited.version()), Json(edited)))
}

/// Takes a flag from every SDK: they serve their callers' defaults. It can be undone.
#[utoipa::path(
    delete, path = "/api/projects/{project}/flags/{flag}", operation_id = "delete_flag", tag = "flags",
    params(OneFlag, Comment, IfMatch), responses((status = 200, body = ChangeRecord), Problems)
)]
pub(super) async fn delete(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(flag): Path<OneFlag>,
    IfMatch(expected): IfMatch,
    Query(Comment { comment }): Query<Comment>,
) -> Result<Json<ChangeRecord>, Problem> {
    let delete = vec![Instruction::DeleteFlag {}];
    let change = Change::new(author(&caller, Role::Writer)?, flag.subject(), delete);
    Ok(Json(rooms.flags.change(change.comment(comment).expected(expected)).await?))
}
