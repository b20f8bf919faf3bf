//! The gate before every route: who asks, whether the table lets them, and whether it is not a forgery.

use axum::extract::FromRequestParts;
use http::request::Parts;
use rest::Problem;

use crate::{Caller, Credential};

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(not_logged_in)
    }
}

impl<S: Sync> FromRequestParts<S> for Credential {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(not_logged_in)
    }
}

fn not_logged_in() -> Problem {
    Problem::unauthorised("not-logged-in", "this needs a session or a token")
        .hint("log in, or send the header Authorization: Bearer sft_…")
}
