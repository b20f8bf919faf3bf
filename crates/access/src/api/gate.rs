//! The gate before every route: who asks, whether the table lets them, and whether it is not a forgery.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use rest::Problem;

use crate::policy::{self, Provenance, Refusal};
use crate::secret::TOKEN_PREFIX;
use crate::{Access, Caller, Credential, Need, Secret, Table};

/// The cookie that holds the secret of a session.
pub const SESSION_COOKIE: &str = "steadfast_session";

/// Refuses what the table does not let in, and tells handlers who asks.
#[derive(Clone)]
pub struct Gate {
    /// Who knows people; `None` where there are none.
    access: Option<Access>,
    table: Arc<Table>,
}

impl Gate {
    /// A gate that asks `access` who it is and `table` what they may.
    pub fn new(access: Access, table: Table) -> Self {
        Self { access: Some(access), table: Arc::new(table) }
    }

    /// A gate where nobody has an account: routes for everybody and for SDKs are open, all others closed.
    pub fn without_people(table: Table) -> Self {
        Self { access: None, table: Arc::new(table) }
    }

    /// Puts the gate before each route that `router` has so far; its fallback stays open.
    pub fn protect(self, router: Router) -> Router {
        router.route_layer(from_fn_with_state(self, pass))
    }

    async fn judge(&self, request: &mut Request) -> Result<(), Problem> {
        let need = request.extensions().get::<MatchedPath>();
        let need = need.and_then(|path| self.table.need(request.method(), path.as_str()));
        let need = need.ok_or_else(|| {
            tracing::error!(method = %request.method(), path = request.uri().path(), "no rule of access for this route");
            Problem::forbidden("no-rule", "no rule says who may do this, so nobody may")
        })?;
        if matches!(need, Need::Public | Need::SdkKey) {
            return Ok(());
        }
        let no_people = || Problem::forbidden("no-people", "nobody has an account here, so nobody may do this");
        let access = self.access.as_ref().ok_or_else(no_people)?;
        let known = identify(access, request.method(), request.headers()).await?;
        policy::admit(need, known.as_ref().map(|(caller, _)| caller.role)).map_err(Problem::from)?;
        if let Some((caller, credential)) = known {
            request.extensions_mut().insert(caller);
            request.extensions_mut().insert(credential);
        }
        Ok(())
    }
}

/// Who sends this; a token goes before a cookie, and one that is wrong is refused rather than passed over.
async fn identify(
    access: &Access,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<(Caller, Credential)>, Problem> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let token = bearer(authorization).filter(|token| token.starts_with(TOKEN_PREFIX)).ok_or_else(|| {
            Problem::unauthorised("not-a-token", "this is not one of our tokens")
                .field("Authorization")
                .hint("send the header Authorization: Bearer sft_…")
        })?;
        return match access.by_token(token).await? {
            Some(known) => Ok(Some(known)),
            None => Err(Problem::unauthorised("unknown-token", "this token is not known, was revoked, or has expired")
                .field("Authorization")),
        };
    }
    let Some(secret) = session_secret(headers) else { return Ok(None) };
    if policy::may_be_forged(method, provenance(headers)) {
        return Err(Problem::forbidden("cross-site", "this request does not come from the console")
            .hint("programs use a token instead of the console's cookie"));
    }
    Ok(access.by_session(secret).await?)
}

async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    match gate.judge(&mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn bearer(authorization: &HeaderValue) -> Option<&str> {
    let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn session_secret(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == SESSION_COOKIE).map(|(_, secret)| secret)
}

fn provenance(headers: &HeaderMap) -> Provenance<'_> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    Provenance {
        fetch_site: text(HeaderName::from_static("sec-fetch-site")),
        origin: text(header::ORIGIN),
        host: text(header::HOST),
    }
}

/// A `Set-Cookie` that hands the session to the browser. The server decides when it ends; 400 days is the most that
/// browsers keep a cookie.
pub(super) fn session_cookie(session: &Secret, secure: bool) -> HeaderValue {
    cookie(session.reveal(), 400 * 24 * 60 * 60, secure)
}

/// A `Set-Cookie` that takes the session away.
pub(super) fn no_session_cookie(secure: bool) -> HeaderValue {
    cookie("", 0, secure)
}

fn cookie(value: &str, max_age: u32, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age}{secure}");
    HeaderValue::try_from(text).expect("base64url is fit for a header")
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Refusal::NotLoggedIn.into())
    }
}

impl<S: Sync> FromRequestParts<S> for Credential {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Refusal::NotLoggedIn.into())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotLoggedIn => Self::unauthorised("not-logged-in", "this needs a session or a token")
                .hint("log in, or send the header Authorization: Bearer sft_…"),
            Refusal::RoleTooLow { needed } => Self::forbidden("role-too-low", format!("this needs the role {needed}"))
                .hint("ask an admin for the role"),
        }
    }
}
