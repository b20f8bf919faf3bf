//! A delivery of metrics as people watch it arrive; pure.

use delivery::event::EventBatch;
use delivery::tail::{LiveEvent, LiveKind};
use evaluation::Snapshot;
use kernel::Timestamp;
use serde_json::Value;

/// So many of one delivery are shown; nobody reads more, and whoever sends them waits meanwhile.
const MOST: usize = 200;
/// Longer texts are cut.
const MOST_CHARACTERS: usize = 200;

/// What `sdk` measured, as it came at `now`, and how many more counts there are.
pub(crate) fn events(batch: &EventBatch<'_>, compiled: &Snapshot, sdk: &str, now: Timestamp) -> (Vec<LiveEvent>, u64) {
    let event = |kind, key: &str, n| LiveEvent {
        at: now,
        kind,
        sdk: sdk.to_owned(),
        key: Some(cut(key)),
        variation: None,
        value: None,
        reason: None,
        count: Some(n),
        metric_value: None,
        contexts: Vec::new(),
    };
    let value = |flag: &str, index: u32| compiled.flag(flag)?.variations().get(index as usize).map(short);
    let counts = batch.counts.iter().map(|count| LiveEvent {
        variation: count.variation,
        value: match &count.variant {
            Some(variant) => Some(Value::String(cut(variant))),
            None => count.variation.and_then(|index| value(&count.flag, index)),
        },
        ..event(LiveKind::Summary, &count.flag, count.n)
    });
    let tallies = batch.tallies.iter().map(|tally| event(LiveKind::Custom, &tally.event_key, tally.n));
    let all = batch.counts.len() + batch.tallies.len();
    (counts.chain(tallies).take(MOST).collect(), all.saturating_sub(MOST) as u64)
}

fn short(value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= MOST_CHARACTERS { value.clone() } else { Value::String(cut(&text)) }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use delivery::event::{Count, Tally};
    use evaluation::Payload;
    use serde_json::json;

    use super::*;

    #[test]
    fn counts_are_shown_with_their_values_or_variants_and_what_happened_with_its_number() {
        let flags = json!({"flags": {"ui": {"key": "ui", "on": true, "variations": [true, false]}}});
        let compiled = Snapshot::compile(&Payload::from_json(&flags.to_string()).unwrap());
        let batch = EventBatch {
            counts: vec![
                Count { flag: "ui".into(), variation: Some(1), variant: None, n: 7 },
                Count { flag: "ui".into(), variation: Some(0), variant: Some("blue".into()), n: 2 },
            ],
            tallies: vec![Tally { event_key: "paid".into(), n: 3 }],
            ..EventBatch::default()
        };
        let (shown, more) = events(&batch, &compiled, "unleash-node-sdk 6.12.1", Timestamp::EPOCH);
        assert_eq!(more, 0);
        let told: Vec<_> =
            shown.iter().map(|one| (one.kind, one.key.as_deref(), one.value.clone(), one.count)).collect();
        let expected = [
            (LiveKind::Summary, Some("ui"), Some(json!(false)), Some(7)),
            (LiveKind::Summary, Some("ui"), Some(json!("blue")), Some(2)),
            (LiveKind::Custom, Some("paid"), None, Some(3)),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_too_long_to_be_read_is_cut_and_counted() {
        let compiled = Snapshot::compile(&Payload::default());
        let tally = Tally { event_key: "ü".repeat(500).into(), n: 1 };
        let batch = EventBatch { tallies: vec![tally; MOST + 5], ..EventBatch::default() };
        let (shown, more) = events(&batch, &compiled, "", Timestamp::EPOCH);
        assert_eq!((shown.len(), more), (MOST, 5));
        assert_eq!(shown[0].key.as_ref().unwrap().chars().count(), MOST_CHARACTERS + 1);
    }
}
