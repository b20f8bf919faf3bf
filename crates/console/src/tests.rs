//! What browsers and programs are answered.

use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

const NAVIGATION: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

fn asset(bytes: &'static str, mime: &str) -> Asset {
    Asset { bytes: bytes.as_bytes().into(), hash: format!("hash{}", bytes.len()), mime: mime.to_owned() }
}

fn built(path: &str) -> Option<Asset> {
    match path {
        "index.html" => Some(asset("<!doctype html>", "text/html")),
        "favicon.svg" => Some(asset("<svg/>", "image/svg+xml")),
        "assets/index-1a2b.js" => Some(asset("import './x';", "text/javascript")),
        "assets/long-3c4d.js" => Some(asset(include_str!("lib.rs"), "text/javascript")),
        _ => None,
    }
}

async fn get(lookup: Lookup, path: &str, headers: &[(&str, &str)]) -> Response {
    ask(lookup, Method::GET, path, headers).await
}

async fn ask(lookup: Lookup, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    routes_of(lookup).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn every_address_that_a_browser_navigates_to_is_the_console() {
    for path in ["/", "/login", "/shop/production/flags/checkout.v2", "/pages/c0de1"] {
        let response = get(built, path, &[NAVIGATION]).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert_eq!(text(response).await, "<!doctype html>");
    }
    assert_eq!(get(built, "/", &[]).await.status(), 200);
}

#[tokio::test]
async fn hashed_files_are_kept_for_good_and_others_are_asked_for_again() {
    for (path, kept) in [("/assets/index-1a2b.js", "public, max-age=31536000, immutable"), ("/favicon.svg", "no-cache")]
    {
        let response = get(built, path, &[]).await;
        assert_eq!(response.headers()["cache-control"], kept, "{path}");
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            assert_eq!(get(built, path, &[("if-none-match", &known)]).await.status(), 304, "{known}");
        }
        assert_eq!(get(built, path, &[("if-none-match", "\"other\"")]).await.status(), 200);
    }
}

#[tokio::test]
async fn programs_and_missed_files_get_a_problem_instead_of_a_page() {
    let missed = [
        (Method::GET, "/api/nothing", NAVIGATION),
        (Method::GET, "/assets/index-0000.js", NAVIGATION),
        (Method::GET, "/sdk/latest", ("accept", "*/*")),
        (Method::POST, "/login", NAVIGATION),
        (Method::GET, "/../Cargo.toml", ("accept", "*/*")),
    ];
    for (method, path, header) in missed {
        let response = ask(built, method, path, &[header]).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn pages_run_no_script_but_ours_and_stand_in_no_frame() {
    let response = get(built, "/", &[NAVIGATION]).await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
}

#[tokio::test]
async fn without_a_bundle_a_page_says_how_to_build_it() {
    let response = get(|_| None, "/shop/production/now", &[NAVIGATION]).await;
    assert_eq!(response.status(), 503);
    assert!(text(response).await.contains("cargo xtask web"));
}

#[tokio::test]
async fn what_browsers_can_unpack_is_sent_packed() {
    let response = get(built, "/assets/long-3c4d.js", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let packed = response.into_body().collect().await.unwrap().to_bytes();
    assert!(packed.len() < include_str!("lib.rs").len() / 2);
}
