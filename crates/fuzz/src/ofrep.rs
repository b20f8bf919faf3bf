//! OFREP: one flag and all flags read a body alike, and every answer is JSON with a known error code.

use http::{Method, StatusCode};
use serde_json::Value;

use crate::front::{Answer, CLIENT_SIDE_ID, SDK_KEY, front, percent_encoded, request};

const CODES: [&str; 5] = ["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"];

/// The bytes as the body for one flag and for all, and as the name of a flag.
pub fn check(bytes: &[u8]) {
    let one = post("/ofrep/v1/evaluate/flags/rules", SDK_KEY, bytes);
    let all = post("/ofrep/v1/evaluate/flags", SDK_KEY, bytes);
    if all.0 == StatusCode::BAD_REQUEST {
        assert_eq!((one.0, &one.1["errorCode"]), (all.0, &all.1["errorCode"]), "one and all read a body alike");
    } else {
        assert_eq!(all.0, StatusCode::OK, "{}", all.1);
        let listed = all.1["flags"].as_array().expect("all flags").iter().find(|flag| flag["key"] == "rules");
        assert_eq!(listed, Some(&one.1));
        let page = post("/ofrep/v1/evaluate/flags", CLIENT_SIDE_ID, bytes);
        assert_eq!(page.0, StatusCode::OK, "{}", page.1);
    }
    if !bytes.is_empty() && bytes.len() < 4 << 10 {
        let path = format!("/ofrep/v1/evaluate/flags/{}", percent_encoded(bytes));
        let (status, _) = post(&path, SDK_KEY, b"{}");
        assert!([StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND].contains(&status), "{status}");
    }
}

/// Status and body; a failure names one of OFREP's codes.
fn post(path: &str, key: &str, body: &[u8]) -> (StatusCode, Value) {
    let Answer { status, body } = front().ask(request(Method::POST, path, key, body).expect("a path"));
    let body: Value = serde_json::from_slice(&body).expect("every answer is JSON");
    let code = body["errorCode"].as_str();
    assert!(status == StatusCode::OK || code.is_some_and(|code| CODES.contains(&code)), "{status}: {body}");
    (status, body)
}
