//! Between Unleash's bodies and our words: metrics in, features and toggles out; pure.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use delivery::event::{Count, EventBatch, Tally};
use delivery::{EnvironmentSnapshot, Memberships, Update};
use evaluation::unleash::model::Payload;
use evaluation::unleash::{Context, Moment, Outcome};
use evaluation::{Flag, Snapshot};
use kernel::Revision;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::query::Wanted;
use crate::wire::{self, Bulk, FeatureCount, ImpactMetric, Metrics, Toggle, ToggleVariant};

/// What a variant of a flag is called that has values and no variants.
const VARIATION: &str = "variation-";

/// So many evaluations or outcomes of one kind are believed in one delivery.
const MOST: u64 = 1 << 40;

/// A short name of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

// -- to backend SDKs

/// The features as `/api/client/features` lists them: `[…]`.
pub(crate) fn features(body: &mut BytesMut, snapshot: &EnvironmentSnapshot, wanted: &Wanted) {
    let updates = snapshot.unleash().history().updates().iter();
    let wanted = updates.filter(|update| wanted.takes(snapshot.place.project.as_str(), &update.key));
    // With room for what stands behind it: a buffer that is full doubles.
    body.reserve(snapshot.unleash().bytes() + 512);
    body.put_u8(b'[');
    for (at, item) in wanted.filter_map(|update| update.json()).enumerate() {
        if at > 0 {
            body.put_u8(b',');
        }
        body.put_slice(item);
    }
    body.put_u8(b']');
}

/// What an SDK does not know yet.
pub(crate) enum Lack<'s> {
    /// It is up to date.
    Nothing,
    /// These, since this place.
    Updates(Revision, &'s [Arc<Update>]),
    /// Nobody can tell what it lacks, or that would be longer than the whole.
    Everything,
}

/// What an SDK lacks that knows everything up to `seen`; one that knows nothing lacks everything.
pub(crate) fn lack(snapshot: &EnvironmentSnapshot, seen: Option<Revision>) -> Lack<'_> {
    let Some(seen) = seen.filter(|seen| *seen <= snapshot.seq) else { return Lack::Everything };
    match snapshot.unleash().history().since(seen) {
        Some([]) => Lack::Nothing,
        Some([update]) => Lack::Updates(seen, std::slice::from_ref(update)),
        Some(updates) if length(updates) <= snapshot.unleash().bytes() => Lack::Updates(seen, updates),
        _ => Lack::Everything,
    }
}

fn length(updates: &[Arc<Update>]) -> usize {
    updates.iter().map(|update| update.key.len() + update.json().map_or(0, Bytes::len)).sum()
}

/// The whole, as an event: `{"events":[…]}`.
pub(crate) fn hydration(body: &mut BytesMut, snapshot: &EnvironmentSnapshot) {
    let seq = snapshot.seq;
    let head = format!("{{\"events\":[{{\"type\":\"hydration\",\"eventId\":{seq},\"segments\":[],\"features\":");
    body.put_slice(head.as_bytes());
    features(body, snapshot, &Wanted::default());
    body.put_slice(b"}]}");
}

/// These updates, as events: `{"events":[…]}`.
pub(crate) fn updates(body: &mut BytesMut, snapshot: &EnvironmentSnapshot, updates: &[Arc<Update>]) {
    body.put_slice(b"{\"events\":[");
    for (at, update) in updates.iter().enumerate() {
        if at > 0 {
            body.put_u8(b',');
        }
        event(body, snapshot, update);
    }
    body.put_slice(b"]}");
}

fn event(body: &mut BytesMut, snapshot: &EnvironmentSnapshot, update: &Update) {
    if let Some(json) = update.json() {
        let head = format!("{{\"type\":\"feature-updated\",\"eventId\":{},\"feature\":", update.seq);
        body.put_slice(head.as_bytes());
        body.put_slice(json);
        body.put_u8(b'}');
    } else {
        let project = snapshot.place.project.as_str();
        let gone =
            json!({"type": "feature-removed", "eventId": update.seq.0, "featureName": update.key, "project": project});
        body.put_slice(gone.to_string().as_bytes());
    }
}

// -- to frontend SDKs

/// For whom the frontend API evaluates, in the words of both engines.
pub(crate) struct Asker {
    pub(crate) context: Context,
    pub(crate) user: evaluation::Context,
    moment: Moment,
    /// In which big segments they are.
    pub(crate) memberships: Memberships,
}

