//! A batch of events as people watch it: short, and without what is private (`launchdarkly.md` §1.7). Pure.

use std::collections::BTreeMap;

use delivery::sdks::Sighting;
use delivery::tail::{LiveContext, LiveEvent, LiveKind};
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// So many of one batch are shown; nobody reads more, and whoever sends them waits meanwhile.
const MOST: usize = 200;
/// Longer texts are cut, and what is longer written down as JSON is not shown.
const MOST_CHARACTERS: usize = 200;
/// So many attributes of a context are shown.
const MOST_ATTRIBUTES: usize = 30;

/// The events of a batch that came at `now`, and how many more it has. What cannot be read is not shown.
pub(crate) fn events(body: &str, sdk: &Sighting<'_>, now: Timestamp) -> (Vec<LiveEvent>, u64) {
    let Ok(all) = serde_json::from_str::<Vec<&RawValue>>(body) else { return (Vec::new(), 0) };
    let sender = [sdk.name, sdk.version].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let mut shown = Vec::new();
    let mut more = 0;
    for raw in all {
        if shown.len() >= MOST {
            more += 1;
        } else if let Ok(event) = serde_json::from_str::<Sent>(raw.get()) {
            shown.extend(event.shown(&sender, now).into_iter().take(MOST));
        }
    }
    (shown, more)
}

/// What is shown of an event; all else is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    kind: String,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    variation: Option<u32>,
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    reason: Option<Value>,
    #[serde(default)]
    metric_value: Option<f64>,
    #[serde(default)]
    context: Option<Map<String, Value>>,
    #[serde(default)]
    context_keys: BTreeMap<String, String>,
    #[serde(default)]
    features: BTreeMap<String, Feature>,
}

#[derive(Deserialize)]
struct Feature {
    #[serde(default)]
    counters: Vec<Counter>,
}

#[derive(Deserialize)]
struct Counter {
    #[serde(default)]
    variation: Option<u32>,
    #[serde(default)]
    value: Option<Value>,
    count: u64,
}

impl Sent {
    fn shown(self, sdk: &str, at: Timestamp) -> Vec<LiveEvent> {
        let kind = match self.kind.as_str() {
            "feature" => LiveKind::Evaluation,
            "debug" => LiveKind::Debug,
            "summary" => LiveKind::Summary,
            "custom" => LiveKind::Custom,
            "identify" => LiveKind::Identify,
            "index" => LiveKind::Index,
            _ => LiveKind::Other,
        };
        let contexts = match self.context {
            Some(context) => contexts(context),
            None => self.context_keys.into_iter().map(|(kind, key)| named(&kind, &key)).collect(),
        };
        let event = LiveEvent {
            at,
            kind,
            sdk: sdk.to_owned(),
            key: self.key.map(|key| cut(&key)),
            variation: self.variation,
            value: self.value.map(short),
            reason: self.reason.filter(Value::is_object).map(short),
            count: None,
            metric_value: self.metric_value,
            contexts,
        };
        if kind != LiveKind::Summary {
            return vec![event];
        }
        let counted = self.features.into_iter().flat_map(|(flag, Feature { counters })| {
            let key = cut(&flag);
            counters.into_iter().map(move |counter| (key.clone(), counter))
        });
        let counted = counted.map(|(key, Counter { variation, value, count })| LiveEvent {
            key: Some(key),
            variation,
            value: value.map(short),
            count: Some(count),
            ..event.clone()
        });
        counted.collect()
    }
}

/// One part for each kind, as `contextKeys` would name them.
fn contexts(mut context: Map<String, Value>) -> Vec<LiveContext> {
    match context.get("kind").and_then(Value::as_str).map(str::to_owned) {
        Some(kind) if kind == "multi" => {
            let parts = context.into_iter().filter_map(|(kind, part)| match part {
                Value::Object(part) => Some(single(&kind, part)),
                _ => None,
            });
            parts.take(MOST_ATTRIBUTES).collect()
        }
        Some(kind) => {
            context.remove("kind");
            vec![single(&kind, context)]
        }
        // A user of old, whose own attributes stand apart.
        None => {
            if let Some(Value::Object(custom)) = context.remove("custom") {
                context.extend(custom);
            }
            vec![single("user", context)]
        }
    }
}

fn single(kind: &str, mut part: Map<String, Value>) -> LiveContext {
    let key = part.remove("key");
    let redacted = private(&mut part);
    // A reference may lead into an attribute, `/address/street`: all of that is left out.
    let heads: Vec<String> = redacted.iter().map(|reference| head(reference)).collect();
    let open = part.into_iter().filter(|(name, _)| !heads.contains(name));
    let attributes = open.take(MOST_ATTRIBUTES).map(|(name, value)| (cut(&name), short(value))).collect();
    LiveContext { attributes, redacted, ..named(kind, key.as_ref().and_then(Value::as_str).unwrap_or_default()) }
}

fn named(kind: &str, key: &str) -> LiveContext {
    LiveContext { kind: cut(kind), key: cut(key), ..LiveContext::default() }
}

