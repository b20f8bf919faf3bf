//! Events: one that cannot be read never costs its neighbours, and no body is refused in a way that makes an SDK stop.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, StatusCode};
use serde::de::IgnoredAny;

use crate::front::{MOBILE_KEY, SDK_KEY, front, request};

const GOOD: &str = r#"{"kind":"custom","creationDate":1795397591721,"key":"ok","contextKeys":{"user":"u"}}"#;

/// The bytes as a whole body by three doors, packed and not; and, where they are a JSON value, between two good events.
pub fn check(bytes: &[u8]) {
    whole(bytes);
    if let (Ok(event), Ok(IgnoredAny)) = (std::str::from_utf8(bytes), serde_json::from_slice(bytes)) {
        between(event);
    }
}

fn whole(bytes: &[u8]) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).and_then(|()| packed.try_finish()).expect("memory takes what is written");
    let packed = packed.finish().expect("memory takes what is written");
    let statuses = [("/bulk", SDK_KEY), ("/mobile", MOBILE_KEY), ("/events/bulk/client1", "")].map(|(path, key)| {
        let plain = request(Method::POST, path, key, bytes).expect("a path");
        let mut zipped = request(Method::POST, path, key, &packed).expect("a path");
        zipped.headers_mut().insert("content-encoding", http::HeaderValue::from_static("gzip"));
        let (plain, zipped) = (front().ask(plain).status, front().ask(zipped).status);
        assert_eq!(plain, zipped, "packing alters nothing");
        plain
    });
    assert!(statuses.iter().all(|status| *status == statuses[0]), "every door says the same: {statuses:?}");
    assert!([StatusCode::ACCEPTED, StatusCode::BAD_REQUEST].contains(&statuses[0]), "{}", statuses[0]);
    for (path, key) in [("/diagnostic", SDK_KEY), ("/mobile/events/diagnostic", MOBILE_KEY)] {
        let status = front().ask(request(Method::POST, path, key, bytes).expect("a path")).status;
        assert!([StatusCode::ACCEPTED, StatusCode::BAD_REQUEST].contains(&status), "{path}: {status}");
    }
}

fn between(event: &str) {
    let batch = format!("[{GOOD},{event},{GOOD}]");
    let (answer, told) = front().tell(request(Method::POST, "/bulk", SDK_KEY, batch.as_bytes()).expect("a path"));
    assert_eq!(answer.status, StatusCode::ACCEPTED, "one event costs the batch: {event}");
    let outcomes = told.iter().flat_map(|told| &told.outcomes).filter(|key| *key == "ok").count();
    assert!((2..=3).contains(&outcomes), "the neighbours are counted once each: {told:?}");
}
