//! Tokens: listed, made, revoked.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use kernel::{Timestamp, TokenId};
use rest::{Body, Page, Paging, Path, Problem, Problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::Minted;
use crate::{Access, Caller, Credential, Name, Role, Token, TokenKind, mint};

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MakeToken {
    /// What it is for.
    #[schema(value_type = String)]
    name: Name,
    kind: TokenKind,
    /// At most one's own.
    role: Role,
    /// When it ends by itself; absent: when it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewToken {
    token: Token,
    /// What to send as `Authorization: Bearer …`; it is shown this once.
    secret: String,
}

/// Lists one's own tokens, or everybody's for admins; newest first.
#[utoipa::path(get, path = "/api/tokens", operation_id = "list_tokens", tag = "access", params(Paging), responses(
    (status = 200, body = Page<Token>), Problems
))]
pub(super) async fn list(
    State(access): State<Access>,
    caller: Caller,
    Paging(page): Paging,
) -> Result<Json<Page<Token>>, Problem> {
    Ok(Json(access.tokens(&caller, &page).await?.into()))
}

/// Makes a token.
#[utoipa::path(
    post, path = "/api/tokens", operation_id = "make_token", tag = "access", request_body = MakeToken,
    responses((status = 201, body = NewToken), Problems)
)]
pub(super) async fn make(
    State(access): State<Access>,
    caller: Caller,
    credential: Credential,
    Body(MakeToken { name, kind, role, expires_at }): Body<MakeToken>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let wish = mint::Wish { name, kind, role, expires_at };
    let Minted { token, secret } = access.mint(&caller, &credential, wish).await?;
    Ok((StatusCode::CREATED, Json(NewToken { token, secret: secret.reveal().to_owned() })))
}

/// Ends a token at once.
#[utoipa::path(
    delete, path = "/api/tokens/{id}", operation_id = "revoke_token", tag = "access",
    params(("id" = String, Path, description = "Such as tok_…")), responses((status = 204), Problems)
)]
pub(super) async fn revoke(
    State(access): State<Access>,
    caller: Caller,
    Path(id): Path<TokenId>,
) -> Result<StatusCode, Problem> {
    access.revoke(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
