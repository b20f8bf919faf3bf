//! The console: embeds what `cargo xtask web` built into `web/dist`, and serves it.
//!
//! A debug build reads the folder at each request, a release build carries the files. An address that is no file is a page
//! of the console, which its own router knows; but only a browser that navigates is answered with it, so that a program
//! with a mistyped address still gets a problem.

mod bundle;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use tower_http::compression::CompressionLayer;

use crate::bundle::{Asset, Lookup};

/// Everything that no other route answers: for `Router::merge` or `Router::fallback_service`.
pub fn routes() -> Router {
    routes_of(bundle::embedded)
}

fn routes_of(lookup: Lookup) -> Router {
    let answer = async move |request: Request| answer(lookup, request).await;
    Router::new().fallback(answer).layer(CompressionLayer::new())
}

/// Vite names the files in this folder after a hash of what is in them, so what a name means never changes.
const HASHED: &str = "assets/";
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

async fn answer(lookup: Lookup, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path().trim_start_matches('/');
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    match lookup(path).filter(|_| reads && !path.is_empty()) {
        Some(asset) => file(path, asset, &parts.headers),
        None if reads && is_page(&parts.uri, &parts.headers) => page(lookup, &parts.headers),
        None => rest::fallback::no_route(parts.uri).await.into_response(),
    }
}

/// Whether the console's own router shall say what is at this address.
fn is_page(uri: &Uri, headers: &HeaderMap) -> bool {
    let wants_html =
        headers.get_all(header::ACCEPT).iter().any(|it| it.to_str().is_ok_and(|it| it.contains("text/html")));
    // A file of an older bundle must be missed, not answered with a page that the browser would read as a script.
    uri.path() == "/" || (wants_html && !uri.path().starts_with("/assets/") && !uri.path().starts_with("/api/"))
}

fn page(lookup: Lookup, headers: &HeaderMap) -> Response {
    match lookup("index.html") {
        Some(index) => file("index.html", index, headers),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, ASK_AGAIN)],
            NOT_BUILT,
        )
            .into_response(),
    }
}

fn file(path: &str, Asset { bytes, hash, mime }: Asset, asked: &HeaderMap) -> Response {
    let tag = format!("\"{hash}\"");
    let known = asked.get_all(header::IF_NONE_MATCH).iter().any(|it| it.to_str().is_ok_and(|it| it.contains(&tag)));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, mime)], Body::from(bytes)).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("hexadecimal in quotes is a header value"));
    headers.insert(header::CACHE_CONTROL, if path.starts_with(HASHED) { FOR_GOOD } else { ASK_AGAIN });
    for (name, value) in PROTECTION {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a browser may do with our pages.
///
/// Scripts come from here alone, none inline. Styles may be inline: the component library writes its theme's variables
/// into a `<style>` and places its popovers by `style` attributes, whose texts differ from page to page.
const PROTECTION: [(header::HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // One-time links carry their secret in the address.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><title>Steadfast</title><h1>The console is not built</h1>\
    <p>This binary came without the console. Run <code>cargo xtask web</code>, then build it again.\
    <p>The API and the SDKs are served as ever.</html>";

#[cfg(test)]
mod tests;