/// What the context calls private, by whichever name, and takes those lists out of it.
fn private(part: &mut Map<String, Value>) -> Vec<String> {
    let mut lists = Vec::new();
    if let Some(Value::Object(mut meta)) = part.remove("_meta") {
        lists.extend([meta.remove("redactedAttributes"), meta.remove("privateAttributes")]);
    }
    lists.extend([part.remove("privateAttrs"), part.remove("privateAttributeNames")]);
    let texts = lists.into_iter().flatten().filter_map(|list| match list {
        Value::Array(names) => Some(names),
        _ => None,
    });
    texts.flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// The attribute into which a reference leads: `~1` and `~0` stand for `/` and `~` where it begins with a slash.
fn head(reference: &str) -> String {
    match reference.strip_prefix('/') {
        Some(path) => path.split('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~"),
        None => reference.to_owned(),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST_CHARACTERS {
        return text.to_owned();
    }
    text.chars().take(MOST_CHARACTERS).chain(['…']).collect()
}

fn short(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(&text)),
        Value::Array(_) | Value::Object(_) => {
            let written = value.to_string();
            if written.len() <= MOST_CHARACTERS { value } else { Value::String(cut(&written)) }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn shown(events: &Value) -> Vec<LiveEvent> {
        let sdk = Sighting { name: "NodeJSClient", version: "9.13.7", ..Sighting::default() };
        super::events(&events.to_string(), &sdk, Timestamp::EPOCH).0
    }

    #[test]
    fn each_kind_is_shown_with_what_it_tells() {
        let ada = json!({"kind": "user", "key": "ada", "plan": "gold"});
        let told = shown(&json!([
            {"kind": "feature", "key": "f", "variation": 1, "value": true, "reason": {"kind": "FALLTHROUGH"}, "context": ada},
            {"kind": "custom", "key": "paid", "metricValue": 12.5, "contextKeys": {"user": "ada", "device": "d"}},
            {"kind": "summary", "features": {"f": {"counters": [
                {"variation": 0, "value": false, "count": 3}, {"value": "d", "count": 1, "unknown": true}]}}},
            {"kind": "identify", "context": ada},
            {"kind": "index", "context": {"kind": "multi", "user": {"key": "ada"}, "organization": {"key": "acme"}}},
            {"kind": "click", "key": "goal"}, 7, {"key": "nothing"},
        ]));
        let kinds: Vec<_> = told.iter().map(|event| (event.kind, event.count, event.contexts.len())).collect();
        let expected = [
            (LiveKind::Evaluation, None, 1),
            (LiveKind::Custom, None, 2),
            (LiveKind::Summary, Some(3), 0),
            (LiveKind::Summary, Some(1), 0),
            (LiveKind::Identify, None, 1),
            (LiveKind::Index, None, 2),
            (LiveKind::Other, None, 0),
        ];
        assert_eq!(kinds, expected);
        assert_eq!((told[0].sdk.as_str(), &told[0].value), ("NodeJSClient 9.13.7", &Some(json!(true))));
        assert_eq!(told[0].contexts[0].attributes, *json!({"plan": "gold"}).as_object().unwrap());
        assert_eq!((told[1].metric_value, told[2].variation), (Some(12.5), Some(0)));
    }

    #[test]
    fn what_is_private_is_never_shown_whoever_has_forgotten_to_leave_it_out() {
        let redacted = json!(["email", "/address/street", "/a~1b"]);
        let context = json!({"kind": "user", "key": "ada", "email": "secret-1", "a/b": "secret-2", "plan": "gold",
            "address": {"street": "secret-3", "city": "Ulm"}, "_meta": {"redactedAttributes": redacted}});
        let careless =
            json!({"kind": "user", "key": "bob", "phone": "secret-4", "_meta": {"privateAttributes": ["phone"]}});
        let user = json!({"key": "old", "name": "secret-5", "custom": {"team": "secret-6", "plan": "free"},
            "privateAttrs": ["name", "team"]});
        let told = shown(&json!([
            {"kind": "identify", "context": context}, {"kind": "index", "context": careless}, {"kind": "index", "context": user},
        ]));
        let written = serde_json::to_string(&told).unwrap();
        assert!(!written.contains("secret"), "{written}");
        assert_eq!(told[0].contexts[0].redacted, ["email", "/address/street", "/a~1b"]);
        assert_eq!(told[2].contexts[0].attributes, *json!({"plan": "free"}).as_object().unwrap());
    }

    #[test]
    fn long_things_are_cut_and_many_are_counted() {
        let many: Vec<Value> =
            (0..500).map(|n| json!({"kind": "custom", "key": format!("k{n}{}", "x".repeat(1_000))})).collect();
        let (told, more) = events(&json!(many).to_string(), &Sighting::default(), Timestamp::EPOCH);
        assert_eq!((told.len(), more), (200, 300));
        assert_eq!(told[0].key.as_ref().unwrap().chars().count(), 201);
        let nested = shown(&json!([{"kind": "feature", "key": "f", "value": {"deep": ["x".repeat(10_000)]}}]));
        assert!(nested[0].value.as_ref().unwrap().as_str().unwrap().chars().count() <= 201);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(body in ".{0,200}") {
            drop(events(&body, &Sighting::default(), Timestamp::EPOCH));
        }
    }
}