impl Asker {
    /// Somebody without user and session is a stranger, who is drawn anew each time.
    pub(crate) fn new(context: Context, moment: Moment) -> Self {
        let user = context.as_user(|| format!("stranger:{:x}", moment.chance)).at(moment);
        Self { context, user, moment, memberships: Memberships::default() }
    }

    /// What a flag comes to.
    pub(crate) fn toggle<'s>(&self, compiled: &'s Snapshot, flag: &'s Flag) -> Toggle<'s> {
        match compiled.features().evaluate(flag.key(), &self.context, self.moment) {
            Some(outcome) => of_feature(flag, &outcome),
            None => self.of_flag(compiled, flag),
        }
    }

    /// A flag of LaunchDarkly's kind: on if it serves anything but `false` while it is on; other values are payloads.
    fn of_flag<'s>(&self, compiled: &'s Snapshot, flag: &'s Flag) -> Toggle<'s> {
        let evaluation = compiled.evaluate(flag.key(), &self.user, &self.memberships);
        let (enabled, variant) = match (evaluation.value, evaluation.variation_index) {
            (Some(Value::Bool(value)), _) => (*value, no_variant(*value)),
            (Some(value), Some(index)) if flag.is_on() => {
                (true, named(format!("{VARIATION}{index}").into(), Some(Cow::Owned(payload(value)))))
            }
            _ => (false, no_variant(false)),
        };
        Toggle { name: flag.key(), enabled, variant, impression_data: flag.track_events() }
    }
}

fn of_feature<'s>(flag: &'s Flag, outcome: &Outcome<'s>) -> Toggle<'s> {
    let enabled = outcome.is_on();
    let variant = outcome.variant.map_or_else(
        || no_variant(enabled),
        |variant| named(Cow::Borrowed(variant.name()), variant.payload().map(Cow::Borrowed)),
    );
    Toggle { name: flag.key(), enabled, variant, impression_data: flag.track_events() }
}

fn named<'t>(name: Cow<'t, str>, payload: Option<Cow<'t, Payload>>) -> ToggleVariant<'t> {
    ToggleVariant { name, enabled: true, payload, feature_enabled: true, feature_enabled_too: true }
}

fn no_variant(on: bool) -> ToggleVariant<'static> {
    ToggleVariant {
        name: "disabled".into(),
        enabled: false,
        payload: None,
        feature_enabled: on,
        feature_enabled_too: on,
    }
}

fn payload(value: &Value) -> Payload {
    let (kind, value) = match value {
        Value::String(text) => ("string", text.clone()),
        Value::Number(number) => ("number", number.to_string()),
        other => ("json", other.to_string()),
    };
    Payload { kind: kind.to_owned(), value }
}

// -- from all SDKs

/// What an SDK measured, in our words. Items that cannot be read are left out, for an SDK would send them for ever.
pub(crate) fn metrics(metrics: &Metrics, snapshot: &EnvironmentSnapshot) -> EventBatch<'static> {
    let mut batch = EventBatch::default();
    for (name, toggle) in &metrics.bucket.toggles {
        let Ok(count) = serde_json::from_value::<wire::Count>(toggle.clone()) else { continue };
        batch.counts.extend(counts(snapshot, name, count, &toggle["variants"]));
    }
    batch.tallies = tallies(&metrics.impact);
    batch
}

/// The same of many applications at once.
pub(crate) fn bulk(bulk: &Bulk, snapshot: &EnvironmentSnapshot) -> EventBatch<'static> {
    let mut batch = EventBatch::default();
    for item in &bulk.metrics {
        let Ok(FeatureCount { feature_name, count }) = serde_json::from_value(item.clone()) else { continue };
        batch.counts.extend(counts(snapshot, &feature_name, count, &item["variants"]));
    }
    batch.tallies = tallies(&bulk.impact);
    batch
}

