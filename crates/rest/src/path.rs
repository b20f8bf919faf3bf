//! Parts of the path, refused with the name of the part.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::Problem;

/// The parts of the path: one value, a tuple in the template's order, or a struct with the template's names.
///
/// Prefer the struct where a part is checked (a key): only then can a refusal name the part. In `utoipa::path` list it
/// as `params(FlagPath)` when it derives `IntoParams`, or each part as `params(("flag" = String, Path))`.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => {
                let problem = refuse(error.into_kind());
                let named = RawPathParams::from_request_parts(parts, state).await.ok();
                Err(match named.and_then(|raw| refused_part::<T>(&raw)) {
                    Some(part) => problem.field(part),
                    None => problem,
                })
            }
            // The route has no parts where its handler wants some.
            Err(other) => Err(Problem::internal(&other)),
        }
    }
}

fn refuse(kind: ErrorKind) -> Problem {
    let detail = match kind {
        ErrorKind::DeserializeError { message, .. } => message,
        ErrorKind::ParseErrorAtKey { value, expected_type, .. } => format!("'{value}' is not of type {expected_type}"),
        other => other.to_string(),
    };
    Problem::bad_request("invalid-path", detail)
}

/// The part that `T` refuses. axum forgets it when the part's own check refuses, so the parts are read by name again.
fn refused_part<T: DeserializeOwned>(raw: &RawPathParams) -> Option<String> {
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(raw).finish();
    crate::query::read::<T>(&text).err().and_then(|refusal| refusal.parameter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, extract::Request, routing::get};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    #[derive(serde::Deserialize)]
    struct FlagPath {
        project: kernel::ProjectKey,
        version: u32,
    }

    #[tokio::test]
    async fn a_wrong_part_is_named() {
        let app = Router::new().route(
            "/{project}/{version}",
            get(|Path(path): Path<FlagPath>| async move { format!("\"{} {}\"", path.project, path.version) }),
        );
        let cases = [("/shop/7", 200, ""), ("/a%20b/7", 400, "project"), ("/shop/x", 400, "version")];
        for (uri, status, field) in cases {
            let response = app.clone().oneshot(Request::get(uri).body(String::new()).unwrap()).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{uri}");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(answer["field"].as_str().unwrap_or_default(), field, "{answer}");
        }
    }
}
