//! A context: in the path, in a body, or read by the engine, it is the same context or the same refusal.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use evaluation::{Context, NoBigSegments, Snapshot};
use http::{Method, StatusCode};

use crate::front::{SDK_KEY, front, furniture, request};

static ENGINE: LazyLock<Snapshot> = LazyLock::new(|| Snapshot::compile(&furniture()));

/// A request's head holds no more.
const LONGEST: usize = 8 << 10;

/// The bytes as a context by both doors: 200 with the same values, or 400 at both, as the engine reads it.
pub fn check(bytes: &[u8]) {
    if bytes.is_empty() || bytes.len() > LONGEST {
        return;
    }
    let path = format!("/sdk/evalx/contexts/{}", URL_SAFE_NO_PAD.encode(bytes));
    let by_path = request(Method::GET, &path, SDK_KEY, b"").expect("base64url makes a path");
    let by_path = front().ask(by_path);
    let report = Method::from_bytes(b"REPORT").expect("it is a token");
    let by_body = request(report, "/sdk/evalx/context", SDK_KEY, bytes).expect("a body is any bytes");
    let by_body = front().ask(by_body);
    assert_eq!(by_path.status, by_body.status);
    let read = std::str::from_utf8(bytes).ok().and_then(|text| Context::from_json(text).ok());
    let expected = if read.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    assert_eq!(by_path.status, expected);
    let Some(context) = read else { return };
    assert_eq!(by_path.body, by_body.body);
    let values: serde_json::Value = serde_json::from_slice(&by_path.body).expect("values are JSON");
    for flag in ENGINE.flags() {
        let evaluation = ENGINE.evaluate(flag.key(), &context, &NoBigSegments);
        let told = &values[flag.key()];
        assert_eq!(told["value"], evaluation.value.cloned().unwrap_or_default(), "{}", flag.key());
    }
}
