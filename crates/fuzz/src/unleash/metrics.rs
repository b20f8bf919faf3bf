//! Unleash's metrics: no body is refused in a way that makes an SDK stop, and whatever stands beside a count, it is taken.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::front::{SDK_KEY, front, request};

/// The bytes as a whole body; and, where they are a JSON value, as every part of a body beside a good count.
pub(super) fn check(bytes: &[u8]) {
    for path in ["register", "metrics", "metrics/bulk"].map(|word| format!("/api/client/{word}")) {
        let status = front().ask(request(Method::POST, &path, SDK_KEY, bytes).expect("a path")).status;
        assert!([StatusCode::ACCEPTED, StatusCode::BAD_REQUEST].contains(&status), "{path}: {status}");
    }
    let Ok(part) = serde_json::from_slice::<Value>(bytes) else { return };
    let bucket =
        |more: &Value| json!({"start": "a", "stop": "b", "toggles": {"plain": {"yes": 3, "no": 0}, "x": more}});
    let ordinary = bucket(&Value::Null);
    let good = json!({"featureName": "plain", "appName": "a", "yes": 3, "no": 0});
    counts("metrics", &json!({"appName": part, "instanceId": part, "bucket": ordinary}));
    counts("metrics", &json!({"bucket": bucket(&part), "sdkVersion": part, "environment": part}));
    counts("metrics", &json!({"bucket": ordinary, "impactMetrics": [part]}));
    counts("metrics", &json!({"bucket": ordinary, "impactMetrics": part}));
    counts("metrics/bulk", &json!({"metrics": [part, good, part], "applications": part, "impactMetrics": part}));
}

fn counts(word: &str, body: &Value) {
    let path = format!("/api/client/{word}");
    let sent = request(Method::POST, &path, SDK_KEY, body.to_string().as_bytes()).expect("a path");
    let (answer, told) = front().tell(sent);
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{body}");
    let counted = told.iter().flat_map(|told| &told.counts).any(|(flag, n)| flag == "plain" && *n == 3);
    assert!(counted, "nothing is counted of {body}");
}