/// A flag's `true` and `false` count as on and off; what came with a name, which counts as on too, by the variant or the
/// value that has it. Of what is no flag, and of other names, nothing is kept.
fn counts(snapshot: &EnvironmentSnapshot, name: &str, count: wire::Count, variants: &Value) -> Vec<Count<'static>> {
    let Some(flag) = snapshot.compiled().flag(name) else { return Vec::new() };
    let (on, off) = (place(flag, true), place(flag, false));
    let mut told: Vec<Told<'_>> = Vec::new();
    let mut yes = count.yes;
    for (variant, n) in variants.as_object().into_iter().flatten().filter_map(|(name, n)| Some((name, n.as_u64()?))) {
        if let Some(on) = on.filter(|_| snapshot.unleash().has_variant(name, variant)) {
            told.push((on, Some(variant), n.min(yes)));
        } else if let Some(index) = value(flag, variant) {
            told.push((index, None, n));
        } else {
            continue;
        }
        yes = yes.saturating_sub(n);
    }
    told.extend(on.map(|on| (on, None, yes)));
    told.extend(off.map(|off| (off, None, count.no)));
    let count = |(variation, variant, n): Told<'_>| Count {
        flag: name.to_owned().into(),
        variation: Some(variation),
        variant: variant.map(|variant| variant.to_owned().into()),
        n: n.min(MOST),
    };
    told.into_iter().filter(|(_, _, n)| *n > 0).map(count).collect()
}

/// So many evaluations gave the variation at this index, with this variant.
type Told<'a> = (u32, Option<&'a str>, u64);

fn place(flag: &Flag, value: bool) -> Option<u32> {
    let index = flag.variations().iter().position(|variation| *variation == Value::Bool(value))?;
    u32::try_from(index).ok()
}

/// The index of a value that is not boolean, which the frontend API calls a variant.
fn value(flag: &Flag, variant: &str) -> Option<u32> {
    let index: u32 = variant.strip_prefix(VARIATION)?.parse().ok()?;
    flag.variations().get(index as usize).filter(|value| !value.is_boolean()).map(|_| index)
}

/// Counters and the counts of histograms are outcomes under the metric's name; how something stands has no place.
fn tallies(metrics: &[Value]) -> Vec<Tally<'static>> {
    let metrics = metrics.iter().filter_map(|metric| serde_json::from_value::<ImpactMetric>(metric.clone()).ok());
    let told = metrics.filter_map(|ImpactMetric { name, kind, samples }| {
        let n: u64 = match kind.as_str() {
            "counter" => samples.iter().filter_map(|sample| whole(sample.value?)).sum(),
            "histogram" => samples.iter().filter_map(|sample| sample.count).map(|count| count.min(MOST)).sum(),
            _ => 0,
        };
        (n > 0).then(|| Tally { event_key: name.into(), n: n.min(MOST) })
    });
    told.collect()
}

