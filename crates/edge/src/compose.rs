//! What SDKs of other families report, in LaunchDarkly's words, which every upstream reads (`launchdarkly.md` §1.7). Pure.
//!
//! What happened without anybody's saying to whom has no words there, and is left out.

use std::collections::BTreeMap;

use bytes::Bytes;
use delivery::KeyKind;
use delivery::event::{ContextKeys, EventBatch, Words};
use delivery::sdks::Sighting;
use evaluation::Snapshot;
use kernel::Timestamp;
use serde_json::{Map, Value, json};

use crate::spool::{Delivery, Head};

/// The delivery that says what `batch` says; `None` when that is nothing. `compiled` knows the values that were served.
pub fn delivery(batch: &EventBatch<'_>, payload_id: String, compiled: &Snapshot, now: Timestamp) -> Option<Delivery> {
    let exposures = batch.exposures.iter().map(|exposure| {
        let mut event = json!({
            "kind": "feature", "creationDate": exposure.at.as_millis(), "key": exposure.flag, "version": exposure.version,
            "variation": exposure.variation, "contextKeys": keys(&exposure.contexts), "default": null,
            "value": value(compiled, &exposure.flag, Some(exposure.variation)),
        });
        if exposure.in_experiment {
            event["reason"] = json!({"kind": "FALLTHROUGH", "inExperiment": true});
        }
        event
    });
    let outcomes = batch.outcomes.iter().map(|outcome| {
        json!({
            "kind": "custom", "creationDate": outcome.at.as_millis(), "key": outcome.event_key,
            "contextKeys": keys(&outcome.contexts),
        })
    });
    let mut events: Vec<Value> = exposures.chain(outcomes).collect();
    events.extend(summary(batch, compiled, now));
    if events.is_empty() {
        return None;
    }
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.push(("x-launchdarkly-event-schema".to_owned(), "4".to_owned()));
    headers.extend(batch.sdk.iter().flat_map(sender));
    let body = Bytes::from(Value::Array(events).to_string());
    let head = Head { kind: KeyKind::Sdk, words: Words::LaunchDarkly, payload_id, headers };
    Some(Delivery { head, body })
}

fn summary(batch: &EventBatch<'_>, compiled: &Snapshot, now: Timestamp) -> Option<Value> {
    let mut counters: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for count in &batch.counts {
        let mut counter = json!({"value": value(compiled, &count.flag, count.variation), "count": count.n});
        if let Some(variation) = count.variation {
            counter["variation"] = variation.into();
        }
        if let Some(flag) = compiled.flag(&count.flag) {
            counter["version"] = flag.version().into();
        }
        counters.entry(&count.flag).or_default().push(counter);
    }
    let features: Map<String, Value> = counters
        .into_iter()
        .map(|(flag, counters)| (flag.to_owned(), json!({"default": null, "contextKinds": [], "counters": counters})))
        .collect();
    let at = now.as_millis();
    (!features.is_empty()).then(|| json!({"kind": "summary", "startDate": at, "endDate": at, "features": features}))
}

fn keys(contexts: &ContextKeys<'_>) -> Map<String, Value> {
    contexts.iter().map(|(kind, key)| (kind.to_string(), Value::from(&**key))).collect()
}

fn value(compiled: &Snapshot, flag: &str, variation: Option<u32>) -> Value {
    let index = variation.and_then(|variation| usize::try_from(variation).ok());
    let flag = compiled.flag(flag);
    flag.zip(index).and_then(|(flag, index)| flag.variations().get(index).cloned()).unwrap_or_default()
}

/// By which headers upstream knows who sent it; what no header can hold is left out.
fn sender(sdk: &Sighting<'_>) -> Vec<(String, String)> {
    let agent = match sdk.version {
        "" => sdk.name.to_string(),
        version => format!("{}/{version}", sdk.name),
    };
    let said = [("user-agent", agent), ("x-launchdarkly-instance-id", sdk.instance.to_string())];
    let fits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    said.into_iter().filter(|(_, value)| fits(value)).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use delivery::event::{Count, Exposure, Outcome};
    use evaluation::Payload;

    use super::*;

    #[test]
    fn counts_exposures_and_outcomes_become_events_that_upstream_reads() {
        let payload = r#"{"flags":{"f":{"version":7,"variations":["a","b"]}},"segments":{}}"#;
        let compiled = Snapshot::compile(&Payload::from_json(payload).unwrap());
        let contexts = vec![("user".into(), "u".into())];
        let at = Timestamp::from_millis(5);
        let batch = EventBatch {
            counts: vec![
                Count { flag: "f".into(), variation: Some(1), variant: None, n: 3 },
                Count { flag: "f".into(), variation: None, variant: None, n: 1 },
            ],
            exposures: vec![Exposure {
                flag: "f".into(),
                variation: 0,
                version: 7,
                contexts: contexts.clone(),
                at,
                in_experiment: true,
            }],
            outcomes: vec![Outcome { event_key: "failed".into(), contexts, at }],
            sdk: Some(Sighting { name: "unleash", version: "6", instance: "i\n", ..Sighting::default() }),
            ..EventBatch::default()
        };
        let delivery = delivery(&batch, "p".into(), &compiled, Timestamp::from_millis(9)).unwrap();
        let events: Value = serde_json::from_slice(&delivery.body).unwrap();
        assert_eq!(events[0]["reason"]["inExperiment"], true);
        assert_eq!((&events[0]["value"], &events[0]["contextKeys"]), (&json!("a"), &json!({"user": "u"})));
        assert_eq!(
            events[1],
            json!({"kind": "custom", "creationDate": 5, "key": "failed", "contextKeys": {"user": "u"}})
        );
        let counters = json!([{"variation": 1, "version": 7, "value": "b", "count": 3}, {"version": 7, "value": null, "count": 1}]);
        assert_eq!(events[2]["features"]["f"]["counters"], counters);
        assert!(delivery.head.headers.contains(&("user-agent".into(), "unleash/6".into())));
        assert!(!delivery.head.headers.iter().any(|(name, _)| name == "x-launchdarkly-instance-id"));
    }

    #[test]
    fn a_batch_that_says_nothing_is_not_sent() {
        let compiled = Snapshot::compile(&Payload::default());
        assert!(delivery(&EventBatch::default(), "p".into(), &compiled, Timestamp::EPOCH).is_none());
    }
}
