//! Any bytes to any route: an answer that no SDK takes for the end of its key, and never a fault of ours.

use access::Rule;
use http::{Method, Request, StatusCode};

use crate::front::{CLIENT_SIDE_ID, MOBILE_KEY, SDK_KEY, front, percent_encoded};

/// Every route that SDKs reach.
const TABLES: [&[Rule]; 7] = [
    protocol_launchdarkly::RULES,
    protocol_launchdarkly::CLIENT_RULES,
    protocol_launchdarkly::PHP_RULES,
    protocol_launchdarkly::SECOND_RULES,
    protocol_ofrep::RULES,
    protocol_unleash::RULES[0],
    protocol_unleash::RULES[1],
];

/// The first byte chooses a route; up to a line's end comes what stands in its path and its query, then the body.
///
/// With a key that holds, no route says 401 or 403, which end an SDK for good, nor 5xx (`launchdarkly.md` §1.6); 404 only
/// where one thing is asked for by its name.
pub fn check(bytes: &[u8]) {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    let rules: Vec<_> = TABLES.iter().copied().flatten().collect();
    let rule = rules[usize::from(choice) % rules.len()];
    let mut parts = rest.splitn(3, |byte| *byte == b'\n');
    let (segment, query, body) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(request) = request(rule, segment.unwrap_or_default(), query, body) else { return };
    let asked = format!("{} {}", request.method(), request.uri());
    let answer = front().ask(request);
    assert!(!answer.status.is_server_error(), "{asked}: {}", answer.status);
    let ends_an_sdk = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::METHOD_NOT_ALLOWED];
    assert!(!ends_an_sdk.contains(&answer.status), "{asked}: {}", answer.status);
    let names_one = ["{key}", "{name}"].iter().any(|name| rule.path.contains(name));
    assert!(names_one || answer.status != StatusCode::NOT_FOUND, "{asked}: {}", answer.status);
}

fn request(rule: &Rule, segment: &[u8], query: &[u8], body: &[u8]) -> Option<Request<Vec<u8>>> {
    // A stream of hints and a page of the second generation name their environment in the query.
    let path = rule.path.replace("{env}", CLIENT_SIDE_ID);
    let named = format!("{path}?env={CLIENT_SIDE_ID}&auth={CLIENT_SIDE_ID}&");
    // An empty segment would be another route.
    let segment = if segment.is_empty() { "-".to_owned() } else { percent_encoded(segment) };
    let mut path = String::new();
    let mut rest = named.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        path = path + before + &segment;
        rest = after.split_once('}')?.1;
    }
    // `a=b&c` is written as it is, so that the names of parameters are found; the rest is escaped.
    let query: String = query
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'=' | b'&' | b'%' => char::from(*byte).to_string(),
            other => percent_encoded(&[*other]),
        })
        .collect();
    let key = if by_app(rule) { MOBILE_KEY } else { SDK_KEY };
    let request = Request::builder().method(rule.method.clone()).uri(path + rest + &query).header("authorization", key);
    let request = request.header("content-type", "application/json");
    let request = if body.starts_with(&[0x1f, 0x8b]) { request.header("content-encoding", "gzip") } else { request };
    request.body(if rule.method == Method::POST { body.to_vec() } else { Vec::new() }).ok()
}

/// Whether a mobile key opens the route.
fn by_app(rule: &Rule) -> bool {
    ["/m", "/msdk/", "/mobile"].iter().any(|prefix| rule.path.starts_with(prefix))
}
