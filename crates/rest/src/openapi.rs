//! The OpenAPI 3.1 document that every capability's routes are merged into.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement};
use utoipa::{PartialSchema, ToSchema};

use crate::Problem;

/// The document without routes: title, [`Problem`], and the two ways to authenticate.
///
/// The server starts with `OpenApiRouter::with_openapi(document(…))`, merges the capabilities' routers, and splits.
pub fn document(title: &str, version: &str, session_cookie: &str) -> OpenApi {
    let token =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A personal or service token.")).build();
    let session = ApiKey::Cookie(ApiKeyValue::with_description(session_cookie, "A person's session in the console."));
    let components = ComponentsBuilder::new()
        .schema(Problem::name(), Problem::schema())
        .security_scheme("token", SecurityScheme::Http(token))
        .security_scheme("session", SecurityScheme::ApiKey(session));
    let either = ["token", "session"].map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new()));
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title(title).version(version).build())
        .components(Some(components.build()))
        .security(Some(either))
        .build()
}

#[cfg(test)]
mod tests {
    use axum::Json;

    use super::*;
    use crate::{OpenApiRouter, Page, Paging, Path, Problems, Query, routes};

    #[derive(serde::Deserialize, utoipa::IntoParams)]
    struct ShelfPath {
        /// The shelf.
        #[param(value_type = String)]
        shelf: kernel::ProjectKey,
    }

    #[derive(serde::Deserialize, utoipa::IntoParams)]
    struct Filter {
        /// Only of this colour.
        colour: Option<String>,
    }

    #[derive(serde::Serialize, utoipa::ToSchema)]
    struct Book {
        #[schema(value_type = String, format = DateTime)]
        printed_at: kernel::Timestamp,
    }

    /// Lists books.
    #[utoipa::path(get, path = "/shelves/{shelf}/books", params(ShelfPath, Filter, Paging), responses(
        (status = 200, body = Page<Book>), Problems
    ))]
    async fn books(Path(path): Path<ShelfPath>, Query(filter): Query<Filter>, _page: Paging) -> Json<Page<Book>> {
        assert_eq!((path.shelf.as_str(), filter.colour), ("top", None));
        Json(kernel::Page { items: Vec::<Book>::new(), next: None }.into())
    }

    /// Burns a book.
    #[utoipa::path(
        delete, path = "/shelves/{shelf}/{book}", params(("shelf" = String, Path), ("book" = String, Path)),
        responses((status = 204))
    )]
    async fn burn(Path((_shelf, _book)): Path<(kernel::ProjectKey, kernel::FlagKey)>) {}

    #[test]
    fn a_route_brings_its_parameters_its_schemas_and_its_problems() {
        let mut api = OpenApiRouter::<()>::with_openapi(document("Library", "1.0.0", "session"))
            .routes(routes!(books))
            .routes(routes!(burn));
        let json = serde_json::to_value(api.to_openapi()).unwrap();
        assert_eq!(json["openapi"], "3.1.0");
        let operation = &json["paths"]["/shelves/{shelf}/books"]["get"];
        let mut names: Vec<_> = operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (p["in"].as_str(), p["name"].as_str()))
            .collect();
        names.sort_unstable();
        let expected = [("path", "shelf"), ("query", "after"), ("query", "colour"), ("query", "limit")]
            .map(|(a, b)| (Some(a), Some(b)));
        assert_eq!(names, expected, "{operation:#}");
        assert_eq!(json["paths"]["/shelves/{shelf}/{book}"]["delete"]["parameters"][1]["name"], "book");
        let problem = &operation["responses"]["default"]["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(problem, "#/components/schemas/Problem");
        assert_eq!(
            json["components"]["schemas"]["Problem"]["required"],
            serde_json::json!(["status", "title", "code", "detail"])
        );
        assert!(json["components"]["schemas"]["Page_Book"]["properties"]["items"].is_object(), "{json:#}");
        assert_eq!(json["components"]["schemas"]["Book"]["properties"]["printed_at"]["format"], "date-time");
    }
}
