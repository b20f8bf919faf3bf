//! Members of big segments: counted, looked for, put on lists and taken off them.

use access::{Caller, Role};
use axum::Json;
use axum::extract::State;
use kernel::{Revision, Timestamp};
use rest::{Body, Path, Problem, Problems, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Rooms;
use super::paths::OneSegment;
use crate::model::{Generation, MemberList};
use crate::service::{Listed, MembersUpdate, Membership, author};

/// Ten thousand keys of 512 characters of four bytes fit, in JSON.
const BODY: usize = 24 << 20;

/// Whom to look for.
#[derive(Deserialize, IntoParams)]
pub(super) struct WhichKey {
    /// A context's key: on which list is it?
    key: Option<String>,
}

/// Keys to be put on a list and taken off it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListedKeys {
    /// Put on this list, and off the other.
    #[serde(default)]
    add: Vec<String>,
    /// Taken off this list; on the other they stay.
    #[serde(default)]
    remove: Vec<String>,
}

/// Keys to be moved, at most 10,000, each named once. Sent twice it does nothing more.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MembersRequest {
    /// Who is in.
    #[serde(default)]
    included: ListedKeys,
    /// Who is out, whatever the rules say.
    #[serde(default)]
    excluded: ListedKeys,
}

/// The members of a big segment, in numbers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MembersView {
    /// The list of members that is served.
    generation: i64,
    /// The place of its last change in the order of all changes of members.
    #[schema(value_type = i64)]
    revision: Revision,
    /// How many are in.
    included: u64,
    /// How many are out, whatever the rules say.
    excluded: u64,
    /// When it changed last.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// The list that the key is on that was asked for; absent when it is on none.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<MemberList>,
}

impl MembersView {
    fn new(generation: &Generation, list: Option<MemberList>) -> Self {
        let Generation { number, revision, included, excluded, beat_at, .. } = *generation;
        Self { generation: number, revision, included, excluded, changed_at: beat_at, list }
    }
}

/// Counts the members of a big segment, and says where one key is.
#[utoipa::path(
    get, path = "/api/projects/{project}/environments/{environment}/segments/{segment}/members",
    operation_id = "read_members", tag = "flags", params(OneSegment, WhichKey),
    responses((status = 200, body = MembersView), Problems)
)]
pub(super) async fn read(
    State(rooms): State<Rooms>,
    Path(segment): Path<OneSegment>,
    Query(WhichKey { key }): Query<WhichKey>,
) -> Result<Json<MembersView>, Problem> {
    let Membership { generation, list } = rooms.flags.membership(&segment.into(), key.as_deref()).await?;
    Ok(Json(MembersView::new(&generation, list)))
}

/// Puts keys on the lists of a big segment and takes others off: all of them, or none.
#[utoipa::path(
    post, path = "/api/projects/{project}/environments/{environment}/segments/{segment}/members",
    operation_id = "update_members", tag = "flags", params(OneSegment), request_body = MembersRequest,
    responses((status = 200, body = MembersView), Problems)
)]
pub(super) async fn update(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(segment): Path<OneSegment>,
    Body(MembersRequest { included, excluded }): Body<MembersRequest, BODY>,
) -> Result<Json<MembersView>, Problem> {
    author(&caller, Role::Writer)?;
    let listed = |ListedKeys { add, remove }| Listed { add, remove };
    let update = MembersUpdate { included: listed(included), excluded: listed(excluded) };
    let generation = rooms.flags.update_members(&segment.into(), &update).await?;
    Ok(Json(MembersView::new(&generation, None)))
}
