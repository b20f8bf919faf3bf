//! The manners of our HTTP API: how requests are read, answers written, and refusals explained.
//!
//! A handler of a capability looks like this, and stays below 20 lines:
//!
//! ```
//! use axum::{Json, extract::State};
//! use rest::{Body, ETag, IfMatch, Path, Problem, Problems};
//!
//! /// What the path holds; the names are those of the template.
//! #[derive(serde::Deserialize, utoipa::IntoParams)]
//! struct GreetingPath {
//!     /// Whom to greet.
//!     #[param(value_type = String)]
//!     name: kernel::FlagKey,
//! }
//!
//! #[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! struct Greeting {
//!     words: String,
//! }
//!
//! /// Changes a greeting.
//! #[utoipa::path(put, path = "/api/greetings/{name}", params(GreetingPath), request_body = Greeting, responses(
//!     (status = 200, body = Greeting), Problems
//! ))]
//! async fn put_greeting(
//!     State(stored): State<kernel::Revision>,
//!     Path(_path): Path<GreetingPath>,
//!     expected: IfMatch,
//!     Body(greeting): Body<Greeting>,
//! ) -> Result<(ETag, Json<Greeting>), Problem> {
//!     if expected.0.is_some_and(|seen| seen != stored) {
//!         return Err(Problem::precondition_failed("stale-version", "the greeting has changed since you read it"));
//!     }
//!     Ok((ETag(kernel::Revision(stored.0 + 1)), Json(greeting)))
//! }
//!
//! // The capability's routes: their state is given here, so that the server merges them as they are.
//! let routes: rest::OpenApiRouter =
//!     rest::OpenApiRouter::default().routes(rest::routes!(put_greeting)).with_state(kernel::Revision(41));
//! ```
//!
//! - [`problem`]: refusals by RFC 9457, and [`Problems`] to declare them.
//! - [`body`], [`path`], [`query`], [`paging`], [`if_match`]: extractors that refuse with a problem.
//! - [`openapi`]: the document that the capabilities' routes are merged into.
//! - [`sse`]: streams of server-sent events. [`cors`]: what pages of other origins may do.
//! - [`fallback`]: problems for unknown routes and methods.

pub mod body;
pub mod cors;
pub mod fallback;
pub mod if_match;
pub mod openapi;
pub mod paging;
pub mod path;
pub mod problem;
pub mod query;
pub mod sse;

pub use body::Body;
pub use cors::Cors;
pub use if_match::{ETag, IfMatch};
pub use paging::{Page, Paging};
pub use path::Path;
pub use problem::{Problem, Problems};
pub use query::Query;
pub use utoipa_axum::{router::OpenApiRouter, routes};
