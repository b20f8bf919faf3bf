//! The strictest SDK's reading: LaunchDarkly's evaluation in Rust refuses a whole payload for one flag that it cannot read.

use evaluation::Payload;
use launchdarkly_server_sdk_evaluation as theirs;
use serde_json::Value;

/// Panics unless all flags and segments can be read by the strictest SDK, as they are sent.
pub fn reads(payload: &Payload) {
    let sent = serde_json::to_value(payload).expect("a payload serialises");
    let each = |items: &Value| items.as_object().into_iter().flatten().map(|(_, one)| one.clone()).collect::<Vec<_>>();
    for flag in each(&sent["flags"]) {
        let read = serde_json::from_value::<theirs::Flag>(flag.clone());
        assert!(read.is_ok(), "an SDK cannot read {flag}: {read:?}");
    }
    for segment in each(&sent["segments"]) {
        let read = serde_json::from_value::<theirs::Segment>(segment.clone());
        assert!(read.is_ok(), "an SDK cannot read {segment}: {read:?}");
    }
}
