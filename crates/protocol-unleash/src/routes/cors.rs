//! What browsers ask before they let a page call another site. The frontend API takes tokens, no cookies, from anywhere.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use rest::Cors;

const CORS: Cors = Cors {
    allowed_headers: "authorization, content-type, cache-control, if-none-match, accept, unleash-appname, \
                      unleash-connection-id, unleash-instanceid, unleash-interval, unleash-sdk, unleash-client-spec",
    exposed_headers: "etag",
    max_age: "86400",
};

/// Answers the question before the call.
pub(crate) async fn preflight() -> Response {
    (StatusCode::NO_CONTENT, CORS.preflight("GET, POST, OPTIONS")).into_response()
}

/// Lets every page read the answer, and its entity tag.
pub(crate) async fn open(response: Response) -> Response {
    CORS.open(response)
}
