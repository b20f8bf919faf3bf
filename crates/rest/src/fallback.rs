//! What is answered where no route is: problems, like everywhere else.

#![allow(clippy::unused_async, clippy::needless_pass_by_value)] // the shape that axum asks of handlers

use http::{Method, StatusCode, Uri};

use crate::Problem;

/// For `Router::fallback`: 404.
pub async fn no_route(uri: Uri) -> Problem {
    Problem::not_found("no-such-route", format!("there is nothing at {}", uri.path()))
}

/// For `Router::method_not_allowed_fallback`: 405; axum adds the header `Allow`.
pub async fn no_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("{} does not take {method}", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "no-such-method", detail)
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::Request, routing::get};
    use tower::ServiceExt;

    #[tokio::test]
    async fn unknown_routes_and_methods_get_problems() {
        let app = Router::<()>::new()
            .route("/", get(|| async {}))
            .fallback(super::no_route)
            .method_not_allowed_fallback(super::no_method);
        for (request, status) in [(Request::get("/nowhere"), 404), (Request::delete("/"), 405)] {
            let response = app.clone().oneshot(request.body(String::new()).unwrap()).await.unwrap();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            assert_eq!(response.headers().get("allow").is_some(), status == 405);
        }
    }
}
