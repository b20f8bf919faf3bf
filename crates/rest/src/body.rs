//! JSON bodies: bounded, strict, and refused with the path and the line of what was wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::Problem;

/// What a route takes unless it says otherwise: 1 MiB.
pub const DEFAULT_LIMIT: usize = 1 << 20;

/// A JSON body of at most `LIMIT` bytes, sent as `application/json`.
///
/// `T` decides on unknown keys: give it `#[serde(deny_unknown_fields)]`. `Option<Body<T>>` is `None` when nothing was sent,
/// whatever the header says, and for `null`; what else is sent is held to the same.
#[derive(Clone, Copy, Debug)]
pub struct Body<T, const LIMIT: usize = DEFAULT_LIMIT>(pub T);

impl<T: DeserializeOwned, S: Sync, const LIMIT: usize> FromRequest<S> for Body<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(not_json());
        }
        parse(&read(request, LIMIT).await?).map(Self)
    }
}

impl<T: DeserializeOwned, S: Sync, const LIMIT: usize> OptionalFromRequest<S> for Body<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Option<Self>, Problem> {
        let is_json = is_json(request.headers());
        let bytes = read(request, LIMIT).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        if is_json { parse::<Option<T>>(&bytes).map(|value| value.map(Self)) } else { Err(not_json()) }
    }
}

async fn read(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let body = Limited::new(request.into_body(), limit).collect().await;
    Ok(body.map_err(|error| refuse_read(&*error, limit))?.to_bytes())
}

fn not_json() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", "this route takes a JSON body")
        .field("Content-Type")
        .hint("send the header Content-Type: application/json")
}

/// Reads `bytes` as one JSON document; problems name the JSON pointer, the line and the column.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = json_pointer(error.path());
        refuse_parse(error.inner(), field)
    })?;
    deserializer.end().map_err(|error| refuse_parse(&error, String::new()))?;
    Ok(value)
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn refuse_read(error: &(dyn std::error::Error + 'static), limit: usize) -> Problem {
    if error.is::<LengthLimitError>() {
        Problem::too_large("body-too-large", format!("the body is longer than the {limit} bytes that this route takes"))
    } else {
        Problem::bad_request("body-interrupted", "the body ended before it was complete")
    }
}

fn refuse_parse(error: &serde_json::Error, field: String) -> Problem {
    let problem = match error.classify() {
        serde_json::error::Category::Data => Problem::bad_request("invalid-body", error.to_string()),
        _ => Problem::bad_request("malformed-json", error.to_string()),
    };
    if field.is_empty() { problem } else { problem.field(field) }
}

/// RFC 6901: `~` and `/` inside a key are escaped.
fn json_pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.extend(["/", &index.to_string()]),
            Segment::Map { key } => {
                pointer.extend(["/", &key.replace('~', "~0").replace('/', "~1")]);
            }
            // An enum's variant is no step in the document when it is tagged inside, as all of ours are.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::post};
    use serde::Deserialize;
    use tower::ServiceExt;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Flag {
        variations: Vec<Variation>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Variation {
        weight: u32,
    }

    async fn take(Body(flag): Body<Flag, 64>) -> String {
        flag.variations.iter().map(|variation| variation.weight).sum::<u32>().to_string()
    }

    async fn take_or_leave(flag: Option<Body<Flag, 64>>) -> String {
        flag.map_or(0, |Body(flag)| flag.variations.len()).to_string()
    }

    async fn send(content_type: &str, body: &str) -> (u16, serde_json::Value) {
        send_to("/", content_type, body).await
    }

    async fn send_to(path: &str, content_type: &str, body: &str) -> (u16, serde_json::Value) {
        let request = Request::post(path).header("content-type", content_type).body(body.to_owned()).unwrap();
        let router = Router::new().route("/", post(take)).route("/optional", post(take_or_leave));
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap())
    }

    #[tokio::test]
    async fn a_good_body_arrives() {
        let (status, sum) =
            send("application/json; charset=utf-8", r#"{"variations":[{"weight":1},{"weight":2}]}"#).await;
        assert_eq!((status, sum), (200, 3.into()));
    }

    #[tokio::test]
    async fn a_body_that_is_optional_may_be_empty_and_is_as_strict_as_any_when_it_is_not() {
        for content_type in ["application/json", "text/plain", ""] {
            assert_eq!(send_to("/optional", content_type, "").await, (200, 0.into()), "{content_type:?}");
        }
        assert_eq!(send_to("/optional", "application/json", "null").await, (200, 0.into()));
        assert_eq!(send_to("/optional", "application/json", r#"{"variations":[{"weight":1}]}"#).await, (200, 1.into()));
        let (_, problem) = send_to("/optional", "application/json", r#"{"variations":[{"weight":"x"}]}"#).await;
        assert_eq!(problem["field"], "/variations/0/weight", "{problem}");
        assert_eq!(send_to("/optional", "text/plain", "{}").await.1["code"], "not-json");
        assert_eq!(send_to("/optional", "application/json", &" ".repeat(65)).await.0, 413);
    }

    #[tokio::test]
    async fn each_fault_has_its_code_its_field_and_its_line() {
        let long = format!("{{\"variations\":[{}]}}", " ".repeat(64));
        let cases = [
            (
                "application/json",
                "{\"variations\": [\n{\"weight\":\"x\"}]}",
                400,
                "invalid-body",
                "/variations/0/weight",
            ),
            (
                "application/json",
                r#"{"variations":[{"weight":1,"wait":2}]}"#,
                400,
                "invalid-body",
                "/variations/0/wait",
            ),
            ("application/json", r#"{"variations":[{}]}"#, 400, "invalid-body", "/variations/0"),
            ("application/json", r#"{"variations":["#, 400, "malformed-json", "/variations"),
            ("application/json", r#"{"variations":[]} x"#, 400, "malformed-json", ""),
            ("application/json", "", 400, "malformed-json", ""),
            ("application/json", &long, 413, "body-too-large", ""),
            ("text/plain", "{}", 415, "not-json", "Content-Type"),
        ];
        for (content_type, body, status, code, field) in cases {
            let (got, problem) = send(content_type, body).await;
            assert_eq!((got, &problem["code"]), (status, &code.into()), "{body}");
            assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{body} {problem}");
        }
        let (_, problem) = send("application/json", "{\"variations\": [\n{\"weight\":\"x\"}]}").await;
        assert!(problem["detail"].as_str().unwrap().contains("line 2"), "{problem}");
    }
}