/// A counter's value; what is no count is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the range is checked
fn whole(value: f64) -> Option<u64> {
    (value >= 0.0 && value <= MOST as f64).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use delivery::{Environment, Place};
    use kernel::{EnvironmentKey, ProjectKey};

    use super::*;

    fn snapshot() -> EnvironmentSnapshot {
        let mut environment = Environment::default();
        for flag in [
            json!({"key": "ui", "on": true, "variations": [false, true], "fallthrough": {"variation": 1}}),
            json!({"key": "dark", "on": false, "variations": [true, false], "offVariation": 1}),
            json!({"key": "theme", "on": true, "variations": ["old", "new"], "fallthrough": {"variation": 1}}),
            json!({"key": "limits", "on": true, "variations": [false, {"most": 5}], "fallthrough": {"variation": 1}}),
        ] {
            let json = flag.to_string();
            environment.put_flag(Revision(1), serde_json::from_value(flag).unwrap(), json.as_bytes());
        }
        let variants = json!([{"name": "blue", "weight": 500}, {"name": "red", "weight": 500}]);
        let colours = json!({
            "version": 2, "variations": [true, false], "trackEvents": false, "availability": {},
            "feature": {"name": "colours", "enabled": true, "variants": variants},
        });
        environment.put_feature(Revision(2), serde_json::from_value(colours).unwrap());
        let place = Place {
            project: ProjectKey::new("shop").unwrap(),
            environment: EnvironmentKey::new("production").unwrap(),
        };
        environment.snapshot(place)
    }

    type Counted<'a> = (&'a str, Option<u32>, Option<&'a str>, u64);

    fn counted<'a>(batch: &'a EventBatch<'_>) -> Vec<Counted<'a>> {
        let counts = batch.counts.iter();
        counts.map(|count| (&*count.flag, count.variation, count.variant.as_deref(), count.n)).collect()
    }

    #[test]
    fn metrics_become_counts_by_variation() {
        let sent = json!({"appName": "web", "bucket": {"start": "x", "stop": "y", "toggles": {
            "ui": {"yes": 7, "no": 2, "variants": {"disabled": 9}},
            "limits": {"yes": 6, "no": 2, "variants": {"variation-1": 4, "variation-0": 1, "disabled": 1}},
            "theme": {"yes": 5, "no": 0, "variants": {"variation-1": 5, "variation-9": 1, "blue": 2}},
            "gone": {"yes": 1, "no": 1},
            "broken": {"yes": "many"},
        }}, "impactMetrics": [
            {"name": "paid", "help": "", "type": "counter", "samples": [{"labels": {}, "value": 3}, {"labels": {}, "value": 4}]},
            {"name": "took", "help": "", "type": "histogram", "samples": [{"labels": {}, "count": 5, "sum": 1.5, "buckets": []}]},
            {"name": "depth", "help": "", "type": "gauge", "samples": [{"labels": {}, "value": 12}]},
            {"type": 1},
        ]});
        let batch = metrics(&serde_json::from_value(sent).unwrap(), &snapshot());
        // Of limits' six that were on, two did not say what they were given.
        let limits = [("limits", Some(1), None, 4), ("limits", Some(0), None, 2)];
        let expected = [("theme", Some(1), None, 5), ("ui", Some(1), None, 7), ("ui", Some(0), None, 2)];
        assert_eq!(counted(&batch), [&limits[..], &expected].concat());
        let told: Vec<_> = batch.tallies.iter().map(|tally| (&*tally.event_key, tally.n)).collect();
        assert_eq!(told, [("paid", 7), ("took", 5)]);
    }

    #[test]
    fn a_proxys_metrics_are_those_of_many() {
        let sent = json!({"applications": [], "metrics": [
            {"featureName": "ui", "appName": "a", "environment": "e", "timestamp": "t", "yes": 1, "no": 0},
            {"featureName": "ui", "appName": "b", "environment": "e", "timestamp": "t", "yes": 2, "no": 1},
        ]});
        let batch = bulk(&serde_json::from_value(sent).unwrap(), &snapshot());
        let expected = [("ui", Some(1), None, 1), ("ui", Some(1), None, 2), ("ui", Some(0), None, 1)];
        assert_eq!(counted(&batch), expected);
    }

    #[test]
    fn what_is_on_counts_by_the_variant_that_came_with_it_and_never_twice() {
        let snapshot = snapshot();
        let of = |toggle: Value| {
            let sent = json!({"bucket": {"toggles": {"colours": toggle}}});
            let batch = metrics(&serde_json::from_value(sent).unwrap(), &snapshot);
            let counted = counted(&batch).into_iter();
            counted
                .map(|(_, variation, variant, n)| (variation.unwrap(), variant.map(str::to_owned), n))
                .collect::<Vec<_>>()
        };
        let (blue, red) = (|| Some("blue".to_owned()), || Some("red".to_owned()));
        // Four were asked for no variant, and nobody has a green one.
        let whole = json!({"yes": 10, "no": 3, "variants": {"blue": 4, "red": 2, "green": 1, "disabled": 3}});
        assert_eq!(of(whole), [(0, blue(), 4), (0, red(), 2), (0, None, 4), (1, None, 3)]);
        let more_than_on = json!({"yes": 5, "no": 0, "variants": {"blue": 4, "red": 4}});
        assert_eq!(of(more_than_on), [(0, blue(), 4), (0, red(), 1)]);
        assert_eq!(of(json!({"yes": 1, "no": 0, "variants": {"blue": "many"}})), [(0, None, 1)]);
    }

    #[test]
    fn flags_of_every_kind_are_toggles() {
        let snapshot = snapshot();
        let compiled = snapshot.compiled();
        let asker = Asker::new(Context::default(), Moment { now_ms: Some(0), chance: 7 });
        let told = |key: &str| serde_json::to_value(asker.toggle(compiled, compiled.flag(key).unwrap())).unwrap();
        assert_eq!(told("ui")["enabled"], true);
        assert_eq!(told("dark")["enabled"], false);
        let theme = told("theme");
        assert_eq!(theme["enabled"], true);
        assert_eq!(
            theme["variant"],
            json!({"name": "variation-1", "enabled": true, "payload": {"type": "string", "value": "new"},
                "feature_enabled": true, "featureEnabled": true})
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_sent_panics(text in "\\PC{0,200}") {
            let snapshot = snapshot();
            if let Ok(sent) = serde_json::from_str(&text) {
                metrics(&sent, &snapshot);
            }
            if let Ok(sent) = serde_json::from_str(&text) {
                bulk(&sent, &snapshot);
            }
            crate::query::context(Some(&text));
            Wanted::read(Some(&text));
        }
    }
}
